import Authority
import MeshModel
import Replication
import Testing

@testable import PeerService

@Suite("A host that slept while the root was replaced", .timeLimit(.minutes(1)))
struct PeerSuccessionTests {
  /// As it was when it went to sleep: its certificate ran out so long ago, and it knows the old root alone.
  private struct Sleeper {
    let expired: Identity
    let credential: [UInt8]
    let keyring: AgentKeyring
    let bundle: TrustBundle

    init(_ before: PeerScene, ranOut_s: Int64) throws {
      let key = HostKey()
      let then_s = PeerTrust.now_s - ranOut_s - AuthorityTiming.leafLife_s
      bundle = before.authority.bundle
      expired = try before.identity("h2", now_s: then_s)
      credential = try before.authority.admit(ownerName: "h2", publicKey: key.publicKey, now_s: then_s).encoded
      keyring = try AgentKeyring(key: key, trustDomain: before.domain, roots: bundle.roots)
    }

    func renew(_ bundle: TrustBundle, at address: SocketAddress) async throws -> [[UInt8]] {
      try await PeerRenewal.renew(
        expired,
        request: CertificateRequest().der,
        credential: credential,
        keyring: keyring,
        bundle: bundle,
        at: address
      )
    }
  }

  private static let day_s = AuthorityTiming.day_s

  /// An agent of after the change, which still knows whom the old root admitted.
  private func server(_ before: PeerScene, _ after: PeerScene) throws -> PeerServer {
    PeerServer.onLoopback(try after.host("h1", admittedBy: before.authority), HeldHandler(after))
  }

  @Test("believes nobody at first, comes to the roots of now by what its own said, and gets a certificate by its key")
  func back() async throws {
    let before = try PeerScene(age_s: 12 * Self.day_s)
    let after = try before.replacingRoot(ago_s: Self.day_s)
    let sleeper = try Sleeper(before, ranOut_s: 5 * Self.day_s)
    let server = try server(before, after)
    try await server.serving { address in
      let error = await #expect(throws: PeerError.self) { _ = try await sleeper.renew(sleeper.bundle, at: address) }
      guard case .foreign? = error else { throw error ?? PeerError.answer("it was believed") }
      let bundle = try await PeerSuccession.bundle(after: sleeper.bundle, at: address)
      #expect(bundle == after.authority.bundle)
      let chain = try await sleeper.renew(bundle, at: address)
      let peer = try PeerVerifier(after.authority.bundle).verify(chain, now_s: PeerTrust.now_s)
      #expect(peer.spiffeID == sleeper.expired.spiffeID)
    }
    #expect(server.counts.snapshot["renewals"] == 1 && server.counts.snapshot["successions"] == 1)
  }

  @Test("is told to join anew where the old root left more than a week ago, whatever it knows of the new one")
  func tooLate() async throws {
    let before = try PeerScene(age_s: 20 * Self.day_s)
    let after = try before.replacingRoot(ago_s: 8 * Self.day_s)
    // Its certificate ends later than any that the old root's holder signed: a thief of that root's key makes such.
    let sleeper = try Sleeper(before, ranOut_s: Self.day_s)
    let server = try server(before, after)
    try await server.serving { address in
      let error = await #expect(throws: PeerError.self) {
        _ = try await PeerSuccession.bundle(after: sleeper.bundle, at: address)
      }
      #expect(error?.description.contains("to join anew, empty the data directory") == true)
      await #expect(throws: PeerError.self) { try await sleeper.renew(after.authority.bundle, at: address) }
    }
    #expect(server.counts.snapshot["renewals"] == nil && server.counts.snapshot["renewals_refused"] == 1)
  }

  @Test("is led nowhere by another mesh")
  func stranger() async throws {
    let before = try PeerScene(age_s: 12 * Self.day_s)
    let other = try PeerScene(age_s: 12 * Self.day_s).replacingRoot()
    let server = PeerServer.onLoopback(try other.host("h1"), HeldHandler(other))
    try await server.serving { address in
      await #expect(throws: PeerError.self) {
        try await PeerSuccession.bundle(after: before.authority.bundle, at: address)
      }
    }
  }
}
