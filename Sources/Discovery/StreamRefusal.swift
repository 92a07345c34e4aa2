/// Why the agent ends a proxy's stream: a gRPC status, and a sentence that says what was wrong with a request.
public struct StreamRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The gRPC status codes that are used here (grpc/doc/statuscodes.md).
  public enum Code: Int, Hashable, Sendable {
    case invalidArgument = 3
    case resourceExhausted = 8
  }

  /// The status.
  public let code: Code
  /// What was wrong, and what would be right.
  public let reason: String

  init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason.cut(to: DiscoveryLimit.reasonBytes)
  }

  /// The reason.
  public var description: String { reason }
}

extension String {
  /// The text, or as much of it as fits `limit` bytes without breaking a character.
  func cut(to limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var end = utf8.index(startIndex, offsetBy: limit)
    while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
