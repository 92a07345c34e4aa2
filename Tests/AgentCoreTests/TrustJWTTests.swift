import AgentStore
import Authority
import GRPCCore
import Glibc
import MeshAPI
import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("Tokens of a host's programs", .timeLimit(.minutes(1)))
struct TrustJWTTests {
  private let audiences: JWTAudiences

  init() throws { audiences = try #require(JWTAudiences(["db"])) }

  private func token(_ scene: TrustScene) async throws -> String? {
    let evidence = try #require(ProcessEvidence(try Caller.own()))
    return try await scene.trust.tokens(of: evidence, for: audiences, only: nil).first?.token
  }

  @Test("are signed by an authority's own key, which is on disk before anybody sees one")
  func authority() async throws {
    let scene = try await TrustScene()
    try await scene.register("spiffe://weft.local/ns/default/sa/web", "unix:uid:\(geteuid())")
    let token = try #require(try await token(scene))
    #expect(try await scene.trust.verify(jwt: token, audience: "db").spiffeID.description == TrustScene.web)
    let kept = try #require(try TrustMemory.load(scene.store)?.jwtKeys)
    #expect(await scene.trust.jwtBundle == Set(kept.published.keys))
  }

  @Test("that another host signed are given out until half of their life is over, and not after a clock was set back")
  func held() async throws {
    let clock = ManualClock(Clocks.wall_s)
    let remote = try FakeAuthority(.init("weft.local")) { clock.now_s }
    let scene = try await TrustScene(remote: remote)
    clock.advance(scene.clock.now_s - clock.now_s)
    try await scene.register("spiffe://weft.local/ns/default/sa/web", "unix:uid:\(geteuid())")
    func both(_ span_s: Int64) {
      clock.advance(span_s)
      scene.clock.advance(span_s)
    }
    let first = try await token(scene)
    both(AuthorityTiming.jwtLife_s / 2 - 1)
    #expect(try await token(scene) == first && remote.asked == 1)
    both(1)
    let second = try await token(scene)
    #expect(second != first && remote.asked == 2)
    both(-10)
    #expect(try await token(scene) != second && remote.asked == 3)
    // An authority that is gone costs what was given out nothing, and what is new is told to come again.
    remote.leave()
    #expect(try await token(scene) != nil)
    both(AuthorityTiming.jwtLife_s)
    await #expect(throws: FakeAuthority.Gone.self) { try await token(scene) }
  }

  @Test("of another authority are believed while the roster names it, and no record makes an authority of a host")
  func others() async throws {
    let scene = try await TrustScene()
    let now_s = scene.clock.now_s
    let domain = await scene.trust.domain
    let (own, second) = (
      OwnerID(name: "one", key: HostKey().fingerprint), OwnerID(name: "two", key: HostKey().fingerprint)
    )
    let keys = JWTSigningKeys(domain, now_s: now_s)
    let foreign = JWTSigningKeys(try TrustDomain("other.local"), now_s: now_s)
    let id = try SPIFFEID(TrustScene.web)
    let token = try keys.sign(id, for: audiences, now_s: now_s).text
    await scene.trust.adopt(jwtKeys: [second: keys.published.encoded, own: [1, 2, 3]])
    await #expect(throws: JWTRefusal.unknownKey) { try await scene.trust.verify(jwt: token, audience: "db") }
    _ = try await scene.trust.ownRoster(own)
    try await scene.trust.change(second, isGranted: true, own: own)
    #expect(try await scene.trust.verify(jwt: token, audience: "db").spiffeID == id)
    try await scene.trust.change(second, isGranted: false, own: own)
    await #expect(throws: JWTRefusal.unknownKey) { try await scene.trust.verify(jwt: token, audience: "db") }
    try await scene.trust.change(second, isGranted: true, own: own)
    await scene.trust.adopt(jwtKeys: [second: foreign.published.encoded])
    await #expect(throws: JWTRefusal.unknownKey) { try await scene.trust.verify(jwt: token, audience: "db") }
  }

  @Test("are told by the Workload API what is wrong with what they ask")
  func requests() async throws {
    let scene = try await TrustScene()
    try await scene.register("spiffe://weft.local/ns/default/sa/web", "unix:uid:\(geteuid())")
    let service = WorkloadService(trust: scene.trust, streams: WorkloadStreams())
    func code(_ audience: [String], _ id: String = "") async throws -> RPCError.Code? {
      try await withServerContextRPCCancellationHandle { handle in
        var context = ServerContext(
          descriptor: MethodDescriptor(fullyQualifiedService: "SpiffeWorkloadAPI", method: "FetchJWTSVID"),
          remotePeer: "unix:test",
          localPeer: "unix:test",
          cancellation: handle
        )
        context.transportSpecific = try Caller.own()
        var request = JWTSVIDRequest()
        request.audience = audience
        request.spiffeID = id
        let asked = ServerRequest(metadata: ["workload.spiffe.io": "true"], message: request)
        do {
          let reply = try await service.fetchJWTSVID(
            request: asked,
            context: context
          )
          #expect(try reply.message.svids.map(\.spiffeID) == [TrustScene.web])
          return nil
        } catch let error as RPCError { return error.code }
      }
    }
    #expect(try await code(["db"]) == nil)
    #expect(try await code(["db"], TrustScene.web) == nil)
    #expect(try await code([]) == .invalidArgument)
    #expect(try await code(["db", ""]) == .invalidArgument)
    #expect(try await code(["db"], "web") == .invalidArgument)
    #expect(try await code(["db"], "spiffe://weft.local/ns/default/sa/db") == .permissionDenied)
    _ = try await scene.trust.deleteWorkload(TrustScene.web)
    #expect(try await code(["db"]) == .permissionDenied)
  }
}
