import Discovery
import HTTP1
import Kernel
import MeshModel
import Policy
@testable import ProxyPath
import Reactor
import Testing

@Suite("A request that names what the rules do not know")
struct HoldRequestTests {
  private let bench: WorkerBench
  /// Where the connections go themselves.
  private let direct: BenchServer
  private let web: BenchServer

  init() throws {
    bench = try WorkerBench()
    (direct, web) = (try BenchServer(), try BenchServer())
  }

  /// A client whose connection goes to `direct`, of whose address the agent has said that nothing is there.
  private func client(_ direction: Direction = .outbound) throws -> Held {
    if direction == .outbound { try bench.answer(settled: [.address(direct.address.ip)]) }
    return try bench.client(to: direct.address, direction)
  }

  private func ask(_ client: Held, _ host: String, _ path: String = "/", _ fields: String = "") {
    let text = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n"
    #expect(client.write(text.utf8) == text.utf8.count)
  }

  /// Turns until a client has its answer; both servers serve.
  private func body(_ client: Held) throws -> String {
    var text = ""
    return try bench.turns("an answer") {
      _ = (try direct.serve("direct"), try web.serve("web"))
      text += try client.read().map { String(decoding: $0, as: UTF8.self) } ?? ""
      return ["direct", "web"].first { text.hasSuffix("\r\n\r\n\($0)") }
    }
  }

  private func service(_ name: String = "web", in namespace: String = "shop") -> Service {
    web.service(name, in: namespace, port: direct.address.port)
  }

  @Test("is held until the agent says who that is, and the wait is in its record")
  func known() throws {
    let client = try client()
    ask(client, "Web.Shop.:\(direct.address.port)")
    #expect(try bench.question() == [.host(namespace: "shop", service: "web")])
    let before_ns = bench.worker.now_ns
    bench.idle()
    #expect(try direct.serve("direct").isEmpty && web.count == 0)
    let waited_ns = bench.worker.now_ns - before_ns
    try bench.answer([service()], settled: [.host(namespace: "shop", service: "web")])
    #expect(try body(client) == "web")
    let records = bench.requests()
    #expect(records.count == 1)
    #expect(records.first?.duration_ns ?? 0 >= waited_ns && waited_ns > 0)
    // Known now: nothing is asked, and nothing waits.
    ask(client, "web.shop")
    #expect(try body(client) == "web")
    #expect(bench.seat.wanted() == [])
  }

  @Test("goes where it was sent where the agent knows nobody of that name, and is not asked about again")
  func unknown() throws {
    let client = try client()
    for host in ["example.com", "EXAMPLE.COM.", "example.com.svc"] {
      ask(client, host)
      if host == "example.com" { try bench.answer(settled: bench.question()) }
      #expect(try body(client) == "direct")
    }
    #expect(bench.seat.wanted() == [])
  }

  @Test(
    "is not asked about where that can be no service's name",
    arguments: ["127.0.0.1", "[::1]", "www.example.com", "a_b", "-web", "web.shop.svc.example.com"]
  )
  func noName(host: String) throws {
    let client = try client()
    ask(client, host)
    #expect(try body(client) == "direct")
    #expect(bench.seat.wanted() == [])
  }

  @Test("waits alone: others are served meanwhile")
  func others() throws {
    let (held, other) = (try client(), try client())
    ask(held, "web.shop")
    _ = try bench.question()
    ask(other, "127.0.0.1")
    #expect(try body(other) == "direct")
    #expect(try held.read() == nil)
    bench.seat.setLive(false)
    #expect(try body(held) == "direct")
  }

  @Test("is held for each of two names in turn where two requests come at once, and both are answered in their order")
  func pipelined() throws {
    let client = try client()
    ask(client, "a.shop", "/1")
    ask(client, "b.shop", "/2")
    #expect(try bench.question() == [.host(namespace: "shop", service: "a")])
    bench.idle()
    #expect(bench.seat.wanted() == [], "the second is not read before the first is answered")
    try bench.answer([service("a")], settled: [.host(namespace: "shop", service: "a")])
    #expect(try body(client) == "web")
    #expect(try bench.question() == [.host(namespace: "shop", service: "b")])
    try bench.answer([service("a")], settled: [.host(namespace: "shop", service: "b")])
    #expect(try body(client) == "direct")
    let records = bench.requests()
    #expect(records.map(\.number) == [1, 2])
    #expect(records.allSatisfy { $0.end == .finished })
  }

