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
  var isAuthority: Bool { authority != nil }

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
    guard let authority else {
      throw MeshRefusal(
        "this host is no authority, so it lets nobody in; ask one: see `weft members`, column AUTHORITY"
      )
    }
    var next = tokens
    do {
      let minted = try next.mint(
        pin: authority.pin,
        addresses: [wish.address],
        hostName: wish.hostName,
        life_s: wish.life_s ?? JoinTokens.usualLife_s,
        until_s: authority.signingMoves_s,
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
  }

  /// Lets a host in, if its token does. The token is used up before anything is signed.
  func admit(_ application: JoinApplication) throws -> Admitted {
    guard let authority else { throw PeerError.refused("this host is no authority") }
    var next = tokens
    try next.redeem(application.secret, hostName: application.hostName, now_s: now_s)
    let id = try SPIFFEID.host(domain, name: application.hostName)
    let certificate = try authority.issue(id, request: application.certificateRequest, now_s: now_s, using: &random)
    let credential = try authority.admit(
      ownerName: application.hostName,
      publicKey: application.ownerKey,
      now_s: now_s
    )
    try keep(next)
    return Admitted(
      owner: credential.owner,
      chain: certificate.chain,
      credential: credential.encoded,
      bundle: authority.bundle,
      formerRoots: authority.formerRoots
    )
  }

  /// Signs for a host that may ask for this identity.
  func sign(_ id: SPIFFEID, request: [UInt8]) throws -> (chain: [[UInt8]], roots: [[UInt8]]) {
    guard let authority else { throw PeerError.refused("this host is no authority") }
    let certificate = try authority.issue(id, request: request, now_s: now_s, using: &random)
    return (certificate.chain, authority.bundle.roots)
  }

  /// The certificates of those who sign.
  func answer() throws -> TrustAnswer {
    guard let authority else { throw PeerError.refused("this host is no authority") }
    return TrustAnswer(
      roots: bundle.roots,
      intermediates: authority.issuers,
      formerRoots: authority.formerRoots,
      bundleVersion: bundle.version,
      statement: try authority.trustStatement().encoded
    )
  }

  /// Believes the roots that the authority told; whether they are others than before.
  func adopt(_ answer: TrustAnswer) throws -> Bool {
    // An older statement is as well signed as a newer one.
    guard authority == nil, answer.bundleVersion > bundle.version else { return false }
    let isNews = answer.roots != bundle.roots || answer.formerRoots != formerRoots
    let next = TrustBundle(trustDomain: domain, version: answer.bundleVersion, roots: answer.roots)
    try TrustMemory.save(next, formerRoots: answer.formerRoots, to: store)
    bundle = next
    formerRoots = answer.formerRoots
    if isNews { changed() }
    return isNews
  }

  private func keep(_ next: JoinTokens) throws {
    try store.set(TrustMemory.Key.tokens, next.encoded)
    tokens = next
  }
}
