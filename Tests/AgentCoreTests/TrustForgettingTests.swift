import AgentStore
import Authority
import Logging
import MeshAPI
import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("A host and a root that is forgotten", .timeLimit(.minutes(1)))
struct TrustForgettingTests {
  /// A mesh whose second root signs, as its first root's holder of before and of now.
  private struct Roots {
    let before: AuthorityState
    var now: AuthorityState
    let now_s: Int64

    init(_ clock: ManualClock) throws {
      now_s = clock.now_s
      let begun_s = now_s - AuthorityTiming.propagation_s - 60
      before = try AuthorityState(new: TrustDomain("weft.local"), now_s: begun_s)
      now = before
      _ = try now.rotateRoot(now_s: begun_s)
      _ = try now.tick(now_s: now_s)
    }
  }

  private func trust(_ roots: Roots, _ clock: ManualClock, _ store: AgentStore) throws -> Trust {
    try TrustMemory.save(roots.now.bundle, formerRoots: roots.now.formerRoots, to: store)
    let memory = try #require(try TrustMemory.load(store))
    return Trust(memory, store: store, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { clock.now_s }
  }

  @Test("believes what a root of its bundle says of it, once, and nothing of what the forgotten one says")
  func told() async throws {
    let (directory, clock) = (try TemporaryDirectory(), ManualClock(Clocks.wall_s))
    var roots = try Roots(clock)
    let store = try AgentStore.open(directory: directory.file("data"))
    let trust = try trust(roots, clock, store)
    let before = try roots.now.trustStatement().encoded
    try roots.now.forget(root: roots.before.pin, now_s: clock.now_s + 1)
    let told = try roots.now.trustStatement().encoded
    var damaged = told
    damaged[damaged.count - 1] ^= 1
    #expect(try await !trust.adopt(statements: [before, damaged, [1, 2]]))
    #expect(await trust.bundle.roots.count == 2)
    #expect(try await trust.adopt(statements: [before, told, []]))
    #expect(await trust.bundle == roots.now.bundle)
    #expect(await trust.allRoots == roots.now.bundle.roots)
    #expect(try await !trust.adopt(statements: [told]))
    // The thief of the key says what he likes, as of later.
    var thief = roots.before
    _ = try thief.rotateRoot(now_s: clock.now_s + 3_600)
    #expect(try await !trust.adopt(statements: [thief.trustStatement().encoded]))
    let own = OwnerID(name: "h1", key: HostKey().fingerprint)
    #expect(try await !trust.adopt(rosters: [thief.roster(of: own, after: nil, now_s: clock.now_s).encoded]))
    #expect(try await trust.adopt(rosters: [roots.now.roster(of: own, after: nil, now_s: clock.now_s).encoded]))
    #expect(try TrustMemory.load(store)?.bundle == roots.now.bundle, "it is on disk")
  }

  @Test("asks for the word of the root that signs where another admitted it, and no more once it has that")
  func outdated() async throws {
    let (directory, clock) = (try TemporaryDirectory(), ManualClock(Clocks.wall_s))
    let roots = try Roots(clock)
    let trust = try trust(roots, clock, AgentStore.open(directory: directory.file("data")))
    let key = HostKey()
    let old = try roots.before.admit(ownerName: "h2", publicKey: key.publicKey, now_s: clock.now_s)
    let new = try roots.now.admit(ownerName: "h2", publicKey: key.publicKey, now_s: clock.now_s)
    #expect(await !trust.isOutdated(old), "nobody has said yet which one signs")
    let own = OwnerID(name: "h1", key: HostKey().fingerprint)
    _ = try await trust.adopt(rosters: [roots.now.roster(of: own, after: nil, now_s: clock.now_s).encoded])
    #expect(await trust.isOutdated(old))
    #expect(await !trust.isOutdated(new))
  }

  @Test(
    "is told by the root's holder until a record says so; a workload's certificate below the root is replaced at once"
  )
  func holder() async throws {
    let scene = try await TrustScene()
    let root = try #require(await scene.trust.authority?.pin)
    try await scene.register()
    #expect(try await scene.trust.untoldRoots([]) == nil)
    await #expect(throws: MeshRefusal.self) { try await scene.trust.forgettableRoot(root.hexadecimal) }
    _ = try await scene.trust.rotate(.root)
    scene.clock.advance(AuthorityTiming.propagation_s - 3_600)
    let before = try await scene.trust.identity(SPIFFEID(TrustScene.web))
    scene.clock.advance(3_600)
    await scene.trust.renew()
    #expect(try await scene.trust.identity(SPIFFEID(TrustScene.web)).certificate == before.certificate)
    let named = try await scene.trust.forgettableRoot(root.hexadecimal.prefix(8).uppercased())
    #expect(named == root)
    for wrong in ["", "1234567", "zzzzzzzzz", String(repeating: "0", count: 64)] {
      await #expect(throws: MeshRefusal.self) { try await scene.trust.forgettableRoot(wrong) }
    }
    let known = await scene.trust.dependents(of: root)
    #expect(known.leaves == [TrustScene.web] && known.leaves_s != nil && known.intermediates_s.count == 1)
    try await scene.trust.forget(root: root)
    let after = try await scene.trust.identity(SPIFFEID(TrustScene.web))
    #expect(after.certificate != before.certificate)
    let told = try #require(try await scene.trust.untoldRoots([]))
    #expect(try await scene.trust.untoldRoots([[1], told]) == nil)
  }

  @Test("has a refused record in its journal in words")
  func words() async throws {
    let (directory, log) = (try TemporaryDirectory(), HeardLog())
    let scene = try await MeshScene(directory.file("data"), log: log.logger)
    await scene.mesh.receive([0xff, 1, 2], from: OwnerID(name: "h2", key: HostKey().fingerprint))
    #expect(
      log.messages.contains { $0.hasPrefix("a record was refused: what came is no message (") },
      "\(log.messages)"
    )
  }
}
