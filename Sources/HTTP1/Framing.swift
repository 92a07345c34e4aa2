/// How the end of a request's body is found (RFC 9112 section 6.3).
public enum RequestFraming: Equatable, Sendable, BitwiseCopyable {
  /// There is no body: what follows the head is the next message.
  case none
  /// So many bytes.
  case length(UInt64)
  /// Chunks, up to the empty one and its trailer section.
  case chunked
}

/// How the end of a response's body is found (RFC 9112 section 6.3).
public enum ResponseFraming: Equatable, Sendable, BitwiseCopyable {
  /// There is no body, whatever the head announces: an answer to HEAD, 1xx, 204 or 304.
  case none
  /// So many bytes.
  case length(UInt64)
  /// Chunks, up to the empty one and its trailer section.
  case chunked
  /// All that comes until the connection is closed.
  case untilClose
  /// The connection is no longer HTTP/1: 101, or 2xx to CONNECT.
  case tunnel
}
