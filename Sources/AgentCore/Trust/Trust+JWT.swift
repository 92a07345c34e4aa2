internal import AgentStore
internal import Authority
internal import Logging
internal import MeshModel
internal import PeerService
internal import Replication

/// JWT-SVIDs: signed by this host where it is an authority, else by another, and verified by the keys of all authorities.
///
/// An authority tells its keys in a record of its own, which its host key signs; they count while the roster names it. So a
/// host that loses the role takes its keys along at once, and the root signs nothing for them.
extension Trust {
  // MARK: This host's own keys

  /// The keys that this host signs by, brought up to date; nil where it is no authority. They are on disk before they are
  /// told or used.
  @discardableResult
  func ownJWTKeys() throws -> JWTSigningKeys? {
    let now_s = now_s
    guard isAuthority else {
      guard jwtKeys != nil else { return nil }
      try store.keys.remove(TrustMemory.Key.jwtKeys)
      jwtKeys = nil
      changed()
      return nil
    }
    var next = jwtKeys ?? JWTSigningKeys(domain, now_s: now_s)
    guard next.tick(now_s: now_s) || jwtKeys == nil else { return next }
    try store.keys.write(TrustMemory.Key.jwtKeys, next.encoded.bytes)
    jwtKeys = next
    changed()
    return next
  }

  /// Signs for a host that may ask for this identity.
  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) throws -> SignedJWT {
    guard let keys = try ownJWTKeys() else { throw PeerError.refused("this host is no authority") }
    return try keys.sign(id, for: audiences, now_s: now_s)
  }

  // MARK: Everybody's

  /// Takes over what hosts wrote of their keys. What is no set of this trust domain's is left: any host can write a record.
  func adopt(jwtKeys sets: [OwnerID: [UInt8]]) {
    let read = sets.compactMapValues { try? JWTKeySet(decoding: $0) }.filter { $0.value.trustDomain == domain }
    guard read != jwtSets else { return }
    jwtSets = read
    changed()
  }

  /// The keys by which JWT-SVIDs of this mesh are verified now.
  var jwtBundle: Set<JWTKey> {
    let told = jwtSets.filter { roster?.holder($0.key) != nil }.values.flatMap(\.keys)
    return Set(told + (isAuthority ? jwtKeys?.published.keys ?? [] : []))
  }

  /// Whom a token is about, if it is good.
  func verify(jwt token: String, audience: String) throws(JWTRefusal) -> VerifiedJWT {
    try JWTVerifier(domain, keys: jwtBundle).verify(token, audience: audience, now_s: now_s)
  }

  // MARK: Workloads

  /// What is asked for once is asked for again soon, and the answer is the same.
  struct JWTWish: Hashable, Sendable {
    let id: SPIFFEID
    let audiences: JWTAudiences
  }

  /// Tokens of other hosts' signing that are kept: as many as workloads, some for several audiences.
  static let jwtLimit = 4_096

  /// The tokens that a process may have for these audiences, of `id` alone where it is given.
  func tokens(of evidence: ProcessEvidence, for audiences: JWTAudiences, only id: SPIFFEID?) async throws -> [(
    id: SPIFFEID, token: String
  )] {
    var tokens: [(id: SPIFFEID, token: String)] = []
    for name in names(of: evidence) where id.map({ $0.description == name }) ?? true {
      let wish = JWTWish(id: try SPIFFEID(name), audiences: audiences)
      tokens.append((wish.id, try await token(wish)))
    }
    // Another host may have been asked, and meanwhile a name been taken back.
    return tokens.filter { workloads[$0.id.description].map(evidence.satisfies) == true }
  }

  private func token(_ wish: JWTWish) async throws -> String {
    if isAuthority { return try signJWT(wish.id, for: wish.audiences).text }
    // A clock that was set back gives none out that nobody takes yet.
    if let known = heldJWTs[wish], (known.made_s..<known.renews_s).contains(now_s) { return known.token.text }
    guard let remote else {
      throw MeshRefusal("this host has no authority and knows of none: is the mesh's authority up? see `weft members`")
    }
    let asked_s = now_s
    let token = try await remote.signJWT(wish.id, for: wish.audiences)
    keep(HeldJWT(token: token, made_s: asked_s, renews_s: asked_s + (token.expires_s - asked_s) / 2), wish)
    return token.text
  }

  private func keep(_ held: HeldJWT, _ wish: JWTWish) {
    if heldJWTs.count >= Self.jwtLimit {
      let now_s = now_s
      heldJWTs = heldJWTs.filter { now_s < $0.value.renews_s }
    }
    guard heldJWTs.count < Self.jwtLimit else { return }
    heldJWTs[wish] = held
  }
}

/// A token that another host signed, given out until half of its life is over.
struct HeldJWT: Sendable {
  let token: SignedJWT
  let made_s: Int64
  let renews_s: Int64
}
