import AgentStore
import Authority
import Logging
import MeshModel
import PeerService
import Replication
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("A host and its role", .timeLimit(.minutes(1)))
struct TrustAuthoritiesTests {
  /// A host without the root, of a mesh whose root the test has.
  private struct Scene {
    let directory: TemporaryDirectory
    let clock = ManualClock(Clocks.wall_s)
    let root: AuthorityState
    let first = OwnerID(name: "h1", key: HostKey().fingerprint)
    let key = HostKey()
    let own: OwnerID
    let store: AgentStore

    init() throws {
      directory = try TemporaryDirectory()
      root = try AuthorityState(new: TrustDomain("weft.local"), now_s: clock.now_s)
      own = OwnerID(name: "h2", key: key.fingerprint)
      store = try AgentStore.open(directory: directory.file("data"))
      try TrustMemory.save(root.bundle, formerRoots: [], to: store)
    }

    /// The host's trust, as its start finds it on disk.
    func start() throws -> Trust {
      let memory = try #require(try TrustMemory.load(store))
      let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      let keyring = try AgentKeyring(
        key: key,
        trustDomain: root.trustDomain,
        roots: memory.roots,
        authorities: memory.roster?.owners ?? []
      )
      return Trust(memory, store: store, keyring: keyring, log: log) { [clock] in clock.now_s }
    }

    var beginning: AuthorityRoster { get throws { try root.roster(of: first, after: nil, now_s: clock.now_s) } }

    var granted: AuthorityRoster { get throws { try root.grant(own, in: beginning, now_s: clock.now_s) } }

    /// Does what the network does when it hears of the role.
    func take(_ trust: Trust, by root: AuthorityState? = nil) async throws {
      let (request, root) = (try CertificateRequest(), root ?? self.root)
      let der = try root.delegate(to: own, request: request.der, in: granted, now_s: clock.now_s)
      try await trust.take(intermediate: der, key: request.key, of: own)
    }
  }

  @Test("believes the newest roster that a root has signed, and no older, foreign or damaged one")
  func rosters() async throws {
    let scene = try Scene()
    let trust = try scene.start()
    let (old, new) = (try scene.beginning, try scene.granted)
    let stranger = try AuthorityState(new: scene.root.trustDomain, now_s: scene.clock.now_s)
    let foreign = try stranger.roster(of: scene.own, after: new, now_s: scene.clock.now_s + 1)
    #expect(foreign.version > new.version)
    var damaged = new.encoded
    damaged[damaged.count - 1] ^= 1
    #expect(try await !trust.adopt(rosters: [foreign.encoded, damaged, [1, 2, 3]]))
    #expect(await trust.roster == nil)
    #expect(try await trust.adopt(rosters: [old.encoded, foreign.encoded, new.encoded, []]))
    #expect(await trust.roster == new)
    #expect(try await !trust.adopt(rosters: [old.encoded, new.encoded]))
    #expect(try await scene.start().roster == new, "it is on disk")
  }

  @Test("signs for others from its intermediate on, also after a restart, and for nobody once the role is gone")
  func role() async throws {
    let scene = try Scene()
    var trust = try scene.start()
    #expect(await trust.delegateNeed(scene.own) == .nothing)
    _ = try await trust.adopt(rosters: [scene.granted.encoded])
    #expect(await trust.delegateNeed(scene.own) == .another)
    #expect(await trust.authorityWarnings(scene.own, lastFailure: "h1 is away").first?.contains("h1 is away") == true)
    try await scene.take(trust)
    trust = try scene.start()
    #expect(await trust.isAuthority)
    #expect(await trust.delegateNeed(scene.own) == .nothing)
    #expect(await trust.authorityWarnings(scene.own, lastFailure: nil).isEmpty)
    let id = try SPIFFEID.host(scene.root.trustDomain, name: "h3")
    let signed = try await trust.sign(id, request: CertificateRequest().der)
    let verifier = try PeerVerifier(scene.root.bundle)
    #expect(try verifier.verify(signed.chain, now_s: scene.clock.now_s).spiffeID == id)

    let revoked = try scene.root.revoke(scene.own, in: scene.granted, now_s: scene.clock.now_s)
    _ = try await trust.adopt(rosters: [revoked.encoded])
    #expect(await trust.isRevoked(signed.chain))
    #expect(await !trust.isAuthority)
    #expect(await trust.delegateNeed(scene.own) == .nothing)
    #expect(try scene.store.keys.read(TrustMemory.Key.delegateKeys) == nil)
    await #expect(throws: (any Error).self) { try await trust.sign(id, request: CertificateRequest().der) }
  }

