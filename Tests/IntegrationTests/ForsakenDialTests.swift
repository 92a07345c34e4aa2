import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Programs that believe their servers to be where every SYN is dropped, and say by a name for whom they are.
@Suite("A client whose request is for somebody else than whom it has dialled, where nobody answers")
struct ForsakenDialTests {
  /// Where packets disappear.
  private static let void = "192.0.2.1"
  /// What a request may take that waits for no dial; a dial has five seconds.
  private static let atOnce: Duration = .seconds(3)

  private let pods: TwoPods
  private let web: WebServer
  private let endpoint: SocketAddress

  init() throws {
    pods = try TwoPods()
    try Self.makeVoid(in: pods)
    web = try WebServer(in: pods.server, on: pods.serverEnd.v4, answer: "hello")
    endpoint = SocketAddress(pods.serverEnd.v4, port: 8080)
  }

  private static func makeVoid(in pods: TwoPods) throws {
    try pods.server.run("iptables", "-I", "INPUT", "-d", void, "-j", "DROP").orThrow()
    try pods.server.ip("addr", "add", "\(void)/32", "dev", "lo")
  }

  /// Asks for a name that is believed to be there; the answer, and how long it took.
  private func ask(
    _ path: String = "/",
    host: String = "web",
    port: UInt16 = 80,
    _ arguments: String...
  ) throws -> (answer: String, took: Duration) {
    let started = ContinuousClock.now
    let outcome = try pods.client.command("curl", "-sS", "--max-time", "20", "-w", " %{http_code}")
      .adding(["--resolve", "\(host):\(port):\(Self.void)", "http://\(host):\(port)\(path)"] + arguments).run()
    return (outcome.output, ContinuousClock.now - started)
  }

  @Test(
    "is answered at once by whom it names, whatever it asks",
    arguments: [[], ["-d", "a body"], ["-H", "expect: 100-continue", "-d", "a body"]]
  )
  func named(_ arguments: [String]) throws {
    let scene = try RequestScene.outbound(in: pods, Documents.web(endpoint))
    let started = ContinuousClock.now
    let outcome = try pods.client.command("curl", "-sS", "--max-time", "20", "--resolve", "web:80:\(Self.void)")
      .adding(["-w", " %{http_code}", "http://web/asked"] + arguments).run()
    #expect(outcome.output == "hello 200", "\(outcome)")
    #expect(ContinuousClock.now - started < Self.atOnce)
    let record = try scene.record(of: "/asked")
    #expect(record["SERVICE"] == "default/web:80" && record["ENDPOINT"] == "\(endpoint)", "\(record)")
  }

  @Test("is answered at once by whom it names, where it speaks HTTP/2")
  func http2() throws {
    let program = try MeshPeer.serve("answering", at: 8082, in: pods.server)
    defer { withExtendedLifetime(program) {} }
    let scene = try RequestScene.outbound(in: pods, Documents.web(SocketAddress(pods.serverEnd.v4, port: 8082)))
    let started = ContinuousClock.now
    let outcome = try pods.client.command("curl", "-sS", "--max-time", "20", "--resolve", "web:80:\(Self.void)")
      .adding(["--http2-prior-knowledge", "http://web/asked"]).run()
    #expect(outcome.output == "hello", "\(outcome)")
    #expect(ContinuousClock.now - started < Self.atOnce)
    #expect(try scene.record(of: "/asked")["SERVICE"] == "default/web:80")
  }

