import Discovery
import Kernel
import MeshModel
import Policy
@testable import ProxyPath
import Reactor
import Testing

@Suite("A connection to an address that the rules do not know")
struct HoldConnectionTests {
  private let bench: WorkerBench
  private let server: BenchServer
  private let mail = SocketAddress(WorkerBench.virtual, port: 25)

  init() throws {
    bench = try WorkerBench()
    server = try BenchServer()
  }

  /// The question about a service's virtual address.
  private let question = LookupKey.address(WorkerBench.virtual)

  private func awaitConnection() throws {
    try bench.turns("a connection at the server") { server.count > 0 ? () : nil }
  }

  @Test("is held until the agent says which service that is, and then the server, which speaks first, is heard at once")
  func known() throws {
    let client = try bench.client(to: mail)
    #expect(try bench.question() == [question])
    bench.idle()
    #expect(server.count == 0)
    #expect(try client.read() == nil)
    try bench.answer([server.service("mail", at: mail.ip, port: 25)], settled: [question])
    try awaitConnection()
    #expect(server.connections[0].write("220 ready\r\n".utf8) == 11)
    #expect(try bench.read(client) == "220 ready\r\n")
    #expect(client.write("HELO me\r\n".utf8) == 9)
    #expect(try bench.turns("the client's words") { try server.connections[0].read() } == Array("HELO me\r\n".utf8))
  }

  @Test("goes to that address where the agent knows no service there, and the next one is not asked about")
  func unknown() throws {
    let client = try bench.client(to: server.address)
    let question = LookupKey.address(server.address.ip)
    #expect(try bench.question() == [question])
    #expect(server.count == 0)
    try bench.answer(settled: [question])
    try awaitConnection()
    #expect(client.write([1]) == 1)
    #expect(try bench.turns("a byte") { try server.connections[0].read() } == [1])
    _ = try bench.client(to: server.address)
    try bench.turns("a second connection") { server.count == 2 ? () : nil }
    #expect(bench.seat.wanted() == [])
    #expect(bench.worker.lookups.isHolding == false)
  }

  @Test("is dialled at once, and nobody is asked, where no agent is connected")
  func noAgent() throws {
    let bench = try WorkerBench(isLive: false)
    _ = try bench.client(to: server.address)
    try bench.turns("a connection") { server.count > 0 ? () : nil }
    #expect(bench.seat.wanted() == [])
  }

  @Test("goes on after a second without an answer, and its record counts the wait; the next one does not wait")
  func unanswered() throws {
    let before_ns = Clock.monotonic_ns()
    let client = try bench.client(to: server.address)
    #expect(try bench.question().count == 1)
    try awaitConnection()
    #expect(Clock.monotonic_ns() - before_ns >= LookupLimit.patience_ns)
    client.finishWriting()
    server.connections[0].finishWriting()
    let record = try bench.turns("a record") { bench.ended().first }
    #expect(record.reason == .finished)
    #expect(record.duration_ns >= LookupLimit.patience_ns)
    _ = try bench.client(to: server.address)
    #expect(bench.worker.lookups.isHolding == false)
    #expect(bench.seat.wanted() == [])
  }

  @Test("goes on at once when the agent is lost, and is asked about anew when it is back")
  func lost() throws {
    _ = try bench.client(to: server.address)
    #expect(try bench.question().count == 1)
    bench.seat.setLive(false)
    bench.worker.turn(timeout_ms: 1000)
    #expect(bench.worker.lookups.isHolding == false)
    try awaitConnection()
    bench.seat.setLive(true)
    bench.worker.turn(timeout_ms: 1000)
    _ = try bench.client(to: server.address)
    #expect(try bench.question() == [.address(server.address.ip)])
    #expect(bench.worker.lookups.connections.count == 1)
  }

