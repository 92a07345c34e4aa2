internal import AgentStore
internal import Authority
internal import Logging
internal import MeshAPI
internal import Membership
internal import MeshModel
internal import PeerService
internal import Replication

/// The other hosts: who they are, how they are let in, and the way to them.
///
/// A lone host has no port and no gossip. Its network opens with the first token that it makes, or with its own join, and
/// from then on with every start.
actor Network {
  let founding: Founding
  let settings: AgentSettings
  let store: AgentStore
  let mesh: Mesh
  let trust: Trust
  let log: Logger
  let outbox: PeerOutbox
  var membership: any Membership
  /// What there is of an open network; nil while this is a lone host.
  var links: NetworkLinks?
  /// The port for other hosts.
  var server: PeerServer?
  /// What admits this host's records: the root's word, or that of the authority that let it in until the root confirms it.
  var credential: [UInt8]
  /// Hosts that are there.
  var addresses: [OwnerID: SocketAddress] = [:]
  /// Those of them that say by gossip that they sign for others, by name: whom to ask before there is a roster.
  var authorities: [String: SocketAddress] = [:]
  /// Where authorities were when it was written down last.
  var remembered: [SocketAddress] = []
  /// Where others gossip, as it was written down last.
  var gossipPeers: [SocketAddress]
  var choice = AuthorityChoice()
  /// What this host says by gossip of its role.
  var toldRole: MemberTags.Role
  /// Why this host's role could not be brought up to date; nil where it could.
  var roleFailure: String?
  /// What fails for a while is told once, not every half minute.
  var toldOfTrust = false
  var toldOfRenewal = false
  /// When the authority is asked for the mesh's roots next, seconds since 1970.
  var rootsDue_s: Int64 = 0
  /// When a host that turns this one away is a reason again to ask before that, milliseconds of the monotonic clock.
  var turnedAwayDue_ms: UInt64 = 0
  /// Keys of hosts whose intermediates this host's connections refuse.
  var refusedKeys: Set<KeyFingerprint> = []
  /// Roots by which this host's connections are judged, DER.
  var believedRoots: Set<[UInt8]> = []
  /// All roots that this host had when it looked last, those that left the bundle among them, DER.
  var knownRoots: Set<[UInt8]>
  /// The certificate that this host showed to others after it looked last.
  var shownCertificate: IssuedCertificate?
  /// Credentials that hosts showed which are there, by their hellos or since the root confirmed them.
  var shownCredentials: [OwnerID: [UInt8]] = [:]
  /// When this host tells the roster that it believes, milliseconds of the monotonic clock; nil where another does.
  var passesOn_ms: UInt64?
  /// The authority that signed this host's certificate, where nobody else took that certificate of late.
  var doubted: KeyFingerprint?
  /// Whether nobody took this host's certificate of late, so that its root may be forgotten where a later one is known.
  var doubtsOldRoot = false
  /// Why that one could not be replaced; nil where it was, or need not be.
  var oldRootFailure: String?
  /// Since when, milliseconds of the monotonic clock.
  var doubted_ms: UInt64 = 0
  /// Hosts that showed certificates of a root that this one does not know, and when last, milliseconds of the monotonic clock.
  var foreign: [OwnerID: UInt64] = [:]
  /// The roots by which they may be known are being asked for.
  var isCatchingUp = false
  /// The root that this host has the key of has said that it left the mesh: this host is older than that.
  var isSuperseded = false
  /// A live agent that has this host's key; nil where there is none that is known of.
  var keyCopy: KeyCopy?
  /// When it was met last.
  var copyMet: ContinuousClock.Instant?
  /// Why this host, which was in a network, is not; nil where it is, or never was.
  var aloneFor: String?
  /// There is something to be looked at before the pause is over.
  var hasNews = false
  /// Looks in a row in which something failed.
  var failures = 0
  var pause: Task<Void?, Never>?
  let openings: AsyncStream<NetworkLinks>
  let opened: AsyncStream<NetworkLinks>.Continuation

  init(
    _ founding: Founding,
    _ settings: AgentSettings,
    store: AgentStore,
    mesh: Mesh,
    trust: Trust,
    outbox: PeerOutbox,
    log: Logger
  ) {
    self.founding = founding
    self.settings = settings
    self.store = store
    self.mesh = mesh
    self.trust = trust
    self.outbox = outbox
    self.log = log
    credential = founding.credential
    knownRoots = Set(founding.trust.roots)
    gossipPeers = founding.gossipPeers
    toldRole = founding.member(settings).tags.role
    membership = SingleHost(founding.member(settings))
    (openings, opened) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
  }

  var identity: MeshIdentity { founding.identity }

  // MARK: Asked by operators

  func members() async -> Weft_Agent_V1_MembersReply {
    var reply = Weft_Agent_V1_MembersReply()
    let known = await membership.members()
    let holdings = await mesh.holdings(of: known.map(\.owner))
    let roster = await trust.roster
    reply.members = known.map { member in
      var told = Weft_Agent_V1_MembersReply.Member()
      told.name = member.name
      told.address = member.tags.peerAddress.description
      told.status = member.status.rawValue
      told.fingerprint = member.owner.fingerprint
      // Anyone may say so by gossip; the roster is the root's word.
      told.isAuthority = roster.map { $0.holder(member.owner) != nil } ?? (member.tags.role == .authority)
      told.isSelf = member.owner == identity.owner
      guard let holding = holdings[member.owner] else { return told }
      told.records = UInt32(clamping: holding.records)
      told.recordsHere = "\(holding.last.epoch).\(holding.last.sequence)"
      return told
    }
    return reply
  }

  /// Makes a token, and opens the network first where this is a lone host.
  func createToken(_ request: Weft_Agent_V1_CreateTokenRequest) async throws -> Weft_Agent_V1_CreateTokenReply {
    let wish = TokenWish(
      hostName: request.hostName.isEmpty ? nil : request.hostName,
      life_s: request.lifetimeMs == 0 ? nil : Int64(clamping: request.lifetimeMs / 1_000),
      address: founding.member(settings).tags.peerAddress
    )
    // What cannot be made opens no port.
    try await trust.check(wish)
    try await open()
    guard let server, await server.port != nil else {
      throw MeshRefusal(
        "no other host could join: port \(settings.peerPort) is not open; the journal says why, and --peer-port chooses another"
      )
    }
    let minted = try await trust.mint(wish)
    var reply = Weft_Agent_V1_CreateTokenReply()
    reply.token = minted.token.text
    reply.expiresMs = UInt64(clamping: minted.expires_s * 1_000)
    reply.command = "weft-agent run --join \(minted.token.text)"
    return reply
  }

  /// Drops what hosts of that name wrote that are gone and left no documents; how many records.
  func forget(_ name: String, fingerprint: String) async throws -> Int {
    let namesakes = await membership.members().filter { $0.name == name }
    guard !namesakes.contains(where: { $0.status == .alive && $0.owner.fingerprint.hasPrefix(fingerprint) }) else {
      throw MeshRefusal("\(name) is alive, so it is not forgotten; stop its agent first")
    }
    let records = try await mesh.forget { $0.name == name && $0.fingerprint.hasPrefix(fingerprint) }
    guard let serf = membership as? SerfMembership, !namesakes.isEmpty else {
      guard records != nil else { throw MeshRefusal("no host called \(name) is known; see `weft members`") }
      return records ?? 0
    }
    do { try await serf.forget(name) } catch { throw MeshRefusal("\(error)") }
    return records ?? 0
  }

  // MARK: Asked by other hosts

  /// Lets a host in by its token.
  func admit(_ application: JoinApplication) async throws -> Admission {
    guard let links else { throw PeerError.refused("this host is alone") }
    let name = application.hostName
    let namesake = await membership.members().first { $0.name == name && $0.status == .alive }
    if let namesake {
      throw PeerError.refused(
        "a host called \(name) is in the mesh and alive, at \(namesake.tags.peerAddress); choose another --host-name"
      )
    }
    let admitted = try await trust.admit(application, by: credential)
    log.notice("a host joins", metadata: ["HOST": "\(name)", "OWNER": "\(admitted.owner)"])
    let peers = await membership.members().filter { $0.status == .alive && $0.name != identity.hostName }
    return Admission(
      meshName: identity.meshName,
      bundle: admitted.bundle,
      formerRoots: admitted.formerRoots,
      chain: admitted.chain,
      credential: admitted.credential,
      gossipKey: links.gossipKey.bytes,
      // This host first: it is there for certain.
      gossipPeers: [links.gossipAddress] + peers.prefix(MembershipLimit.joinAddresses - 1).map(\.address),
      roster: admitted.roster
    )
  }
}

extension OwnerID {
  /// The first eight bytes of the key's fingerprint, as hexadecimal digits: enough to tell namesakes apart.
  var fingerprint: String {
    key.bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
