internal import AgentStore
internal import Authority
internal import Logging
internal import MeshModel
internal import PeerService
internal import Replication

/// Certificates and roots, brought up to date.
extension Network {
  /// Roots, this host's certificate, and what connections are made of: all as they are now. Whether all of it went well.
  func refresh(_ links: NetworkLinks) async -> Bool {
    var problem: (any Error)?
    // Each is tried, whatever became of the one before: without news of roots, certificates are renewed all the same.
    do { try await learnRoster() } catch { problem = error }
    do { try await learnToldRoots() } catch { problem = problem ?? error }
    do { try await learnRoots(links) } catch {
      problem = problem ?? error
      doubtSigner()
    }
    await keepRole(links)
    var identity: Identity?
    do { identity = try await hostIdentity() } catch { problem = problem ?? error }
    do {
      let (roots, authorities) = await (trust.allRoots, trust.admitters)
      await letHear(trust.revokedKeys, bundle: trust.bundle.roots)
      try founding.keyring.update(roots: roots, authorities: authorities)
      await letGo(roots)
      if let identity {
        try await links.trust.update(identity: identity, bundle: trust.bundle, revoked: refusedKeys)
        // What could not be had by the host's certificate of before can be had now.
        if identity.certificate != shownCertificate { await trust.renewUnwanted() }
        shownCertificate = identity.certificate
      }
    } catch { problem = problem ?? error }
    if let problem, !toldOfTrust {
      log.warning("certificates and roots could not be brought up to date", error: problem)
    }
    toldOfTrust = problem != nil
    return problem == nil && roleFailure == nil
  }

  /// How long a roster goes from host to host before connections end by it: records are everywhere in well under a second,
  /// and a revocation that is two seconds later is none too late.
  private static let hearing_ms = 2_000

  /// Refuses what hosts with these keys signed, once they could hear of it. A host that has lost the role shows a certificate
  /// of its own until then: were its streams ended at once, nobody could tell it any more, and it would not know to ask
  /// for another.
  /// Whose root is forgotten is in the same place.
  private func letHear(_ revoked: Set<KeyFingerprint>, bundle roots: [[UInt8]]) async {
    let isNews = !revoked.isSubset(of: refusedKeys) || !believedRoots.isSubset(of: roots)
    if isNews { try? await Task.sleep(for: .milliseconds(Self.hearing_ms)) }
    refusedKeys = revoked
    believedRoots = Set(roots)
  }

  /// The certificate that this host shows: the stored one while it will do, and as long as no other can be had.
  func hostIdentity() async throws -> Identity {
    let id = try SPIFFEID.host(trust.domain, name: identity.hostName)
    let now_s = await trust.now_s
    let stored = try HostFile.readIdentity(store)
    let isOld = if doubtsOldRoot, let stored { await trust.isByOldRoot(stored.certificate.chain) } else { false }
    let isDoubted = isOld || doubted != nil && stored?.certificate.signer == doubted
    let isKnownRevoked = await trust.isRevoked(stored?.certificate.chain ?? [])
    let isForeign = if let stored { await trust.isForeign(stored.certificate.chain) } else { false }
    let isRevoked = isDoubted || isKnownRevoked || isForeign
    let signsItself = !doubtsItself && !isOld
    let intermediate = signsItself ? await trust.ownIntermediate : nil
    // A token pins the root that an authority's intermediate has, so its port must show the same one.
    let isOwn = intermediate == nil || stored?.certificate.chain.last == intermediate
    if let stored, isOwn, !isRevoked, !stored.certificate.needsRenewal(now_s: now_s) { return stored }
    do {
      let request = try CertificateRequest()
      let chain = try await hostChain(id, request.der, signsItself, stored: stored, isRevoked: isRevoked, now_s)
      var random = SystemRandomNumberGenerator()
      let fresh = try Identity(IssuedCertificate(chain: chain, using: &random), key: request.key)
      try HostFile.write(fresh, to: store)
      if isDoubted { log.notice("no authority took this host's certificate any more; it has one of another's now") }
      toldOfRenewal = false
      oldRootFailure = nil
      return fresh
    } catch {
      if isOld { oldRootFailure = "\(error)" }
      guard let stored, stored.certificate.isValid(now_s: now_s) else { throw error }
      if !toldOfRenewal {
        log.warning("the host's certificate could not be renewed, the old one serves on", error: error)
      }
      toldOfRenewal = true
      return stored
    }
  }

  private func hostChain(
    _ id: SPIFFEID,
    _ request: [UInt8],
    _ signsItself: Bool,
    stored: Identity?,
    isRevoked: Bool,
    _ now_s: Int64
  ) async throws -> [[UInt8]] {
    if await trust.isAuthority, signsItself {
      do { return try await trust.sign(id, request: request).chain } catch {
        // Its intermediate has run out, with the root's holder away: the others are asked.
        guard await !trust.hasRoot else { throw error }
      }
    }
    // What is shown must be believed by who signs; else the host's key speaks for it.
    if let stored, isRevoked || !stored.certificate.isValid(now_s: now_s) { return try await renew(stored, request) }
    return try await sign(id, request: request)
  }

