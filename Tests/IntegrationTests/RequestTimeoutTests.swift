import MeshModel
import Testing
import WeftTestKit

/// Servers that are slow, silent or not there at all.
@Suite("A server that cannot be had")
struct RequestTimeoutTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private func server(
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply = { _ in .ok("own") }
  ) throws -> ScriptedServer {
    try ScriptedServer(in: pods.server, on: pods.serverEnd.v4, reply: reply)
  }

  /// A port of the server that nobody listens on.
  private var refused: SocketAddress { SocketAddress(pods.serverEnd.v4, port: 9) }

  @Test(
    "in time makes a 504 when the route's time is over, and its connection serves nobody else",
    arguments: ["timeouts: {request: 300ms}", "timeouts: {request: 20s, backendRequest: 300ms}"]
  )
  func neverAnswers(_ timeouts: String) throws {
    let server = try server { $0.head.target == "/slow" ? .silence : .ok("own") }
    let rules = "[{backendRefs: [{name: web, port: 80}], \(timeouts)}]"
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address) + Documents.route(rules))
    let client = try scene.client()
    let start = ContinuousClock.now
    let answer = try client.get("/slow")
    #expect(answer.status == 504 && answer.reason == "timeout", "\(answer)")
    #expect(ContinuousClock.now - start >= .milliseconds(300))
    let record = try scene.record(of: "/slow")
    #expect(record["FLAGS"] == "UT" && record["STATUS"] == "504", "\(record)")
    #expect(try client.get("/next").body == "own")
    #expect(server.requests.first { $0.head.target == "/next" }?.number == 1)
    // No document asks for another try: a server that is slow gets its load once.
    #expect(server.requests.count == 2)
  }

  @Test("in time for one try is tried again where the route asks for it, in the request's whole time")
  func triesAgainInTime() throws {
    let server = try server { $0.connection < 3 ? .silence : .ok("own") }
    let rules = """
      [{backendRefs: [{name: web, port: 80}], timeouts: {request: 20s, backendRequest: 200ms},
        retry: {codes: [503], attempts: 3, backoff: 1ms}}]
      """
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address) + Documents.route(rules))
    #expect(try scene.client().get("/x").body == "own")
    #expect(try scene.record(of: "/x")["RETRIES"] == "2")
  }

  @Test("in time within its body resets the client, who has no whole answer")
  func stallsWithinBody() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let rules = "[{backendRefs: [{name: web, port: 80}], timeouts: {request: 300ms}}]"
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address) + Documents.route(rules))
    let client = try scene.client()
    try client.send("GET /stall HTTP/1.1\r\nHost: web\r\n\r\n")
    let upstream = try listener.accept()
    let reader = MessageReader(upstream)
    _ = try reader.head()
    try upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour")
    if let answer = try? client.answer() { #expect(!answer.isWhole, "\(answer)") }
    #expect(try scene.record(of: "/stall")["FLAGS"] == "UT")
    // The server learns that nobody waits any more.
    #expect(try reader.head() == nil)
  }

  @Test("because it refuses connections makes a 503 at once, whatever the method")
  func refuses() throws {
    let scene = try RequestScene.outbound(in: pods, Documents.web(refused))
    let client = try scene.client()
    for answer in [try client.get("/get"), try client.post("/post", body: "x")] {
      #expect(answer.status == 503 && answer.reason == "connect-failed", "\(answer)")
    }
    for path in ["/get", "/post"] {
      let record = try scene.record(of: path)
      #expect(try #require(record["FLAGS"]).contains("UF"), "\(record)")
      #expect(record["UPSTREAM"] == refused.description, "\(record)")
    }
  }

  @Test("because it refuses connections is passed over for another of the service, also by a POST")
  func triesAnother() throws {
    let server = try server()
    let scene = try RequestScene.outbound(in: pods, Documents.web(refused, server.address))
    let client = try scene.client()
    for number in 0..<10 {
      #expect(try client.get("/get/\(number)").body == "own")
      #expect(try client.post("/post/\(number)", body: "x").body == "own")
    }
    #expect(server.requests.count == 20)
  }

  @Test("because the service has no endpoint is waited for at most 3 s, and then refused at once")
  func noEndpoints() throws {
    let scene = try RequestScene.outbound(in: pods, Documents.web())
    let client = try scene.client()
    let start = ContinuousClock.now
    let first = try client.get("/first")
    #expect(first.status == 503 && first.reason == "no-endpoint", "\(first)")
    let waited = ContinuousClock.now - start
    #expect(waited > .milliseconds(2500) && waited < .seconds(12), "\(waited)")
    let again = ContinuousClock.now
    #expect(try client.get("/second").status == 503)
    // It would wait for three seconds otherwise.
    #expect(ContinuousClock.now - again < .milliseconds(2500))
    #expect(try scene.record(of: "/second")["FLAGS"] == "UH")
  }

  @Test("on any try is not stormed: of 1,000 requests hardly more than a fifth, and ten a second, are tried again")
  func retryBudget() throws {
    let server = try server { _ in .send(ScriptedServer.answer(503, "down")) }
    let rules = "[{backendRefs: [{name: web, port: 80}], retry: {codes: [503], attempts: 10, backoff: 1ms}}]"
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address) + Documents.route(rules))
    let client = try scene.client()
    let start = ContinuousClock.now
    for number in 0..<1000 { #expect(try client.get("/\(number)").status == 503) }
    let seconds = Int((ContinuousClock.now - start).components.seconds) + 1
    // The budget's reserve, 10 a second over its window of 10 s, may be used at once.
    let allowed = 1000 + 200 + 100 + 10 * seconds
    #expect((1001...allowed).contains(server.requests.count), "\(server.requests.count) of \(allowed)")
  }
}
