import Authority
import MeshModel
import Replication
import Testing

@testable import PeerService

@Suite("A host whose certificate ran out")
struct PeerRenewalTests {
  private struct Host {
    let expired: Identity
    let credential: [UInt8]
    let keyring: AgentKeyring

    init(_ scene: PeerScene, _ name: String, ago_s: Int64 = 30 * 3_600, speaksFor owner: String? = nil) throws {
      var random = SystemRandomNumberGenerator()
      let key = HostKey()
      credential = try scene.authority.admit(ownerName: owner ?? name, publicKey: key.publicKey, now_s: PeerTrust.now_s)
        .encoded
      keyring = try AgentKeyring(key: key, trustDomain: scene.domain, roots: scene.authority.bundle.roots)
      expired = try scene.authority.issue(
        .host(scene.domain, name: name),
        now_s: PeerTrust.now_s - ago_s,
        using: &random
      )
    }

    func renew(_ scene: PeerScene, at address: SocketAddress) async throws -> [[UInt8]] {
      try await PeerRenewal.renew(
        expired,
        request: CertificateRequest().der,
        credential: credential,
        keyring: keyring,
        bundle: scene.authority.bundle,
        at: address
      )
    }
  }

  @Test("gets another by its key, without showing the old one in TLS")
  func renewed() async throws {
    let scene = try PeerScene()
    let server = PeerServer.onLoopback(try scene.host("h1"), HeldHandler(scene))
    try await server.serving { address in
      let host = try Host(scene, "h2")
      #expect(!host.expired.certificate.isValid(now_s: PeerTrust.now_s))
      let chain = try await host.renew(scene, at: address)
      let peer = try PeerVerifier(scene.authority.bundle).verify(chain, now_s: PeerTrust.now_s)
      #expect(peer.spiffeID == host.expired.spiffeID)
    }
    #expect(server.counts.snapshot["renewals"] == 1)
  }

  @Test("gets none where that was more than a week ago: it joins anew")
  func longAgo() async throws {
    let scene = try PeerScene(age_s: 20 * 86_400)
    let server = PeerServer.onLoopback(try scene.host("h1"), HeldHandler(scene))
    try await server.serving { address in
      _ = try await Host(scene, "h2", ago_s: 8 * 86_400 - 600).renew(scene, at: address)
      await #expect(throws: PeerError.self) {
        try await Host(scene, "h2", ago_s: 8 * 86_400 + 60).renew(scene, at: address)
      }
    }
    #expect(server.counts.snapshot["renewals"] == 1 && server.counts.snapshot["renewals_refused"] == 1)
  }

  @Test("gets none for another host's certificate, with a key that was not admitted, nor from another mesh")
  func refused() async throws {
    let scene = try PeerScene()
    let server = PeerServer.onLoopback(try scene.host("h1"), HeldHandler(scene))
    try await server.serving { address in
      await #expect(throws: PeerError.self) { try await Host(scene, "h2", speaksFor: "h3").renew(scene, at: address) }
      let own = try Host(scene, "h2")
      let elsewhere = try PeerScene()
      let stranger = try Host(elsewhere, "h2")
      for (credential, keyring) in [(own.credential, stranger.keyring), (stranger.credential, stranger.keyring)] {
        await #expect(throws: PeerError.self) {
          try await PeerRenewal.renew(
            own.expired,
            request: CertificateRequest().der,
            credential: credential,
            keyring: keyring,
            bundle: scene.authority.bundle,
            at: address
          )
        }
      }
      // Whoever answers must be of the mesh, too.
      await #expect(throws: PeerError.self) { try await stranger.renew(elsewhere, at: address) }
    }
    #expect(server.counts.snapshot["renewals_refused"] == 3)
    #expect(server.counts.snapshot["renewals"] == nil)
  }
}
