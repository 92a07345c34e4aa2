import Authority
import MeshModel
import Replication
import Testing

@testable import PeerService

@Suite("A host whose root is forgotten")
struct PeerForgettingTests {
  /// A mesh of two roots, the first of which is forgotten; its authority of before.
  private func forgetting() throws -> (scene: PeerScene, before: AuthorityState) {
    let begun_s = PeerTrust.now_s - AuthorityTiming.propagation_s - 60
    var scene = try PeerScene(age_s: AuthorityTiming.propagation_s + 60)
    let before = scene.authority
    _ = try scene.authority.rotateRoot(now_s: begun_s)
    _ = try scene.authority.tick(now_s: PeerTrust.now_s)
    try scene.authority.forget(root: before.pin, now_s: PeerTrust.now_s)
    return (scene, before)
  }

  private func renew(
    _ scene: PeerScene,
    admittedBy: AuthorityState,
    signedBy: AuthorityState,
    at address: SocketAddress
  )
    async throws -> [[UInt8]]
  {
    var random = SystemRandomNumberGenerator()
    let key = HostKey()
    return try await PeerRenewal.renew(
      signedBy.issue(.host(scene.domain, name: "h2"), now_s: PeerTrust.now_s, using: &random),
      request: CertificateRequest().der,
      credential: admittedBy.admit(ownerName: "h2", publicKey: key.publicKey, now_s: PeerTrust.now_s).encoded,
      keyring: AgentKeyring(key: key, trustDomain: scene.domain, roots: scene.authority.bundle.roots),
      bundle: scene.authority.bundle,
      at: address
    )
  }

  @Test("gets another certificate by its key where a root of now has admitted it, and none where only that one did")
  func renewed() async throws {
    let (scene, before) = try forgetting()
    let server = PeerServer.onLoopback(try scene.host("h1"), HeldHandler(scene))
    try await server.serving { address in
      let chain = try await renew(scene, admittedBy: scene.authority, signedBy: before, at: address)
      let peer = try PeerVerifier(scene.authority.bundle).verify(chain, now_s: PeerTrust.now_s)
      #expect(peer.spiffeID.hostName == "h2")
      await #expect(throws: PeerError.self) {
        try await renew(scene, admittedBy: before, signedBy: before, at: address)
      }
      let stranger = try PeerScene().authority
      await #expect(throws: PeerError.self) {
        try await renew(scene, admittedBy: scene.authority, signedBy: stranger, at: address)
      }
    }
    #expect(server.counts.snapshot["renewals"] == 1 && server.counts.snapshot["renewals_refused"] == 2)
  }

  @Test("believes that root no more, though it shows its certificate until it has another")
  func shownOn() throws {
    let (scene, before) = try forgetting()
    var former = scene
    former.authority = before
    let host = try former.host("h2")
    let other = try former.identity("h3")
    #expect(host.now.believes(other.certificate.chain))
    let leaf = host.now.leaf
    #expect(throws: PeerError.self) {
      try host.update(identity: former.identity("h2"), bundle: scene.authority.bundle)
    }
    #expect(!host.now.believes(other.certificate.chain))
    #expect(try host.now.believes(scene.identity("h3").certificate.chain))
    #expect(host.now.leaf == leaf)
  }
}
