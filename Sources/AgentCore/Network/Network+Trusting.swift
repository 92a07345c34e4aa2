internal import AgentStore
internal import Authority
internal import Logging
internal import MeshModel
internal import PeerService

/// Certificates and roots, brought up to date.
extension Network {
  /// Roots, this host's certificate, and what connections are made of: all as they are now.
  func refresh(_ links: NetworkLinks) async {
    // One at a time: it asks others, and whatever changes meanwhile is looked at again.
    guard !isRefreshing else { return refreshAgain = true }
    isRefreshing = true
    repeat {
      refreshAgain = false
      do {
        try await learnRoots(links)
        let identity = try await hostIdentity()
        try founding.keyring.update(roots: await trust.allRoots)
        try await links.trust.update(identity: identity, bundle: trust.bundle)
        toldOfTrust = false
      } catch {
        if !toldOfTrust { log.warning("certificates and roots could not be brought up to date", error: error) }
        toldOfTrust = true
      }
    } while refreshAgain && !Task.isCancelled
    isRefreshing = false
  }

  /// Looks at all of it again and again.
  func keep(_ links: NetworkLinks) async {
    while !Task.isCancelled {
      await refresh(links)
      try? await Task.sleep(for: .seconds(Self.upkeep_s))
    }
  }

  /// The certificate that this host shows: the stored one while it will do, and as long as no other can be had.
  func hostIdentity() async throws -> Identity {
    let id = try SPIFFEID.host(trust.domain, name: identity.hostName)
    let now_s = await trust.now_s
    let stored = try HostFile.readIdentity(store)
    if let stored, !stored.certificate.needsRenewal(now_s: now_s) { return stored }
    do {
      let request = try CertificateRequest()
      let chain: [[UInt8]]
      if await trust.isAuthority {
        chain = try await trust.sign(id, request: request.der).chain
      } else if let stored, !stored.certificate.isValid(now_s: now_s) {
        chain = try await renew(stored, request.der)
      } else {
        chain = try await sign(id, request: request.der)
      }
      var random = SystemRandomNumberGenerator()
      let fresh = try Identity(IssuedCertificate(chain: chain, using: &random), key: request.key)
      try HostFile.write(fresh, to: store)
      toldOfRenewal = false
      return fresh
    } catch {
      guard let stored, stored.certificate.isValid(now_s: now_s) else { throw error }
      if !toldOfRenewal {
        log.warning("the host's certificate could not be renewed, the old one serves on", error: error)
      }
      toldOfRenewal = true
      return stored
    }
  }

  /// Asks for a certificate in place of one that ran out, by this host's key, where authorities were when it last ran.
  private func renew(_ expired: Identity, _ request: [UInt8]) async throws -> [[UInt8]] {
    let known = AddressList.decode(try store.setting(Founding.Key.authorities) ?? [])
    let bundle = await trust.bundle
    var reasons: [String] = []
    for address in Set(known + authorities.values) {
      do {
        return try await PeerRenewal.renew(
          expired,
          request: request,
          credential: founding.credential,
          keyring: founding.keyring,
          bundle: bundle,
          at: address
        )
      } catch { reasons.append("\(error)") }
    }
    throw MeshRefusal(
      "the certificate of this host ran out, and no other could be had: \(reasons.joined(separator: "; "))"
    )
  }

  /// Has an authority of the mesh sign.
  func sign(_ id: SPIFFEID, request: [UInt8]) async throws -> [[UInt8]] {
    guard let links else { throw MeshRefusal("this host has not met the mesh since its start, so nobody signs for it") }
    return try await asked("sign for \(id)") {
      try await PeerCalls(trust: links.trust).sign(id, request: request, at: $0).chain
    }
  }

  private func learnRoots(_ links: NetworkLinks) async throws {
    let now_s = await trust.now_s
    // A clock that was set back must not put it off.
    guard await !trust.isAuthority, !authorities.isEmpty,
      now_s >= rootsDue_s || rootsDue_s > now_s + Self.rootsInterval_s
    else { return }
    let answer = try await asked("say the mesh's roots") { try await PeerCalls(trust: links.trust).trustAnswer(at: $0) }
    rootsDue_s = now_s + Self.rootsInterval_s
    if try await trust.adopt(answer) { log.notice("the mesh's roots changed: \(answer.roots.count) are trusted now") }
  }

  /// Asks one authority after the other, in any order, until one answers.
  private func asked<Answer>(_ what: String, _ body: (SocketAddress) async throws -> Answer) async throws -> Answer {
    var reasons: [String] = []
    for (name, address) in authorities.shuffled() {
      do { return try await body(address) } catch { reasons.append("\(name): \(error)") }
    }
    guard !reasons.isEmpty else {
      throw MeshRefusal("no host that could \(what) is up: see `weft members`, column AUTHORITY")
    }
    throw MeshRefusal("no host would \(what): " + reasons.joined(separator: "; "))
  }
}

/// The mesh's authority, as workloads of a host without one see it.
struct MeshAuthority: RemoteAuthority {
  let network: Network

  func sign(_ id: SPIFFEID, request: [UInt8]) async throws -> [[UInt8]] {
    try await network.sign(id, request: request)
  }
}