  /// Asks for a certificate in place of one that ran out or is refused, by this host's key, where authorities are or were when
  /// it last ran.
  private func renew(_ expired: Identity, _ request: [UInt8]) async throws -> [[UInt8]] {
    let known = AddressList.decode(try store.setting(Founding.Key.authorities) ?? [])
    var reasons: [String] = []
    let there = await candidates().map(\.address)
    for address in there + Set(known).subtracting(there).prefix(AuthorityChoice.limit) {
      do {
        do { return try await renew(expired, request, at: address) } catch PeerError.foreign(let why) {
          // The roots may be others than those that this host knew when it went to sleep.
          guard try await catchUp(at: address) else { throw PeerError.foreign(why) }
          return try await renew(expired, request, at: address)
        }
      } catch { reasons.append("\(error)") }
    }
    throw MeshRefusal(
      "the certificate of this host ran out or is refused, and no other could be had: \(reasons.joined(separator: "; "))"
    )
  }

  private func renew(_ expired: Identity, _ request: [UInt8], at address: SocketAddress) async throws -> [[UInt8]] {
    try await PeerRenewal.renew(
      expired,
      request: request,
      credential: credential,
      keyring: founding.keyring,
      bundle: trust.bundle,
      // Whom the certificate is to be rid of must not sign the next.
      revoked: trust.revokedKeys.union([doubted].compactMap { $0 }),
      at: address
    )
  }

  /// Has an authority of the mesh sign.
  func sign(_ id: SPIFFEID, request: [UInt8]) async throws -> [[UInt8]] {
    guard let links else { throw MeshRefusal("this host has not met the mesh since its start, so nobody signs for it") }
    return try await asked(candidates(), to: "sign for \(id)") {
      try await PeerCalls(trust: links.trust).sign(id, request: request, at: $0).chain
    }
  }

  /// Has an authority of the mesh sign a JWT-SVID.
  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) async throws -> SignedJWT {
    guard let links else { throw MeshRefusal("this host has not met the mesh since its start, so nobody signs for it") }
    return try await asked(candidates(), to: "sign a token for \(id)") {
      try await PeerCalls(trust: links.trust).signJWT(id, for: audiences, at: $0)
    }
  }

  private func learnRoots(_ links: NetworkLinks) async throws {
    let now_s = await trust.now_s
    // Who has lost the role may go on answering those that it signed for; that others do shows that it has it.
    let signer = try HostFile.readIdentity(store)?.certificate.signer
    let all = await candidates(), others = await candidates(except: signer)
    let candidates = others.isEmpty ? all : others
    // A clock that was set back must not put it off.
    guard await !trust.hasRoot, !candidates.isEmpty,
      now_s >= rootsDue_s || rootsDue_s > now_s + Self.rootsInterval_s
    else { return }
    let answer = try await asked(candidates, to: "say the mesh's roots") {
      try await PeerCalls(trust: links.trust).trustAnswer(at: $0)
    }
    rootsDue_s = now_s + Self.rootsInterval_s
    (doubtsOldRoot, oldRootFailure) = (false, nil)
    // An authority that was doubted itself, and shows another's certificate now, waits for the roster to say what it is. With
    // that certificate it hears it within seconds, if there is another.
    if signer == doubted || !doubtsItself || Clocks.monotonic_ms > doubted_ms + Self.rosterWait_ms { doubted = nil }
    if try await trust.adopt(answer) { log.notice("the mesh's roots changed: \(answer.roots.count) are trusted now") }
  }
}

/// A certificate that others refuse, without a word of why: a host that was off when its signer lost the role has a roster by
/// which all is well, and all who could tell it otherwise refuse to talk to it.
extension Network {
  /// No authority answered. It may be that, so the certificate is replaced as if it had run out, by this host's key and
  /// another authority. Where it is not, that fails as well, or does no harm.
  /// It may as well be that its root was forgotten, where another follows.
  private func doubtSigner() {
    doubtsOldRoot = true
    guard let signer = (try? HostFile.readIdentity(store))?.certificate.signer, signer != doubted else { return }
    doubted = signer
    doubted_ms = Clocks.monotonic_ms
  }

  /// Milliseconds that an authority which doubts itself shows another's certificate at least: some exchanges of records, each
  /// within a second or two.
  private static let rosterWait_ms: UInt64 = 60_000

  /// Whether this host is the authority that is doubted: it shows another's certificate then.
  private var doubtsItself: Bool { doubted == identity.owner.key }
}

/// The mesh's authority, as workloads of a host without one see it.
struct MeshAuthority: RemoteAuthority {
  let network: Network

  func sign(_ id: SPIFFEID, request: [UInt8]) async throws -> [[UInt8]] {
    try await network.sign(id, request: request)
  }

  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) async throws -> SignedJWT {
    try await network.signJWT(id, for: audiences)
  }
}
