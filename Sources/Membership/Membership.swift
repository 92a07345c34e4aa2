public import MeshModel

/// Who is in the mesh, and alive.
public protocol Membership: Sendable {
  /// What changes, from `up` of the host itself on. For one reader.
  ///
  /// `MembershipLimit.events` are kept for a slow reader. What comes beyond is not told; once there is room again, what
  /// is then different from what was told is.
  var events: AsyncStream<MembershipEvent> { get }

  /// All that are known, the host itself and those that failed or left lately included, by name.
  func members() async -> [Member]

  /// Joins the mesh of the agents that gossip at these addresses; with how many of them that went well.
  @discardableResult
  func join(_ addresses: [SocketAddress]) async throws(MembershipError) -> Int

  /// Tells the others that this host goes, and stops gossiping.
  func leave() async throws(MembershipError)

  /// Says something else of this host.
  func setTags(_ tags: MemberTags) async throws(MembershipError)
}
