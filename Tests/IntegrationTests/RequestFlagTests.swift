import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

/// Envoy's response flags, each earned by a request of its own.
@Suite("Every response flag")
struct RequestFlagTests {
  /// The flags as records have them; `earn` has a way to each.
  enum Flag: String, CaseIterable, Sendable {
    case DC, DPE, UF, UC, UH, UT, UPE, URX, UO, NR, UAEX, RL, DI, FI, SI, DT, UR
  }

  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  @Test("is earned by a request that deserves it and told in its record", arguments: Flag.allCases)
  func earned(_ flag: Flag) throws {
    let record = try earn(flag)
    let flags = (record["FLAGS"] ?? "").split(separator: ",").map(String.init)
    #expect(flags.contains(flag.rawValue), "\(record)")
  }

  @Test("that the proxy knows is in this table")
  func complete() throws {
    let source = try String(
      contentsOfFile: "\(Binaries.repository)/Sources/ProxyPath/Recording/ResponseFlags.swift",
      encoding: .utf8
    )
    let list = try #require(source.firstMatch(of: /names: \[StaticString\] = \[([^\]]*)\]/)).1
    let known = list.matches(of: /"([A-Z]+)"/).map { String($0.1) }
    #expect(known == Flag.allCases.map(\.rawValue))
  }

  /// Makes a request end so that it earns `flag`; its record.
  private func earn(_ flag: Flag) throws -> LogRecord {
    switch flag {
    case .DC: return try clientGone()
    case .DPE: return try outbound { try $0.client().get("/x", ["X : y"]) }
    case .UF: return try outbound(refused) { try $0.client().get("/x") }
    case .UC: return try outbound(reply: { _ in .close(after: "") }) { try $0.client().post("/x", body: "y") }
    case .UH: return try outbound(Documents.web()) { try $0.client().get("/x") }
    case .UT:
      return try outbound(rules: "timeouts: {request: 100ms}", reply: { _ in .silence }) { try $0.client().get("/x") }
    case .UPE: return try outbound(reply: { _ in .send("no HTTP at all\r\n\r\n") }) { try $0.client().get("/x") }
    case .URX:
      let rules = "retry: {codes: [503], attempts: 1, backoff: 1ms}"
      return try outbound(rules: rules, reply: { _ in .send(ScriptedServer.answer(503)) }) { try $0.client().get("/x") }
    case .UO: return try tooManyOpen()
    case .NR:
      return try outbound(rules: "matches: [{path: {type: Exact, value: /y}}]") { try $0.client().get("/x") }
    case .UAEX: return try inbound(Documents.authorization("rules", "DENY", rules: "[{}]"), times: 1)
    case .RL:
      let limit = "rateLimit: {type: Local, local: {rules: [{limit: {requests: 1, unit: Hour}}]}}"
      return try inbound(Documents.traffic(limit), times: 2)
    case .DI:
      let delay = Documents.traffic("faultInjection: {delay: {fixedDelay: 50ms}}")
      return try outbound(more: delay) { try $0.client().get("/x") }
    case .FI:
      let abort = Documents.traffic("faultInjection: {abort: {httpStatus: 418}}")
      return try outbound(more: abort) { try $0.client().get("/x") }
    case .SI:
      return try outbound(reply: { _ in .silence }, .init("--idle-timeout", "1")) { try $0.client().get("/x") }
    case .DT: return try drained()
    case .UR: return try refusedUnseen()
    }
  }

  private typealias Script = @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply

  private func server(_ reply: @escaping Script) throws -> ScriptedServer {
    try ScriptedServer(in: pods.server, on: pods.serverEnd.v4, port: 8080, reply: reply)
  }

  private var refused: String { Documents.web(SocketAddress(pods.serverEnd.v4, port: 9)) }

  /// The record of the first request that earned any flag.
  private func flagged(_ scene: RequestScene) throws -> LogRecord {
    try scene.proxy.record("of a request with flags") {
      $0["EVENT"]?.hasPrefix("request") == true && $0["FLAGS"] != nil && $0["FLAGS"] != "-"
    }
  }

  private func outbound(
    _ documents: String? = nil,
    more: String = "",
    rules: String = "",
    reply: @escaping Script = { _ in .ok() },
    _ options: ProxyUnderTest.Options = .init(),
    _ ask: (RequestScene) throws -> RequestStream.Answer
  ) throws -> LogRecord {
    let server = try server(reply)
    let route = Documents.route("[{backendRefs: [{name: web, port: 80}]\(rules.isEmpty ? "" : ", \(rules)")}]")
    let scene = try RequestScene.outbound(
      in: pods,
      (documents ?? Documents.web(server.address) + route) + more,
      options
    )
    _ = try ask(scene)
    return try flagged(scene)
  }

  private func inbound(_ documents: String, times: Int) throws -> LogRecord {
    let server = try server { _ in .ok() }
    let scene = try RequestScene.inbound(in: pods, Documents.web(server.address) + documents)
    let client = try scene.client(server.address)
    for _ in 0..<times { _ = try client.get("/x") }
    return try flagged(scene)
  }

  private func clientGone() throws -> LogRecord {
    let server = try server { _ in .silence }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address))
    let client = try scene.client()
    try client.send("GET /x HTTP/1.1\r\nHost: web\r\n\r\n")
    _ = try server.requests(atLeast: 1)
    client.stream.reset()
    return try flagged(scene)
  }

  private func tooManyOpen() throws -> LogRecord {
    var options = ProxyUnderTest.Options()
    options.descriptorLimit = 96
    let server = try server { _ in .ok() }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address), options)
    // Clients take one descriptor each; the first asks once no other is left for an endpoint.
    let clients = try (0..<150).map { _ in try scene.client() }
    try scene.proxy.record("of the exhaustion") { $0["EVENT"] == "descriptors-exhausted" }
    #expect(try clients[0].get("/x").status == 503)
    return try flagged(scene)
  }

  /// A server of HTTP/2 that looks at no request (RFC 9113 section 8.7).
  private func refusedUnseen() throws -> LogRecord {
    let scene = try HTTP2Scene(.oneProxy)
    let server = try MeshPeer.serve("unwilling", at: 8080, in: scene.server)
    defer { withExtendedLifetime(server) {} }
    _ = try scene.client.run("curl", "-sS", "--max-time", "20", "--http2-prior-knowledge", "\(scene.url)/x")
    return try scene.near.record("of the request") { $0["PATH"] == "/x" && $0["REASON"] == "refused-unseen" }
  }

  private func drained() throws -> LogRecord {
    let server = try server { _ in .silence }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address), .init("--drain-timeout", "1"))
    let client = try scene.client()
    try client.send("GET /x HTTP/1.1\r\nHost: web\r\n\r\n")
    _ = try server.requests(atLeast: 1)
    scene.proxy.program.signal(SIGTERM)
    return try flagged(scene)
  }
}
