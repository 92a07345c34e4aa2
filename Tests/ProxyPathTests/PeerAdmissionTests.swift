import Discovery
import Glibc
import Kernel
import MeshModel
import Policy
@testable import ProxyPath
import Reactor
import Testing

/// Clients are the test's, from 127.0.0.1, the pod's program listens at 127.0.0.2; where proxies are is said.
@Suite("A connection that comes in plain text")
struct PeerAdmissionTests {
  private let bench: WorkerBench
  private let server: BenchServer
  private static let client = IPAddress(v4: 0x7f00_0001)
  private static let own = IPAddress(v4: 0x7f00_0002)

  init() throws {
    bench = try WorkerBench()
    server = try BenchServer(Self.own)
  }

  private var question: LookupKey { .address(Self.client) }

  /// The pod's program, of whose address a proxy is known, and documents.
  private func mesh(isMeshed: Bool = true, _ documents: PeerAuthentication...) -> MeshConfiguration {
    let endpoint = Endpoint(server.address, isMeshed: isMeshed)
    let service = Service(namespace: "default", name: "web", ports: [.init(port: 80, endpoints: [endpoint])])
    return MeshConfiguration(services: [service], peerAuthentications: documents)
  }

  private func publish(_ mesh: MeshConfiguration, isClientMeshed: Bool? = nil, settled: [LookupKey] = []) throws {
    let peers = isClientMeshed.map { [Self.client: PeerStanding(isEndpoint: true, isMeshed: $0)] } ?? [:]
    bench.seat.publish(try Snapshot(policies: [], mesh: mesh), peers: peers, settled: settled)
    bench.worker.turn(timeout_ms: 0)
  }

  private func awaitConnection() throws { try bench.turns("a connection") { server.count > 0 ? () : nil } }

  private func document(_ mode: PeerAuthentication.Mode, expires_s: Int64? = nil) -> PeerAuthentication {
    PeerAuthentication(namespace: "default", name: "p", mode: mode, expires_s: expires_s)
  }

  @Test("is held until the agent says who it is where that matters, and let in or reset by the answer")
  func asked() throws {
    try publish(mesh())
    let client = try bench.client(to: server.address, .inbound)
    #expect(try bench.question() == [question])
    bench.idle()
    #expect(server.count == 0)
    try publish(mesh(), isClientMeshed: true, settled: [question])
    let refused = try bench.turns("a record") { bench.ended().first }
    #expect(refused.reason == .unidentified && refused.entry?.reason == .strictByDefault)
    #expect(server.count == 0 && bench.worker.counters.denied == 1 && bench.worker.counters.openConnections == 0)
    #expect(throws: (any Error).self) { try bench.turns("a reset") { try client.read() } }
    try publish(mesh(), isClientMeshed: false)
    _ = try bench.client(to: server.address, .inbound)
    try awaitConnection()
    #expect(bench.seat.wanted() == [], "it was asked once")
  }

  @Test("is let in where the agent cannot be asked, and where the pod has no proxy that it could come by")
  func notAsked() throws {
    try publish(mesh(isMeshed: false))
    _ = try bench.client(to: server.address, .inbound)
    try awaitConnection()
    bench.seat.setLive(false)
    try publish(mesh())
    _ = try bench.client(to: server.address, .inbound)
    try bench.turns("a second connection") { server.count == 2 ? () : nil }
    #expect(bench.seat.wanted() == [])
  }

  @Test("is not asked about where a document decides, whoever it is")
  func decided() throws {
    try publish(mesh(document(.strict)))
    _ = try bench.client(to: server.address, .inbound)
    let refused = try bench.turns("a record") { bench.ended().first }
    #expect(refused.reason == .unidentified && refused.entry?.reason == .strict && refused.entry?.policy == 0)
    try publish(mesh(document(.permissive)))
    _ = try bench.client(to: server.address, .inbound)
    try awaitConnection()
    #expect(bench.seat.wanted() == [])
  }

  @Test("and was let in by an exception is ended when that is over, and what came before the proxies were is not")
  func ends() throws {
    try publish(mesh(isMeshed: false))
    let early = try bench.client(to: server.address, .inbound)
    try awaitConnection()
    let end_s = Int64(time(nil)) + 2
    try publish(mesh(document(.permissive, expires_s: end_s)), isClientMeshed: true)
    let late = try bench.client(to: server.address, .inbound)
    try bench.turns("a second connection") { server.count == 2 ? () : nil }
    let ended = try bench.turns("a record") { bench.ended().first }
    #expect(ended.reason == .forbiddenByNewPolicy && ended.entry?.reason == .strictByDefault)
    #expect(Int64(time(nil)) >= end_s)
    withExtendedLifetime((early, late)) {}
  }

  @Test(
    "is asked for an identity by default only some time after the pod's own proxy became known, and at once from a start"
  )
  func grace() throws {
    let store = SnapshotStore(path: nil, workload: .unlabelled)
    store.addresses = [server.address.ip]
    func rules(_ isMeshed: Bool) throws -> RequestRules? {
      let snapshot = try Snapshot(policies: [], mesh: mesh(isMeshed: isMeshed))
      guard case .adopted(_, _, let rules) = store.adopt(snapshot, peers: [:]) else { return nil }
      return rules
    }
    #expect(try rules(false)?.asksFrom_s == 0)
    let fresh = try #require(try rules(true))
    let now_s = Int64(time(nil))
    #expect((1...PeerAdmissionLimit.grace_s).contains(fresh.asksFrom_s - now_s))
    func verdict(_ now_s: Int64) -> PeerVerdict {
      fresh.judgePeer(from: server.address.ip, to: server.address, isIdentified: false, now_s: now_s)
    }
    #expect(verdict(fresh.asksFrom_s - 1).reason == .stranger)
    #expect(verdict(fresh.asksFrom_s).reason == .strictByDefault)
    let started = SnapshotStore(path: nil, workload: .unlabelled)
    started.addresses = [server.address.ip]
    let snapshot = try Snapshot(policies: [], mesh: mesh())
    guard case .adopted(_, _, let first) = started.adopt(snapshot, peers: [:]) else { return }
    #expect(first.asksFrom_s == 0)
  }

  @Test("is asked about by its address where the rules do not know it")
  func unknown() throws {
    let rules = RequestRules(mesh(), for: .unlabelled, version: 1)
    let stranger = IPAddress(v4: 0xc000_0207)
    #expect(rules.mustKnow(stranger, to: server.address, now_s: 0))
    #expect(!rules.mustKnow(server.address.ip, to: server.address, now_s: 0))
    #expect(!rules.mustKnow(stranger, to: SocketAddress(stranger, port: 80), now_s: 0))
    let strict = RequestRules(mesh(document(.strict)), for: .unlabelled, version: 1)
    #expect(!strict.mustKnow(stranger, to: server.address, now_s: 0))
  }
}
