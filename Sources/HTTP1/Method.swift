/// A request's method (RFC 9110 section 9, RFC 5789). Methods are case-sensitive: `get` is another one.
public enum Method: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case get, head, post, put, delete, options, patch, trace, connect
  /// Any other token; the head has its bytes.
  case other

  /// Whether it asks for nothing to change (RFC 9110 section 9.2.1).
  @inlinable public var isSafe: Bool {
    switch self {
    case .get, .head, .options, .trace: true
    default: false
    }
  }

  /// Whether doing it twice is like doing it once (RFC 9110 section 9.2.2); not known of `other`.
  @inlinable public var isIdempotent: Bool {
    switch self {
    case .get, .head, .options, .trace, .put, .delete: true
    default: false
    }
  }

  /// As it is written; empty for `other`.
  public var text: StaticString {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    case .patch: "PATCH"
    case .trace: "TRACE"
    case .connect: "CONNECT"
    case .other: ""
    }
  }

  /// The method that `count` bytes at `start` name.
  /// The method that a text spells; `other` for one without a name here.
  public init(_ text: UnsafeRawBufferPointer) {
    self = text.baseAddress.map { Method.recognize($0, text.count) } ?? .other
  }

  static func recognize(_ start: UnsafeRawPointer, _ count: Int) -> Method {
    switch count {
    case 3:
      if FixedText.isEqual(start, "GET") { return .get }
      if FixedText.isEqual(start, "PUT") { return .put }
    case 4:
      if FixedText.isEqual(start, "POST") { return .post }
      if FixedText.isEqual(start, "HEAD") { return .head }
    case 5:
      if FixedText.isEqual(start, "PATCH") { return .patch }
      if FixedText.isEqual(start, "TRACE") { return .trace }
    case 6: if FixedText.isEqual(start, "DELETE") { return .delete }
    case 7:
      if FixedText.isEqual(start, "OPTIONS") { return .options }
      if FixedText.isEqual(start, "CONNECT") { return .connect }
    default: break
    }
    return .other
  }
}
