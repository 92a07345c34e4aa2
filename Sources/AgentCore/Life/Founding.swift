internal import AgentStore
internal import Authority
internal import Glibc
internal import Membership
internal import MeshModel
internal import Replication

/// What makes this host one of a mesh: its name and key, and whom it trusts. Made once, with the first start.
struct Founding: Sendable {
  let identity: MeshIdentity
  let credential: [UInt8]
  let keyring: AgentKeyring
  let trust: TrustMemory
  /// Where hosts gossip that were there when this one ran last.
  let gossipPeers: [SocketAddress]

  enum Key {
    static let meshName = "mesh-name", hostName = "host-name", credential = "credential", gossipPeers = "gossip-peers",
      authorities = "authorities"
  }

  /// Who the host is to gossip.
  func member(_ settings: AgentSettings) -> Member {
    let address = SocketAddress(HostAddresses.first(settings) ?? .loopback, port: settings.peerPort)
    return Member(
      name: identity.hostName,
      address: SocketAddress(address.ip, port: settings.gossipPort),
      tags: MemberTags(
        key: identity.owner.key,
        peerAddress: address,
        role: trust.authority == nil && trust.delegate == nil ? .member : .authority
      )
    )
  }

  /// The mesh that the store knows; nil where it knows none.
  static func load(_ store: AgentStore, _ settings: AgentSettings) throws -> Founding? {
    guard let trust = try TrustMemory.load(store) else { return nil }
    guard let meshName = try store.setting(Key.meshName), let hostName = try store.setting(Key.hostName),
      let credential = try store.setting(Key.credential), let key = try store.keys.read(TrustMemory.Key.hostKey)
    else {
      throw MeshRefusal(
        "the host's name, key or credential is missing beside the mesh's roots; restore the directory, or empty it and join again"
      )
    }
    let hostKey = try HostKey(decoding: SecretBytes(key))
    return try Founding(
      String(decoding: meshName, as: UTF8.self),
      String(decoding: hostName, as: UTF8.self),
      hostKey,
      credential,
      trust,
      AddressList.decode(store.setting(Key.gossipPeers) ?? [])
    )
  }

  /// A new mesh, of which this host is the first and the authority.
  static func create(_ store: AgentStore, _ settings: AgentSettings) throws -> Founding {
    let now_s = Clocks.wall_s
    let domain = try TrustDomain(settings.trustDomain)
    let hostName = settings.hostName ?? HostAddresses.kernelName
    let authority = try AuthorityState(new: domain, now_s: now_s)
    let hostKey = HostKey()
    let credential = try authority.admit(ownerName: hostName, publicKey: hostKey.publicKey, now_s: now_s).encoded
    // What is left of a join that was broken off is of another mesh.
    try store.keys.remove(HostFile.gossipKey)
    try store.keys.remove(HostFile.identity)
    // The keys first; the roots, by which a start knows that there is a mesh, last.
    try store.keys.write(TrustMemory.Key.hostKey, hostKey.encoded.bytes)
    try store.set([
      Key.meshName: Array(settings.meshName.utf8), Key.hostName: Array(hostName.utf8), Key.credential: credential,
    ])
    try TrustMemory.save(authority, to: store)
    guard let founding = try load(store, settings) else { throw MeshRefusal("what was written is not there") }
    return founding
  }

  private init(
    _ meshName: String,
    _ hostName: String,
    _ hostKey: HostKey,
    _ credential: [UInt8],
    _ trust: TrustMemory,
    _ gossipPeers: [SocketAddress]
  ) throws {
    self.trust = trust
    self.gossipPeers = gossipPeers
    self.credential = credential
    keyring = try AgentKeyring(
      key: hostKey,
      trustDomain: trust.bundle.trustDomain,
      roots: trust.roots,
      authorities: trust.roster?.owners ?? []
    )
    identity = MeshIdentity(
      meshName: meshName,
      trustDomain: trust.bundle.trustDomain.name,
      owner: OwnerID(name: hostName, key: hostKey.fingerprint)
    )
  }
}
