import Authority
import MeshModel
import Replication
import Synchronization
import Testing

@testable import PeerService

@Suite("A host that asks the root's holder", .timeLimit(.minutes(1)))
struct PeerDelegationTests {
  /// A server that has the root, and the roster in which `granted` have the role.
  private func handler(_ scene: PeerScene, granting granted: OwnerID...) throws -> HeldHandler {
    let handler = HeldHandler(scene)
    let first = OwnerID(name: "h1", key: HostKey().fingerprint)
    let now_s = PeerTrust.now_s
    var roster = try scene.authority.roster(of: first, after: nil, now_s: now_s)
    for owner in granted { roster = try scene.authority.grant(owner, in: roster, now_s: now_s) }
    handler.roster.withLock { $0 = roster }
    return handler
  }

  @Test("is given an intermediate where it has the role, and signs by it")
  func granted() async throws {
    let scene = try PeerScene()
    let host = try scene.host("h2")
    let server = PeerServer.onLoopback(try scene.host("h1"), try handler(scene, granting: host.owner))
    try await server.serving { address in
      let request = try CertificateRequest()
      let der = try await PeerCalls(trust: host).delegate(request.der, at: address)
      var random = SystemRandomNumberGenerator()
      let delegate = try DelegatedAuthority(
        der,
        key: request.key,
        of: host.owner,
        bundle: scene.authority.bundle,
        now_s: PeerTrust.now_s,
        using: &random
      )
      let leaf = try delegate.issue(.host(scene.domain, name: "h3"), now_s: PeerTrust.now_s, using: &random)
      let peer = try PeerVerifier(scene.authority.bundle).verify(leaf.certificate.chain, now_s: PeerTrust.now_s)
      #expect(peer.spiffeID == leaf.spiffeID)
    }
    #expect(server.counts.snapshot["delegations"] == 1)
  }

  @Test("is given none without the role, under another name, or with a key that the root has not admitted")
  func refused() async throws {
    let scene = try PeerScene()
    let (member, granted) = (try scene.host("h3"), try scene.host("h2"))
    // The certificate of h2, which any authority could have signed, and the key of another.
    let impostor = try scene.host("h2", speaksFor: "h4")
    let server = PeerServer.onLoopback(
      try scene.host("h1"),
      try handler(scene, granting: granted.owner, impostor.owner)
    )
    try await server.serving { address in
      for host in [member, impostor] {
        let request = try CertificateRequest().der
        await #expect(throws: PeerError.self) { try await PeerCalls(trust: host).delegate(request, at: address) }
      }
    }
    #expect(server.counts.snapshot["delegations"] == nil)
    #expect(server.counts.snapshot["delegations_refused"] == 2)
  }

  @Test("is given none by another authority's word, which the root has not confirmed, though it has the role")
  func unconfirmed() async throws {
    let scene = try PeerScene()
    let (authority, guest, now_s) = (HostKey(), HostKey(), PeerTrust.now_s)
    let own = try scene.authority.admit(ownerName: "h2", publicKey: authority.publicKey, now_s: now_s)
    let signer = try AgentKeyring(key: authority, trustDomain: scene.domain, roots: scene.authority.bundle.roots)
    let word = try signer.admit("h3", publicKey: guest.publicKey, by: own.encoded, now_s: now_s)
    func trust(_ name: String, _ key: HostKey, _ credential: OwnerCredential) throws -> PeerTrust {
      try PeerTrust(
        owner: credential.owner,
        credential: credential.encoded,
        keyring: AgentKeyring(
          key: key,
          trustDomain: scene.domain,
          roots: scene.authority.bundle.roots,
          authorities: [own.owner]
        ),
        identity: scene.identity(name),
        bundle: scene.authority.bundle
      )
    }
    let root = HostKey()
    let first = try scene.authority.admit(ownerName: "h1", publicKey: root.publicKey, now_s: now_s)
    let server = PeerServer.onLoopback(try trust("h1", root, first), try handler(scene, granting: word.owner))
    let host = try trust("h3", guest, word)
    try await server.serving { address in
      let request = try CertificateRequest().der
      await #expect(throws: PeerError.self) { try await PeerCalls(trust: host).delegate(request, at: address) }
    }
    #expect(server.counts.snapshot["delegations"] == nil)
  }

