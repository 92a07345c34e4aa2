public import MeshModel

/// The mesh of one host: nobody else, ever.
public struct SingleHost: Membership {
  /// `up` of the host itself.
  public let events: AsyncStream<MembershipEvent>
  private let own: Member

  /// The mesh of this host alone.
  public init(_ own: Member) {
    self.own = own.with(.alive)
    let up = MembershipEvent.up(self.own)
    events = AsyncStream(bufferingPolicy: .bufferingOldest(1)) { _ = $0.yield(up) }
  }

  /// The host itself.
  public func members() async -> [Member] { [own] }

  /// Refused: who wants a mesh of several hosts starts the agent so.
  public func join(_ addresses: [SocketAddress]) async throws(MembershipError) -> Int {
    throw .notRunning("this agent runs for a single host")
  }

  /// Nobody needs to be told.
  public func leave() async throws(MembershipError) {}

  /// Refused unless nothing changes: nobody would hear it.
  public func setTags(_ tags: MemberTags) async throws(MembershipError) {
    if tags != own.tags { throw .notRunning("this agent runs for a single host") }
  }
}
