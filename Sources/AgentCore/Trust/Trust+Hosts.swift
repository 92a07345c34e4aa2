internal import AgentStore
internal import Authority
internal import MeshModel
internal import PeerService
internal import Replication

/// What is asked for with a token.
struct TokenWish: Sendable {
  /// The only host to be let in; nil for any.
  let hostName: String?
  /// Seconds that it lives; nil for the usual time.
  let life_s: Int64?
  /// Where the new host asks.
  let address: SocketAddress
}

/// What hosts are given, and what this host takes over from the authority.
extension Trust {
  var isAuthority: Bool { authority != nil || delegate != nil }

  var hasRoot: Bool { authority != nil }

  /// DER of the intermediate that this host signs by; nil where it signs for nobody, or its own has run out.
  var ownIntermediate: [UInt8]? {
    authority?.issuers.last ?? delegate.flatMap { now_s <= $0.notAfter_s ? $0.issuer : nil }
  }

  /// All roots that the mesh has and had.
  var allRoots: [[UInt8]] { bundle.roots + (authority?.formerRoots ?? formerRoots) }

  /// Has this one sign for workloads from now on; nil: nobody does.
  func use(_ authority: (any RemoteAuthority)?) { remote = authority }

  /// Makes a token for one host, on disk before it is told.
  func mint(_ wish: TokenWish) throws -> (token: JoinToken, expires_s: Int64) {
    let (minted, next) = try draft(wish)
    try keep(next)
    return minted
  }

  /// Throws where `mint` would.
  func check(_ wish: TokenWish) throws { _ = try draft(wish) }

  private func draft(_ wish: TokenWish) throws -> (minted: (token: JoinToken, expires_s: Int64), next: JoinTokens) {
    guard let pin = authority?.pin ?? delegate?.pin else {
      throw MeshRefusal(
        "this host is no authority, so it lets nobody in; ask one: see `weft members`, column AUTHORITY"
      )
    }
    var next = tokens
    do {
      let minted = try next.mint(
        pin: pin,
        addresses: [wish.address],
        hostName: wish.hostName,
        life_s: wish.life_s ?? JoinTokens.usualLife_s,
        until_s: authority.map(\.signingMoves_s) ?? delegate?.moves_s(bundle),
        now_s: now_s
      )
      return (minted, next)
    } catch { throw MeshRefusal("\(error)") }
  }

  /// What a new host gets.
  struct Admitted {
    let owner: OwnerID
    let chain: [[UInt8]]
    let credential: [UInt8]
    let bundle: TrustBundle
    let formerRoots: [[UInt8]]
    let roster: [UInt8]
  }

  /// Lets a host in, if its token does. The token is used up before anything is signed. `own` is this host's credential,
  /// by which one without the root gives its word.
  func admit(_ application: JoinApplication, by own: [UInt8]) throws -> Admitted {
    guard isAuthority else { throw PeerError.refused("this host is no authority") }
    var next = tokens
    try next.redeem(application.secret, hostName: application.hostName, now_s: now_s)
    let id = try SPIFFEID.host(domain, name: application.hostName)
    let chain = try sign(id, request: application.certificateRequest).chain
    let credential = try credential(of: application.hostName, key: application.ownerKey, by: own)
    try keep(next)
    return Admitted(
      owner: credential.owner,
      chain: chain,
      credential: credential.encoded,
      bundle: bundle,
      formerRoots: authority?.formerRoots ?? formerRoots,
      roster: roster?.encoded ?? []
    )
  }

  private func credential(of name: String, key: [UInt8], by own: [UInt8]) throws -> OwnerCredential {
    if let authority { return try authority.admit(ownerName: name, publicKey: key, now_s: now_s) }
    guard let keyring else { throw PeerError.refused("this host has no key to admit others by") }
    return try keyring.admit(name, publicKey: key, by: own, now_s: now_s)
  }

  /// Signs for a host that may ask for this identity.
  func sign(_ id: SPIFFEID, request: [UInt8]) throws -> (chain: [[UInt8]], roots: [[UInt8]]) {
    if let authority {
      return (try authority.issue(id, request: request, now_s: now_s, using: &random).chain, bundle.roots)
    }
    guard let delegate else { throw PeerError.refused("this host is no authority") }
    return (try delegate.issue(id, request: request, now_s: now_s, using: &random).chain, bundle.roots)
  }

  /// The certificates of those who sign. Who has no root passes on what a root said.
  func answer() throws -> TrustAnswer {
    guard let authority else {
      guard let delegate, !statement.isEmpty else { throw PeerError.refused("this host has no word of a root's") }
      return TrustAnswer(
        roots: bundle.roots,
        intermediates: [delegate.issuer],
        formerRoots: formerRoots,
        bundleVersion: bundle.version,
        statement: statement,
        handovers: handovers()
      )
    }
    return TrustAnswer(
      roots: bundle.roots,
      intermediates: authority.issuers,
      formerRoots: authority.formerRoots,
      bundleVersion: bundle.version,
      statement: try authority.trustStatement().encoded,
      handovers: handovers()
    )
  }

  /// Believes the roots that the authority told; whether they are others than before.
  func adopt(_ answer: TrustAnswer) throws -> Bool {
    // An older statement is as well signed as a newer one. One of the same version is kept by who has none to pass on.
    guard authority == nil, answer.bundleVersion >= bundle.version, answer.statement != statement else { return false }
    guard answer.bundleVersion > bundle.version || statement.isEmpty else { return false }
    let isNews = answer.roots != bundle.roots || answer.formerRoots != formerRoots
    let next = TrustBundle(trustDomain: domain, version: answer.bundleVersion, roots: answer.roots)
    try TrustMemory.save(
      next,
      formerRoots: answer.formerRoots,
      statement: answer.statement,
      handovers: answer.handovers,
      to: store
    )
    statement = answer.statement
    toldHandovers = answer.handovers
    bundle = next
    formerRoots = answer.formerRoots
    try dropForeignDelegate()
    discardForeign()
    if isNews { changed() }
    return isNews
  }

  private func keep(_ next: JoinTokens) throws {
    try store.set(TrustMemory.Key.tokens, next.encoded)
    tokens = next
  }
}
