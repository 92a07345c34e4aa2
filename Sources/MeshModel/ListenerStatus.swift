/// One listening address.
public struct ListenerStatus: Codable, Hashable, Sendable {
  /// What it is for: `outbound`, `inbound`, `health`, `metrics`.
  public var role: String
  /// Where it listens.
  public var address: SocketAddress
  /// Connections accepted on it since the start, by all workers.
  public var accepted: UInt64

  /// A listener.
  public init(role: String, address: SocketAddress, accepted: UInt64 = 0) {
    self.role = role
    self.address = address
    self.accepted = accepted
  }
}
