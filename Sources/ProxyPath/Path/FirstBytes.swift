/// What a client's first bytes look like.
enum FirstBytes { case tls, http1, http2, opaque, undecided }

/// Classifies a client's first bytes; `undecided` where more could still tell.
func classify(_ bytes: UnsafeRawBufferPointer) -> FirstBytes {
  guard let first = bytes.first else { return .undecided }
  // RFC 8446 section 5.1: a handshake record, legacy version 3.x, holding a ClientHello (type 1).
  if first == ClientHello.firstByte {
    if bytes.count > 1, bytes[1] != 3 { return .opaque }
    if bytes.count > ClientHello.recordHead {
      return bytes[ClientHello.recordHead] == ClientHello.messageType ? .tls : .opaque
    }
    return .undecided
  }
  switch matchPreface(bytes) {
  case .whole: return .http2
  case .prefix: return .undecided
  case .no: return classifyRequestLine(bytes)
  }
}

/// Whether bytes are the preface of HTTP/2, may become it, or are something else.
enum PrefaceMatch { case whole, prefix, no }

/// Whether bytes begin as a client of HTTP/2 does, or may (RFC 9113 section 3.4).
func matchPreface(_ bytes: UnsafeRawBufferPointer) -> PrefaceMatch {
  let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
  let length = preface.utf8CodeUnitCount
  for index in 0..<min(bytes.count, length) where bytes[index] != preface.utf8Start[index] { return .no }
  return bytes.count >= length ? .whole : .prefix
}

/// The longest method that is waited for; the longest registered one, UPDATEREDIRECTREF, has 17 letters.
private let methodLimit = 20
/// A request line longer than this is taken for HTTP/1 without its version in sight (RFC 9112 section 3 asks 8000).
private let requestLineLimit = 8000

/// Empty lines before a request line that are waited through; lenient servers skip any number.
private let emptyLinesLimit = 16

/// `METHOD SP target SP HTTP/1.x` (RFC 9112 section 3), and what only a lenient server takes for it: empty lines before it,
/// small letters, TAB for SP, no target, blanks behind the version, another version. Served as a request that is refused;
/// relayed as it is, it would reach such a server unjudged. "EHLO host" and "SET key value" are none of these.
private func classifyRequestLine(_ bytes: UnsafeRawBufferPointer) -> FirstBytes {
  var first = 0
  while first < bytes.count, isLineEnd(bytes[first]) { first += 1 }
  if first > emptyLinesLimit { return .opaque }
  var index = first
  while index < bytes.count, isMethodLetter(bytes[index]) { index += 1 }
  if index - first > methodLimit { return .opaque }
  if index == bytes.count { return .undecided }
  guard index > first, isBlank(bytes[index]) else { return .opaque }
  let limit = first + requestLineLimit
  guard let end = bytes[index..<min(bytes.count, limit)].firstIndex(of: UInt8(ascii: "\n")) else {
    return bytes.count < limit ? .undecided : .http1
  }
  return endsInVersion(UnsafeRawBufferPointer(rebasing: bytes[index..<end])) ? .http1 : .opaque
}

/// Whether a line, from the blank behind the method on, ends in a blank and `HTTP/` with a number.
private func endsInVersion(_ line: UnsafeRawBufferPointer) -> Bool {
  var end = line.count
  while end > 0, isBlank(line[end - 1]) || line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
  while end > 0,
    line[end - 1] >= UInt8(ascii: "0") && line[end - 1] <= UInt8(ascii: "9") || line[end - 1] == UInt8(ascii: ".")
  {
    end -= 1
  }
  let name: StaticString = "http/"
  let start = end - name.utf8CodeUnitCount
  guard start > 0, isBlank(line[start - 1]) else { return false }
  for offset in 0..<name.utf8CodeUnitCount where line[start + offset] | 0x20 != name.utf8Start[offset] | 0x20 {
    return false
  }
  return true
}

private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

private func isMethodLetter(_ byte: UInt8) -> Bool {
  (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "-")
    || byte == UInt8(ascii: "_")
}