  @Test("asks for the next intermediate in time, and warns where none was to be had for a week")
  func renewal() async throws {
    let scene = try Scene()
    let trust = try scene.start()
    _ = try await trust.adopt(rosters: [scene.granted.encoded])
    try await scene.take(trust)
    let renews_s = try #require(await trust.delegate?.renewsAt_s)
    scene.clock.advance(renews_s - scene.clock.now_s)
    #expect(await trust.delegateNeed(scene.own) == .another)
    #expect(await trust.authorityWarnings(scene.own, lastFailure: "h1 is away").isEmpty)
    scene.clock.advance(Trust.overdue_s + 1)
    let warning = try #require(await trust.authorityWarnings(scene.own, lastFailure: "h1 is away").first)
    #expect(warning.contains("could not be renewed and signs for") && warning.contains("h1 is away"))
    // It signs to its end.
    let id = try SPIFFEID.host(scene.root.trustDomain, name: "h3")
    _ = try await trust.sign(id, request: CertificateRequest().der)
    try await scene.take(trust)
    #expect(await trust.delegateNeed(scene.own) == .nothing)
    #expect(await trust.authorityWarnings(scene.own, lastFailure: nil).isEmpty)
  }

  @Test("takes no intermediate that a stranger's root signed")
  func stranger() async throws {
    let scene = try Scene()
    let trust = try scene.start()
    _ = try await trust.adopt(rosters: [scene.granted.encoded])
    let stranger = try AuthorityState(new: scene.root.trustDomain, now_s: scene.clock.now_s)
    await #expect(throws: AuthorityError.self) { try await scene.take(trust, by: stranger) }
    #expect(await !trust.isAuthority)
  }

  @Test("lets a host in once by a token of its own, which pins the root, by its word for it")
  func tokens() async throws {
    let scene = try Scene()
    let trust = try scene.start()
    let wish = TokenWish(
      hostName: nil,
      life_s: nil,
      address: SocketAddress(IPAddress(v4: 0x0a00_0002), port: 15012)
    )
    await #expect(throws: MeshRefusal.self) { try await trust.mint(wish) }
    _ = try await trust.adopt(rosters: [scene.granted.encoded])
    try await scene.take(trust)
    let token = try await trust.mint(wish).token
    #expect(token.isPinned(scene.root.bundle.roots[0]))
    let guest = HostKey()
    let application = JoinApplication(
      secret: token.secret,
      hostName: "h3",
      certificateRequest: try CertificateRequest().der,
      ownerKey: guest.publicKey
    )
    let own = try scene.root.admit(ownerName: "h2", publicKey: scene.key.publicKey, now_s: scene.clock.now_s)
    let admitted = try await trust.admit(application, by: own.encoded)
    let reader = try AgentKeyring(
      key: nil,
      trustDomain: scene.root.trustDomain,
      roots: scene.root.bundle.roots,
      authorities: scene.granted.owners
    )
    #expect(admitted.owner == OwnerID(name: "h3", key: guest.fingerprint))
    #expect(reader.admits(admitted.owner, credential: admitted.credential))
    #expect(try AuthorityRoster(decoding: admitted.roster).owners == scene.granted.owners)
    await #expect(throws: JoinRefusal.used) { try await trust.admit(application, by: own.encoded) }
  }
}