  @Test("comes in pieces, has a body, and both arrive whole")
  func pieces() throws {
    let client = try client()
    for part in ["POST /up HTTP/1.1\r\nHost: web.s", "hop\r\nContent-Length: 5\r\n\r\nhe", "llo"] {
      #expect(client.write(part.utf8) == part.utf8.count)
      bench.idle()
    }
    try bench.answer([service()], settled: bench.question())
    try bench.turns("a connection") { web.count > 0 ? () : nil }
    var heard = ""
    try bench.turns("the request") {
      heard += try web.connections[0].read().map { String(decoding: $0, as: UTF8.self) } ?? ""
      return heard.hasSuffix("\r\n\r\nhello") ? () : nil
    }
    #expect(heard.hasPrefix("POST /up HTTP/1.1\r\n"))
  }

  @Test("leaves its record, and nothing else, where its client leaves")
  func clientLeaves() throws {
    let client = try client()
    ask(client, "web.shop", "/gone")
    let keys = try bench.question()
    client.reset()
    let record = try bench.turns("a record") { bench.requests().first }
    #expect(record.end == .clientGone)
    #expect(record.withTexts { _, _, target in String(decoding: target, as: UTF8.self) } == "/gone")
    #expect(bench.ended().map(\.requests) == [1])
    #expect(bench.worker.lookups.isHolding == false)
    try bench.answer([service()], settled: keys)
    bench.idle()
    #expect(web.count == 0)
  }

  @Test("is answered as the connection's last while the proxy drains")
  func drained() throws {
    let client = try client()
    ask(client, "web.shop")
    let keys = try bench.question()
    bench.fleet.tell(.drain)
    bench.idle()
    try bench.answer([service()], settled: keys)
    var text = ""
    try bench.turns("the answer and the end") { () -> Void? in
      _ = try web.serve("web")
      guard let bytes = try client.read() else { return nil }
      text += String(decoding: bytes, as: UTF8.self)
      return bytes.isEmpty ? () : nil
    }
    #expect(text.lowercased().contains("connection: close") && text.hasSuffix("web"))
  }

  // MARK: Inbound

  /// What the program behind the proxy is told of a request.
  private func heard(_ client: Held) throws -> String {
    try bench.turns("a request") { try direct.serve("direct").first?.lowercased() }
  }

  @Test("and comes from a peer of the mesh keeps what it says of its way; who the peer is, is asked once")
  func trustedPeer() throws {
    let client = try client(.inbound)
    ask(client, "x", "/", "x-forwarded-for: 203.0.113.9\r\n")
    let peer = IPAddress(v4: 0x7f00_0001)
    #expect(try bench.question() == [.address(peer)])
    bench.idle()
    #expect(try direct.serve("direct").isEmpty)
    try bench.answer(peers: [peer: PeerStanding(isEndpoint: true)], settled: [.address(peer)])
    #expect(try heard(client).contains("x-forwarded-for: 203.0.113.9, 127.0.0.1"))
    _ = try bench.body(client)
    ask(client, "x", "/", "x-forwarded-for: 203.0.113.9\r\n")
    #expect(try heard(client).contains("x-forwarded-for: 203.0.113.9, 127.0.0.1"))
    #expect(bench.seat.wanted() == [])
  }

  @Test("and comes from a stranger loses what only the mesh may say")
  func foreignPeer() throws {
    let client = try client(.inbound)
    ask(client, "x", "/", "x-forwarded-for: 203.0.113.9\r\n")
    try bench.answer(settled: bench.question())
    let heard = try heard(client)
    #expect(heard.contains("x-forwarded-for: 127.0.0.1") && !heard.contains("203.0.113.9"))
  }

  @Test("and says nothing that depends on who the peer is does not wait for that")
  func plainPeer() throws {
    let client = try client(.inbound)
    ask(client, "x")
    _ = try heard(client)
    #expect(bench.seat.wanted() == [])
  }

  @Test("and comes from a declared forwarder is judged by whom that names")
  func forwarder() throws {
    let peer = IPAddress(v4: 0x7f00_0001)
    try bench.answer(peers: [peer: PeerStanding(isEndpoint: true, forwardsClients: true)], settled: [.address(peer)])
    bench.idle()
    #expect(bench.worker.keeper.rules.table.isForwarder(peer))
    #expect(bench.worker.isTrusted(peer))
  }
}
