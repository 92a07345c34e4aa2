/// Where a proxy's records go, and what did not get there.
public struct JournalStatus: Codable, Hashable, Sendable {
  /// `journal`, `stderr` or `none`.
  public var mode: String
  /// Records that got there.
  public var sent: UInt64
  /// Records lost because the journal did not keep up.
  public var dropped: UInt64
  /// Records left out because there were too many alike.
  public var rateLimited: UInt64

  /// Counts since the start.
  public init(mode: String, sent: UInt64, dropped: UInt64, rateLimited: UInt64) {
    self.mode = mode
    self.sent = sent
    self.dropped = dropped
    self.rateLimited = rateLimited
  }
}