  @Test("is answered at once where its head comes in pieces")
  func pieces() throws {
    let scene = try RequestScene.outbound(in: pods, Documents.web(endpoint))
    let void = SocketAddress(try #require(IPAddress(Self.void)), port: 80)
    let client = try scene.client(void)
    let started = ContinuousClock.now
    for piece in ["GET /piece", "s HTTP/1.1\r\nHo", "st: web\r\n", "\r"] {
      let before = try bytesReceived(scene)
      try client.send(piece)
      try eventually("the proxy has read \(piece)") { try bytesReceived(scene) > before }
    }
    #expect(try client.ask("\n").body == "hello")
    #expect(ContinuousClock.now - started < Self.atOnce)
  }

  private func bytesReceived(_ scene: RequestScene) throws -> UInt64 {
    let list = try JSONDecoder().decode(ConnectionList.self, from: Data(try scene.proxy.admin("/v1/connections").utf8))
    return list.connections.reduce(0) { $0 + UInt64($1.bytesReceived) }
  }

  @Test("is answered at once by the proxy itself: a redirect, no route, a policy that forbids the endpoint")
  func answeredHere() throws {
    let rules = """
      [{matches: [{path: {type: PathPrefix, value: /old}}],
        filters: [{type: RequestRedirect, requestRedirect: {hostname: other}}]},
       {matches: [{path: {type: PathPrefix, value: /web}}], backendRefs: [{name: web, port: 80}]}]
      """
    let wall = """
      ---
      {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: wall},
       spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: \(Self.void)/32}}]}]}}

      """
    let scene = try RequestScene.outbound(in: pods, Documents.web(endpoint) + Documents.route(rules) + wall)
    for (path, status) in [("/old", "302"), ("/none", "404"), ("/web", "403")] {
      let (answer, took) = try ask(path, "-o", "/dev/null")
      #expect(answer == " \(status)" && took < Self.atOnce, "\(path): \(answer) in \(took)")
    }
    try scene.replace(Documents.web(endpoint) + Documents.registryOnly)
    let (answer, took) = try ask("/unknown", host: "nobody.example", "-o", "/dev/null")
    #expect(answer == " 502" && took < Self.atOnce, "\(answer) in \(took)")
    #expect(try scene.record(of: "/unknown")["REASON"] == "unknown-name")
  }

  @Test("is answered at once where a route leads elsewhere from the service that it has dialled")
  func routed() throws {
    let void = SocketAddress(try #require(IPAddress(Self.void)), port: 80)
    let documents =
      Documents.service("old", at: RequestScene.virtual, portName: "any", endpoints: [void])
      + Documents.service("web", endpoints: [endpoint])
      + Documents.route("[{backendRefs: [{name: web, port: 80}]}]", of: "old")
    let scene = try RequestScene.outbound(in: pods, documents)
    let started = ContinuousClock.now
    let answer = try scene.client().ask("GET /routed HTTP/1.1\r\nHost: old\r\n\r\n")
    #expect(answer.body == "hello" && ContinuousClock.now - started < Self.atOnce, "\(answer)")
    #expect(try scene.record(of: "/routed")["ENDPOINT"] == "\(endpoint)")
  }

  @Test("waits for whom it has dialled where nobody knows the name, and is reset when that does not answer")
  func unknown() throws {
    let scene = try RequestScene.outbound(in: pods, Documents.web(endpoint), .init("--connect-timeout", "2"))
    let (answer, took) = try ask(host: "nobody.example")
    #expect(answer == " 000" && took > .seconds(1), "\(answer) in \(took)")
    try scene.proxy.record("of the connection") { $0["REASON"] == "connect-timeout" }
  }

  @Test("has its request sent to whom it names alone, where both are there")
  func once() throws {
    let scene = try RequestScene.outbound(in: pods, Documents.web(endpoint))
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 80))
    for number in 0..<20 {
      #expect(try scene.client(listener.address).ask("GET /\(number) HTTP/1.1\r\nHost: web\r\n\r\n").body == "hello")
    }
    // Whoever is dialled and not meant may see a connection, which ends or waits without a byte.
    while let other = try? listener.accept(within: .milliseconds(200)) {
      guard other.isReadable else { continue }
      #expect((try? other.receive())?.isEmpty != false)
    }
  }
}

@Suite("A client whose request names what its proxy has not met")
struct ForsakenDialAgentTests {
  @Test("where nobody answers is asked of the agent about meanwhile, and answered at once")
  func unmet() throws {
    let scene = try AgentScene()
    let void = "192.0.2.1"
    try scene.pods.server.run("iptables", "-I", "INPUT", "-d", void, "-j", "DROP").orThrow()
    try scene.pods.server.ip("addr", "add", "\(void)/32", "dev", "lo")
    try scene.web()
    let started = ContinuousClock.now
    let answer = try scene.get(
      "http://web.default.mesh:8080/unmet",
      "--resolve",
      "web.default.mesh:8080:\(void)"
    )
    #expect(answer == "hello 200" && ContinuousClock.now - started < .seconds(4), "\(answer)")
  }
}
