/// How many connections a proxy carries and carried.
public struct ConnectionCounts: Codable, Hashable, Sendable {
  /// Carried now.
  public var open: UInt64
  /// Since the start.
  public var total: UInt64
  /// Refused by policy since the start.
  public var denied: UInt64

  /// Counts since the start.
  public init(open: UInt64, total: UInt64, denied: UInt64 = 0) {
    self.open = open
    self.total = total
    self.denied = denied
  }
}
