import Authority
import GRPCCore
import MeshAPI
import MeshModel
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("Certificates of workloads", .timeLimit(.minutes(1)))
struct TrustRenewalTests {
  private let web: SPIFFEID
  private let domain: TrustDomain

  init() throws {
    web = try SPIFFEID(TrustScene.web)
    domain = try TrustDomain("weft.local")
  }

  @Test("are made once, and again when their half is over, without anybody asking")
  func renewal() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    let first = try await scene.trust.identity(web)
    await scene.trust.renew()
    #expect(try await scene.trust.identity(web).certificate == first.certificate)
    scene.clock.advance(TrustScene.due_s)
    await scene.trust.renew()
    let held = await scene.trust.held[TrustScene.web]
    #expect(held?.identity.certificate != first.certificate)
    #expect(held?.identity.certificate.notBefore_s == scene.clock.now_s - AuthorityTiming.leafBackdate_s)
  }

  @Test("are told to all who follow when one who asks has been given the next")
  func told() async throws {
    let scene = try await TrustScene()
    try await scene.register()
    _ = try await scene.trust.identity(web)
    let changes = await scene.trust.changes()
    var generations = changes.generations.makeAsyncIterator()
    let before = try #require(await generations.next())
    scene.clock.advance(TrustScene.due_s)
    _ = try await scene.trust.identity(web)
    // Would wait for ever otherwise, so the end is there before it is looked at.
    changes.end()
    let after = await generations.next()
    #expect(after.map { $0 > before } == true)
  }

  @Test("are given out until they expire where the authority is gone, and renewed soon after it is back")
  func gone() async throws {
    let clock = ManualClock(Clocks.wall_s)
    let remote = try FakeAuthority(domain) { clock.now_s }
    let scene = try await TrustScene(remote: remote)
    try await scene.register()
    let first = try await scene.trust.identity(web)
    remote.leave()
    for moving in [scene.clock, clock] { moving.advance(TrustScene.due_s) }
    await scene.trust.renew()
    #expect(try await scene.trust.identity(web).certificate == first.certificate)
    let asked = remote.asked
    #expect(try await scene.trust.identity(web).certificate == first.certificate)
    #expect(remote.asked == asked, "nobody asks again within the pause")
    remote.comeBack()
    for moving in [scene.clock, clock] { moving.advance(HeldIdentity.pause_s) }
    await scene.trust.renew()
    #expect(try await scene.trust.identity(web).certificate != first.certificate)
    remote.leave()
    for moving in [scene.clock, clock] { moving.advance(2 * AuthorityTiming.leafLife_s) }
    await #expect(throws: FakeAuthority.Gone.self) { try await scene.trust.identity(web) }
  }

  @Test("are not made over and over where the authority's clock is a day ahead of the host's")
  func clocks() async throws {
    let remote = try FakeAuthority(domain) { Clocks.wall_s + 86_400 }
    let scene = try await TrustScene(remote: remote)
    try await scene.register()
    for _ in 0..<10 { _ = try await scene.trust.identity(web) }
    await scene.trust.renew()
    #expect(remote.asked == 1)
    scene.clock.advance(HeldIdentity.pause_s)
    await scene.trust.renew()
    #expect(remote.asked == 2)
  }

  @Test("are kept of registered workloads only, so that no number of names fills the memory")
  func bounded() async throws {
    let scene = try await TrustScene()
    _ = try await scene.trust.identity(web)
    #expect(await scene.trust.held.isEmpty)
    try await scene.register()
    _ = try await scene.trust.identity(web)
    #expect(await scene.trust.held.count == 1)
    _ = try await scene.trust.deleteWorkload(TrustScene.web)
    #expect(await scene.trust.held.isEmpty)
  }

  @Test("are all replaced by hand at once, and by an authority that is gone as soon as it is back")
  func rotation() async throws {
    let clock = ManualClock(Clocks.wall_s)
    let remote = try FakeAuthority(domain) { clock.now_s }
    let scene = try await TrustScene(remote: remote)
    try await scene.register()
    let first = try await scene.trust.identity(web)
    _ = try await scene.trust.rotate(.workloads)
    let second = try await scene.trust.identity(web)
    #expect(second.certificate != first.certificate)
    remote.leave()
    _ = try await scene.trust.rotate(.workloads)
    #expect(try await scene.trust.identity(web).certificate == second.certificate)
    remote.comeBack()
    scene.clock.advance(HeldIdentity.pause_s)
    await scene.trust.renew()
    #expect(try await scene.trust.identity(web).certificate != second.certificate)
  }

  @Test("a second rotation of the root says when the first will be over")
  func root() async throws {
    let scene = try await TrustScene()
    _ = try await scene.trust.rotate(.root)
    let refusal = await #expect(throws: RPCError.self) {
      try await Refusals.told { try await scene.trust.rotate(.root) }
    }
    #expect(refusal?.code == .failedPrecondition)
    let moves_s = scene.clock.now_s + AuthorityTiming.propagation_s
    #expect(refusal?.message.contains("a root is being replaced; the new one signs from \(moves_s) on") == true)
  }

  @Test("a name that is no SPIFFE ID is refused with what is wrong with it")
  func name() async throws {
    let scene = try await TrustScene()
    let refusal = await #expect(throws: RPCError.self) { try await Refusals.told { try await scene.register("web") } }
    #expect(refusal?.code == .invalidArgument)
    #expect(refusal?.message == "a SPIFFE ID begins with spiffe://")
  }
}
