internal import AgentStore
internal import Authority
internal import Membership
internal import MeshModel
internal import PeerService
internal import Replication

extension Network {
  /// The network, opened where it is not yet: the gossip key is made, and kept for every later start.
  @discardableResult
  func open() async throws -> NetworkLinks {
    if let links { return links }
    let key = if let known = try gossipKey() { known } else { try await newGossipKey() }
    let identity = try await hostIdentity()
    // Another call may have opened it meanwhile.
    if let links { return links }
    let links = try await connect(key, identity)
    self.links = links
    membership = links.serf
    let clients = links.clients
    outbox.connect { clients.send($0, to: $1) }
    server = newServer(links)
    // An authority without the root may need others when its own intermediate has run out.
    if await !trust.hasRoot { await trust.use(MeshAuthority(network: self)) }
    opened.yield(links)
    return links
  }

  /// Whether this host was in a network when it last ran. Throws where what it kept of it cannot be read, or is gone.
  func wasOpen() async throws -> Bool {
    if try gossipKey() != nil { return true }
    guard await !isAmongOthers else { throw Self.missingKey }
    return false
  }

  /// Whether there are other hosts in the mesh: this one joined it, or has records of others.
  private var isAmongOthers: Bool {
    get async {
      guard founding.trust.authority != nil else { return true }
      return await mesh.knownHosts > 1
    }
  }

  private static let missingKey = MeshRefusal(
    "\(HostFile.gossipKey) of the data directory is missing; restore it, or copy it from another host, which has the same"
  )

  private func gossipKey() throws -> GossipKey? {
    guard let bytes = try store.keys.read(HostFile.gossipKey) else { return nil }
    guard let key = GossipKey(bytes) else {
      throw MeshRefusal(
        "\(HostFile.gossipKey) of the data directory is damaged; restore it, or copy it from another host, which has the same"
      )
    }
    return key
  }

  /// The key of a mesh that has one host until now: another one than the others' would part this host from them.
  private func newGossipKey() async throws -> GossipKey {
    guard await !isAmongOthers else { throw Self.missingKey }
    let key = GossipKey.random()
    try store.keys.write(HostFile.gossipKey, key.bytes)
    return key
  }

  private func connect(_ key: GossipKey, _ certificate: Identity) async throws -> NetworkLinks {
    guard let ip = HostAddresses.first(settings) else {
      throw MeshRefusal("this host has no address that others could reach; start the agent with --address")
    }
    let (bundle, revoked) = await (trust.bundle, trust.revokedKeys)
    refusedKeys = revoked
    believedRoots = Set(bundle.roots)
    let peerTrust = try PeerTrust(
      owner: identity.owner,
      credential: credential,
      keyring: founding.keyring,
      identity: certificate,
      bundle: bundle,
      revoked: revoked
    )
    let own = founding.member(settings)
    let mesh = mesh
    let clients = PeerClients(
      trust: peerTrust,
      counts: outbox.counts,
      turnedAway: { [weak self] in Task { await self?.turnedAway() } },
      foreign: { [weak self] peer in Task { await self?.metForeign(peer) } },
      receive: { await mesh.receive($0, from: $1) }
    )
    let serf = try SerfMembership(
      SerfConfiguration(
        name: identity.hostName,
        directory: absolute(settings.dataDirectory) + "/serf",
        key: key,
        tags: own.tags,
        bind: SocketAddress(Self.everywhere(like: ip), port: settings.gossipPort),
        advertise: own.address,
        join: founding.gossipPeers,
        profile: .fitting(hosts: max(await mesh.knownHosts, founding.gossipPeers.count + 1))
      ),
      logger: log
    )
    return NetworkLinks(
      trust: peerTrust,
      clients: clients,
      serf: serf,
      gossipKey: key,
      address: own.tags.peerAddress,
      gossipAddress: own.address
    )
  }

  /// The port for other hosts, which listens once it is run. It is where others are told to come, whatever the interface.
  func newServer(_ links: NetworkLinks) -> PeerServer {
    PeerServer(
      SocketAddress(Self.everywhere(like: links.address.ip), port: settings.peerPort),
      trust: links.trust,
      handler: PeerDoor(network: self, hosts: trust, mesh: mesh),
      counts: outbox.counts,
      log: log
    )
  }

  private static func everywhere(like ip: IPAddress) -> IPAddress {
    ip.isIPv4 ? IPAddress(v4: 0) : IPAddress(high: 0, low: 0)
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : HostAddresses.workingDirectory + "/" + path
  }
}
