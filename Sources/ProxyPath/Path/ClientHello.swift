/// What a TLS client says in clear of where it is going: server name (RFC 6066 section 3) and protocols (RFC 7301).
struct ClientHello: BitwiseCopyable {
  /// A DNS name has at most 253 bytes; a longer one is not kept.
  static let nameLimit = 255
  /// Offered protocols joined by commas, cut at a whole name.
  static let protocolsLimit = 63

  /// A handshake record's type (RFC 8446 section 5.1).
  static let firstByte: UInt8 = 0x16
  /// Bytes before the message: the record's type, version and length.
  static let recordHead = 5
  /// A handshake message's type (RFC 8446 section 4).
  static let messageType: UInt8 = 1
  /// Extension types (RFC 8446 section 4.2): server_name, application_layer_protocol_negotiation.
  private static let serverName = 0
  private static let alpn = 16
  /// Bytes of legacy_version and random (RFC 8446 section 4.1.2).
  private static let fixedPart = 2 + 32

  // The limits above: a type cannot be told its size by a constant.
  typealias Name = InlineArray<255, UInt8>
  typealias Protocols = InlineArray<63, UInt8>

  private(set) var name = Name(repeating: 0)
  private(set) var nameCount: UInt8 = 0
  private(set) var protocols = Protocols(repeating: 0)
  private(set) var protocolsCount: UInt8 = 0

  /// What came of a first flight, as far as it is here.
  enum Outcome { case complete, incomplete, malformed }

  /// Parses the records of a first flight. `incomplete` where more bytes may complete the message.
  static func parse(_ bytes: UnsafeRawBufferPointer, into hello: inout ClientHello) -> Outcome {
    // A ClientHello may span records (RFC 8446 section 5.1); `RecordReader` hides the seams.
    var reader = RecordReader(bytes: bytes)
    guard let type = reader.byte() else { return reader.outcome }
    guard type == messageType else { return .malformed }
    guard let length = reader.number(bytes: 3) else { return reader.outcome }
    guard length <= Detection.partialLimit else { return .malformed }
    switch reader.lookAhead(length) {
    case .complete: break
    case let missing: return missing
    }
    reader.enter(length)
    guard reader.skip(fixedPart),
      let session = reader.number(bytes: 1), reader.skip(session),
      let suites = reader.number(bytes: 2), reader.skip(suites),
      let compression = reader.number(bytes: 1), reader.skip(compression)
    else { return .malformed }
    guard var left = reader.number(bytes: 2) else { return .complete }  // no extensions: fine before TLS 1.3
    while left >= 4 {
      guard let kind = reader.number(bytes: 2), let size = reader.number(bytes: 2), size <= left - 4 else {
        return .malformed
      }
      left -= 4 + size
      switch kind {
      case serverName: guard hello.readName(&reader, size) else { return .malformed }
      case alpn: guard hello.readProtocols(&reader, size) else { return .malformed }
      default: guard reader.skip(size) else { return .malformed }
      }
    }
    return .complete
  }

  /// server_name: a list of (type 0, length, name).
  private mutating func readName(_ reader: inout RecordReader, _ size: Int) -> Bool {
    guard size >= 5 else { return reader.skip(size) }
    guard reader.skip(2), let kind = reader.number(bytes: 1), let length = reader.number(bytes: 2), length <= size - 5
    else { return false }
    guard kind == 0, length <= Self.nameLimit else { return reader.skip(size - 5) }
    for index in 0..<length {
      guard let byte = reader.byte() else { return false }
      name[index] = byte
    }
    nameCount = UInt8(length)
    return reader.skip(size - 5 - length)
  }

  /// application_layer_protocol_negotiation: a list of (length, name).
  private mutating func readProtocols(_ reader: inout RecordReader, _ size: Int) -> Bool {
    guard size >= 2, reader.skip(2) else { return reader.skip(size) }
    var left = size - 2
    while left > 0 {
      guard let length = reader.number(bytes: 1), length <= left - 1 else { return false }
      left -= 1 + length
      let separator = protocolsCount == 0 ? 0 : 1
      guard Int(protocolsCount) + separator + length <= Self.protocolsLimit else {
        guard reader.skip(length) else { return false }
        continue
      }
      if separator == 1 { append(UInt8(ascii: ",")) }
      for _ in 0..<length {
        guard let byte = reader.byte() else { return false }
        append(byte)
      }
    }
    return true
  }

  private mutating func append(_ byte: UInt8) {
    protocols[Int(protocolsCount)] = byte
    protocolsCount += 1
  }

  /// The server name's bytes, as the client sent them.
  func withName<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: name) { body(UnsafeRawBufferPointer(rebasing: $0[..<Int(nameCount)])) }
  }

  /// The offered protocols' bytes, joined by commas.
  func withProtocols<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: protocols) { body(UnsafeRawBufferPointer(rebasing: $0[..<Int(protocolsCount)])) }
  }
}

/// Reads the handshake bytes inside TLS records one after the other, without copying them together.
private struct RecordReader {
  let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var leftInRecord = 0
  private var isMalformed = false
  /// Bytes left in the message being read.
  private var leftInMessage = Int.max

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Why the last read gave nothing.
  var outcome: ClientHello.Outcome { isMalformed ? .malformed : .incomplete }

  /// What is read from here on belongs to one message of `length` bytes and ends with it.
  mutating func enter(_ length: Int) { leftInMessage = length }

  /// The next byte of the message; nil where it ends, or is not here yet, or is none.
  mutating func byte() -> UInt8? {
    guard leftInMessage > 0 else { return nil }
    while leftInRecord == 0 {
      guard !isMalformed, position + ClientHello.recordHead <= bytes.count else { return nil }
      guard bytes[position] == ClientHello.firstByte, bytes[position + 1] == 3 else {
        isMalformed = true
        return nil
      }
      leftInRecord = Int(bytes[position + 3]) << 8 | Int(bytes[position + 4])
      position += ClientHello.recordHead
      if leftInRecord == 0 { isMalformed = true }  // empty handshake records are forbidden (RFC 8446 section 5.1)
    }
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    leftInRecord -= 1
    leftInMessage -= 1
    return bytes[position]
  }

  /// The next bytes as one number, the most significant first.
  mutating func number(bytes count: Int) -> Int? {
    var value = 0
    for _ in 0..<count {
      guard let next = byte() else { return nil }
      value = value << 8 | Int(next)
    }
    return value
  }

  /// Passes over so many bytes; false where there are not as many.
  mutating func skip(_ count: Int) -> Bool {
    for _ in 0..<count where byte() == nil { return false }
    return true
  }

  /// Whether `count` more bytes are there, across records; moves nothing.
  func lookAhead(_ count: Int) -> ClientHello.Outcome {
    var ahead = self
    return ahead.skip(count) ? .complete : ahead.outcome
  }
}
