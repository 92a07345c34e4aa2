public import Authority
public import MeshModel
public import Replication

/// Who asks to be let in. That it has the key is shown already.
public struct JoinApplication: Sendable {
  /// The token's secret part.
  public let secret: SecretBytes
  /// The name it wants.
  public let hostName: String
  /// DER of the request for its certificate.
  public let certificateRequest: [UInt8]
  /// What will sign its records, X9.63.
  public let ownerKey: [UInt8]

  /// An application of its parts.
  public init(secret: SecretBytes, hostName: String, certificateRequest: [UInt8], ownerKey: [UInt8]) {
    self.secret = secret
    self.hostName = hostName
    self.certificateRequest = certificateRequest
    self.ownerKey = ownerKey
  }
}

/// What a host is given that was let in.
public struct Admission: Sendable {
  /// The mesh's name.
  public var meshName: String
  /// The roots of now.
  public var bundle: TrustBundle
  /// DER of roots that still vouch for owners.
  public var formerRoots: [[UInt8]]
  /// The host's certificate, DER, leaf first.
  public var chain: [[UInt8]]
  /// What admits its records.
  public var credential: [UInt8]
  /// The key that members gossip with.
  public var gossipKey: [UInt8]
  /// Members to gossip with.
  public var gossipPeers: [SocketAddress]
  /// Who has the authority's role (`AuthorityRoster.encoded`); empty where nobody wrote it down yet.
  public var roster: [UInt8]

  /// An admission of its parts.
  public init(
    meshName: String,
    bundle: TrustBundle,
    formerRoots: [[UInt8]],
    chain: [[UInt8]],
    credential: [UInt8],
    gossipKey: [UInt8],
    gossipPeers: [SocketAddress],
    roster: [UInt8] = []
  ) {
    self.roster = roster
    self.meshName = meshName
    self.bundle = bundle
    self.formerRoots = formerRoots
    self.chain = chain
    self.credential = credential
    self.gossipKey = gossipKey
    self.gossipPeers = gossipPeers
  }
}

/// The certificates of those who sign.
public struct TrustAnswer: Sendable {
  /// DER of the roots of now.
  public var roots: [[UInt8]]
  /// DER of the intermediates of now.
  public var intermediates: [[UInt8]]
  /// DER of roots that still vouch for owners.
  public var formerRoots: [[UInt8]]
  /// The version of the bundle that `roots` are: an older one than the asker's own is no news. 0 where it is not told.
  public var bundleVersion: Int64
  /// The roots as one of them signed them (`TrustStatement`), for hosts that are told.
  public var statement: [UInt8]
  /// The last words of roots that left of late.
  public var handovers: [Handover]

  /// An answer of its parts.
  public init(
    roots: [[UInt8]],
    intermediates: [[UInt8]],
    formerRoots: [[UInt8]],
    bundleVersion: Int64 = 0,
    statement: [UInt8] = [],
    handovers: [Handover] = []
  ) {
    self.bundleVersion = bundleVersion
    self.statement = statement
    self.handovers = handovers
    self.roots = roots
    self.intermediates = intermediates
    self.formerRoots = formerRoots
  }
}

/// What the agent does for other hosts. What it throws as `PeerError.refused` is told to who asked.
public protocol PeerHandler: Sendable {
  /// Lets a host in by its token, which is used up.
  func join(_ application: JoinApplication) async throws -> Admission
  /// Signs for the host of that name, which may have what it asks for: its own identity, or a workload's.
  func sign(_ id: SPIFFEID, request: [UInt8], host: String) async throws -> (chain: [[UInt8]], roots: [[UInt8]])
  /// Signs a JWT-SVID of a workload.
  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) async throws -> SignedJWT
  /// The intermediate, DER, of an owner that has the authority's role and has shown its key.
  func delegate(_ owner: OwnerID, request: [UInt8]) async throws -> [UInt8]
  /// The root's credential for an owner that another authority admitted.
  func confirm(_ credential: OwnerCredential) async throws -> [UInt8]
  /// The roots of now.
  func trust() async throws -> TrustAnswer
  /// The last words of roots that left of late.
  func handovers() async -> [Handover]
  /// DER of roots that were forgotten of late, for hosts whose certificates they vouched for.
  func forgottenRoots() async -> [[UInt8]]
  /// A host has said hello for this owner, by this credential.
  func greeted(by owner: OwnerID, credential: [UInt8]) async
  /// An agent of this one's own key, which is not this one, has said hello from there: it has a copy of this host's disk.
  func metCopy(at ip: IPAddress) async
  /// Takes a message of replication.
  func receive(_ message: [UInt8], from owner: OwnerID) async
}