  @Test("has the root confirm what another authority said of it, and no more")
  func confirmed() async throws {
    let scene = try PeerScene()
    let (authority, guest, now_s) = (HostKey(), HostKey(), PeerTrust.now_s)
    let own = try scene.authority.admit(ownerName: "h2", publicKey: authority.publicKey, now_s: now_s)
    @Sendable func trust(_ name: String, key: HostKey, credential: [UInt8], _ authorities: Set<OwnerID>) throws
      -> PeerTrust
    {
      try PeerTrust(
        owner: OwnerCredential(decoding: credential).owner,
        credential: credential,
        keyring: AgentKeyring(
          key: key,
          trustDomain: scene.domain,
          roots: scene.authority.bundle.roots,
          authorities: authorities
        ),
        identity: scene.identity(name),
        bundle: scene.authority.bundle
      )
    }
    let signer = try AgentKeyring(key: authority, trustDomain: scene.domain, roots: scene.authority.bundle.roots)
    let word = try signer.admit("h3", publicKey: guest.publicKey, by: own.encoded, now_s: now_s).encoded
    let first = try scene.authority.admit(ownerName: "h1", publicKey: HostKey().publicKey, now_s: now_s).encoded
    for authorities in [Set([own.owner]), []] {
      let server = PeerServer.onLoopback(
        try trust("h1", key: HostKey(), credential: first, authorities),
        HeldHandler(scene)
      )
      try await server.serving { address in
        let host = try trust("h3", key: guest, credential: word, authorities)
        guard !authorities.isEmpty else {
          await #expect(throws: PeerError.self) { try await PeerCalls(trust: host).confirm(at: address) }
          return
        }
        let confirmed = try OwnerCredential(decoding: await PeerCalls(trust: host).confirm(at: address))
        #expect(confirmed.isRoots && confirmed.owner == host.owner)
        // Another host's certificate does not speak for it.
        let other = try trust("h4", key: guest, credential: word, authorities)
        await #expect(throws: PeerError.self) { try await PeerCalls(trust: other).confirm(at: address) }
      }
    }
  }

  @Test("is believed no more once its authority is revoked, and gets another certificate by its key")
  func revoked() async throws {
    let scene = try PeerScene()
    let (delegateKey, now_s) = (HostKey(), PeerTrust.now_s)
    let delegateOwner = OwnerID(name: "h2", key: delegateKey.fingerprint)
    let roster = try #require(try handler(scene, granting: delegateOwner).roster.withLock { $0 })
    let request = try CertificateRequest()
    var random = SystemRandomNumberGenerator()
    let delegate = try DelegatedAuthority(
      scene.authority.delegate(to: delegateOwner, request: request.der, in: roster, now_s: now_s),
      key: request.key,
      of: delegateOwner,
      bundle: scene.authority.bundle,
      now_s: now_s,
      using: &random
    )
    let key = HostKey()
    let credential = try scene.authority.admit(ownerName: "h3", publicKey: key.publicKey, now_s: now_s)
    let host = try PeerTrust(
      owner: credential.owner,
      credential: credential.encoded,
      keyring: AgentKeyring(key: key, trustDomain: scene.domain, roots: scene.authority.bundle.roots),
      identity: delegate.issue(.host(scene.domain, name: "h3"), now_s: now_s, using: &random),
      bundle: scene.authority.bundle
    )
    let shown = try scene.host("h1")
    let server = PeerServer.onLoopback(shown, HeldHandler(scene))
    try await server.serving { address in
      _ = try await PeerCalls(trust: host).trustAnswer(at: address)
      try shown.update(
        identity: scene.identity("h1"),
        bundle: scene.authority.bundle,
        revoked: scene.authority.revoke(delegateOwner, in: roster, now_s: now_s).revokedKeys
      )
      await #expect(throws: PeerError.self) { try await PeerCalls(trust: host).trustAnswer(at: address) }
      let chain = try await PeerRenewal.renew(
        host.now.identity,
        request: CertificateRequest().der,
        credential: credential.encoded,
        keyring: host.keyring,
        bundle: scene.authority.bundle,
        at: address
      )
      let verifier = shown.now.verifier
      #expect(try verifier.verify(chain, now_s: PeerTrust.now_s).spiffeID == host.now.identity.spiffeID)
    }
  }
}
