/// What became of one stream so far.
public struct DeltaCounts: Hashable, Sendable {
  /// Responses sent.
  public var responses: UInt64 = 0
  /// Resources in them.
  public var resources: UInt64 = 0
  /// Names in them of what is not there.
  public var removals: UInt64 = 0
  /// Bytes of the resources in them.
  public var bytes: UInt64 = 0
  /// Responses that the proxy took.
  public var taken: UInt64 = 0
  /// Responses that it refused.
  public var refused: UInt64 = 0
  /// Answers to a response that is not the one outstanding: they count for nothing.
  public var stale: UInt64 = 0
  /// Times that a resource could not be sent.
  public var unsendable: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
