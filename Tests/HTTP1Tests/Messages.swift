import HTTP1

/// A text for a test's message, where what matters is easier seen in bytes.
func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

/// Parses `message` as a request and lends the head, whose bytes live as long.
func withRequest<Result>(
  _ message: String,
  _ body: (HeadOutcome, inout RequestHead) throws -> Result
) rethrows -> Result {
  try withRequest(Array(message.utf8), body)
}

/// The same for bytes.
func withRequest<Result>(
  _ message: [UInt8],
  _ body: (HeadOutcome, inout RequestHead) throws -> Result
) rethrows -> Result {
  try message.withUnsafeBytes { bytes in
    var head = RequestHead()
    let outcome = head.parse(bytes)
    return try body(outcome, &head)
  }
}

/// Parses `message` as a response and lends the head.
func withResponse<Result>(
  _ message: String,
  _ body: (HeadOutcome, inout ResponseHead) throws -> Result
) rethrows -> Result {
  try withResponse(Array(message.utf8), body)
}

/// The same for bytes.
func withResponse<Result>(
  _ message: [UInt8],
  _ body: (HeadOutcome, inout ResponseHead) throws -> Result
) rethrows -> Result {
  try message.withUnsafeBytes { bytes in
    var head = ResponseHead()
    let outcome = head.parse(bytes)
    return try body(outcome, &head)
  }
}

/// What is written by `body` into a buffer of `room` bytes, or nil where it did not fit.
func written(room: Int = 80 << 10, _ body: (inout HeadWriter) -> Void) -> String? {
  writtenBytes(room: room, body).map { String(decoding: $0, as: UTF8.self) }
}

/// The same as bytes.
func writtenBytes(room: Int = 80 << 10, _ body: (inout HeadWriter) -> Void) -> [UInt8]? {
  withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { buffer in
    var writer = HeadWriter(buffer)
    body(&writer)
    return writer.isOverflown ? nil : Array(writer.written)
  }
}
