internal import HTTP1
public import HTTP2

/// What a response between two sides that speak HTTP/2 says of its length in advance. The form of HTTP/1.1 in between cannot
/// say it as it was said: a body of chunks has no Content-Length, while HTTP/2 has it beside trailers, and an answer that is a
/// head alone has one there whether it came with it or not.
public enum AnnouncedLength: BitwiseCopyable, Equatable, Sendable {
  /// As the form of HTTP/1.1 has it.
  case asWritten
  /// Nothing.
  case unsaid
  case bytes(UInt64)

  /// What a response's fields say.
  public init(_ fields: PathFieldList) {
    self = .unsaid
    guard let text = fields["content-length"], !text.isEmpty else { return }
    var count: UInt64 = 0
    for byte in text {
      let digit = UInt64(byte &- 0x30)
      // nghttp2 lets numbers of 63 bits pass and nothing else.
      guard digit < 10, count <= (UInt64.max >> 1 - digit) / 10 else { return }
      count = count * 10 + digit
    }
    self = .bytes(count)
  }
}
