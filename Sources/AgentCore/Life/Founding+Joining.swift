internal import AgentStore
internal import Authority
internal import MeshModel
internal import PeerService

extension Founding {
  /// Joins the mesh that a token leads to. What it gave is on disk when this returns.
  static func join(_ token: JoinToken, _ store: AgentStore, _ settings: AgentSettings) async throws -> Founding {
    guard HostAddresses.first(settings) != nil else {
      throw MeshRefusal(
        "this host has no address but loopback that the mesh could reach; start the agent with --address"
      )
    }
    let hostName = settings.hostName ?? HostAddresses.kernelName
    let hostKey = HostKey()
    let joined = try await PeerJoin.join(token, hostName: hostName, hostKey: hostKey)
    let admission = joined.admission
    try store.keys.write(TrustMemory.Key.hostKey, hostKey.encoded.bytes)
    try store.keys.write(HostFile.gossipKey, admission.gossipKey)
    try HostFile.write(joined.identity, to: store)
    try store.set([
      Key.meshName: Array(admission.meshName.utf8), Key.hostName: Array(hostName.utf8),
      Key.credential: admission.credential, Key.gossipPeers: AddressList.encode(admission.gossipPeers),
      Key.authorities: AddressList.encode(token.addresses),
      TrustMemory.Key.roster: admission.roster.isEmpty ? nil : admission.roster,
    ])
    // The roots, by which a start knows that there is a mesh, last.
    try TrustMemory.save(admission.bundle, formerRoots: admission.formerRoots, to: store)
    guard let founding = try load(store, settings) else { throw MeshRefusal("what was written is not there") }
    return founding
  }

  /// Whether a token leads to the mesh that this host is in already, as with the second start of one command.
  func isReached(by token: JoinToken) -> Bool { trust.roots.contains { token.isPinned($0) } }
}