  @Test("is asked about once, however many there are, and all of them go on with the answer")
  func many() throws {
    let clients = try (0..<20).map { _ in try bench.client(to: mail) }
    #expect(try bench.question() == [question])
    #expect(bench.worker.lookups.connections.count == clients.count)
    #expect(bench.worker.counters.openConnections == UInt64(clients.count))
    try bench.answer([server.service("mail", at: mail.ip, port: 25)], settled: [question])
    try bench.turns("all of them") { server.count == clients.count ? () : nil }
    #expect(bench.seat.wanted() == [])
    #expect(bench.worker.counters.openConnections == UInt64(clients.count))
  }

  @Test("is not held beyond what a worker holds: it goes where it was sent")
  func bounded() throws {
    let other = bench.worker.lookups.hash(IPAddress(v4: 1))
    let isAsked = bench.worker.lookups.table.ask(other, until_ns: .max, now_ns: bench.worker.now_ns)
    #expect(isAsked)
    for _ in 1..<LookupLimit.held {
      _ = bench.worker.lookups.requests.insert(HeldRequest(client: .nowhere, lookup: other))
    }
    _ = try bench.client(to: server.address)
    #expect(bench.worker.lookups.connections.count == 1)
    bench.idle()
    #expect(server.count == 0)
    _ = try bench.client(to: server.address)
    #expect(bench.worker.lookups.connections.count == 1)
    try awaitConnection()
  }

  @Test("is forgotten when its client leaves: one record, nothing dialled, nothing open")
  func clientLeaves() throws {
    let client = try bench.client(to: server.address)
    let keys = try bench.question()
    client.reset()
    let record = try bench.turns("a record") { bench.ended().first }
    #expect(record.reason == .clientReset)
    #expect(record.destination == server.address && record.duration_ns > 0)
    #expect(bench.worker.lookups.isHolding == false)
    #expect(bench.worker.counters.openConnections == 0)
    try bench.answer(settled: keys)
    bench.idle()
    #expect(server.count == 0)
    #expect(bench.ended().isEmpty)
  }

  @Test("keeps what its client said, and that it says no more, for the server")
  func halfClosed() throws {
    let client = try bench.client(to: mail)
    #expect(client.write("QUIT\r\n".utf8) == 6)
    client.finishWriting()
    bench.idle()
    try bench.answer([server.service("mail", at: mail.ip, port: 25)], settled: bench.question())
    try awaitConnection()
    #expect(try bench.turns("its words") { try server.connections[0].read() } == Array("QUIT\r\n".utf8))
    #expect(try bench.turns("its end") { try server.connections[0].read() } == [])
    #expect(server.connections[0].write("221 bye\r\n".utf8) == 9)
    #expect(try bench.read(client) == "221 bye\r\n")
  }

  @Test("counts as open while the proxy drains, and is reset and recorded when that has lasted too long")
  func drained() throws {
    let client = try bench.client(to: mail)
    bench.fleet.tell(.drain)
    bench.fleet.tell(.retire(hasSuccessor: true))
    bench.idle()
    #expect(bench.worker.counters.openConnections == 1)
    bench.worker.closeAll(.drained)
    #expect(bench.ended().map(\.reason) == [.drained])
    #expect(bench.worker.counters.openConnections == 0)
    #expect(throws: (any Error).self) { try bench.turns("a reset") { try client.read() } }
  }

  @Test("is served request by request where the answer says that HTTP is spoken there")
  func declared() throws {
    let web = SocketAddress(WorkerBench.virtual, port: 80)
    let client = try bench.client(to: web)
    #expect(client.write("GET /x HTTP/1.1\r\nHost: web\r\n\r\n".utf8) == 30)
    try bench.answer(
      [server.service("web", at: web.ip, port: 80, appProtocol: .http)],
      settled: bench.question()
    )
    let heads = try bench.turns("a request") {
      let heads = try server.serve("hello")
      return heads.isEmpty ? nil : heads
    }
    #expect(heads.count == 1 && heads[0].hasPrefix("GET /x HTTP/1.1"))
    #expect(try bench.body(client) == "hello")
  }
}
