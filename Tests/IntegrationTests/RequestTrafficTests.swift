import MeshModel
import Testing
import WeftTestKit

/// Retries, faults, limits and sampling, as documents ask for them.
@Suite("Documents on traffic")
struct RequestTrafficTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private func server(
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply = { _ in .ok("own") }
  ) throws -> ScriptedServer {
    try ScriptedServer(in: pods.server, on: pods.serverEnd.v4, reply: reply)
  }

  private func outbound(_ server: ScriptedServer, rule: String = "", more: String = "") throws -> RequestScene {
    let route = Documents.route("[{backendRefs: [{name: web, port: 80}]\(rule.isEmpty ? "" : ", \(rule)")}]")
    return try RequestScene.outbound(in: pods, Documents.web(server.address) + route + more)
  }

  @Test("retry neither on other codes than those given, nor what may not be sent twice")
  func noRetries() throws {
    let server = try server { request in
      .send(ScriptedServer.answer(request.head.target == "/broken" ? 500 : 503))
    }
    let scene = try outbound(server, rule: "retry: {codes: [503], attempts: 3, backoff: 20ms}")
    let client = try scene.client()
    #expect(try client.get("/broken").status == 500)
    #expect(server.requests.count == 1)
    #expect(try client.post("/busy", body: "x").status == 503)
    #expect(server.requests.count == 2, "a POST is not repeated")
  }

  @Test("retry until an endpoint answers well, and the record tells how often")
  func retriesUntilWell() throws {
    let server = try server { request in
      request.connection < 4 ? .close(after: ScriptedServer.answer(503, "busy", ["Connection: close"])) : .ok("own")
    }
    let scene = try outbound(server, rule: "retry: {codes: [503], attempts: 5, backoff: 5ms}")
    let answer = try scene.client().get("/x")
    #expect(answer.status == 200 && answer.body == "own", "\(answer)")
    #expect(try scene.record(of: "/x")["RETRIES"] == "3")
  }

  @Test("retry a request with its body, byte for byte, where its method allows")
  func retriesBody() throws {
    let body = String(repeating: "0123456789", count: 6000)
    let server = try server { request in
      request.connection == 1 ? .close(after: ScriptedServer.answer(503, "", ["Connection: close"])) : .ok("own")
    }
    let scene = try outbound(server, rule: "retry: {codes: [503], attempts: 2, backoff: 5ms}")
    let head = "PUT /x HTTP/1.1\r\nHost: web\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
    #expect(try scene.client().ask(head + body).body == "own")
    #expect(server.requests.map(\.body) == [body, body])
  }

  @Test("inject a delay before a request goes on")
  func delay() throws {
    let server = try server()
    let scene = try outbound(
      server,
      more: Documents.traffic("faultInjection: {delay: {fixedDelay: 300ms, percentage: 100}}")
    )
    let start = ContinuousClock.now
    #expect(try scene.client().get("/x").body == "own")
    #expect(ContinuousClock.now - start >= .milliseconds(300))
    let record = try scene.record(of: "/x")
    #expect(record["FLAGS"] == "DI" && record["STATUS"] == "200", "\(record)")
  }

  @Test("inject aborts into a part of the requests, and none of these reaches the server")
  func abort() throws {
    let server = try server()
    let scene = try outbound(
      server,
      more: Documents.traffic("faultInjection: {abort: {httpStatus: 418, percentage: 50}}")
    )
    let client = try scene.client()
    let statuses = try (0..<400).map { try client.get("/\($0)").status }
    let aborted = statuses.count { $0 == 418 }
    // Half of them; 50 are five standard deviations.
    #expect((150...250).contains(aborted) && statuses.allSatisfy { $0 == 418 || $0 == 200 }, "\(aborted)")
    #expect(server.requests.count == 400 - aborted)
  }

  /// A proxy at the server with these limits in force.
  private func limited(_ server: ScriptedServer, _ rules: String, more: String = "") throws -> RequestScene {
    let limit = Documents.traffic("rateLimit: {type: Local, local: {rules: \(rules)}}")
    return try RequestScene.inbound(in: pods, Documents.web(server.address) + limit + more)
  }

  @Test("limit the rate of all requests to a service: 429 with Retry-After beyond it")
  func rateLimit() throws {
    let server = try server()
    let scene = try limited(server, "[{limit: {requests: 3, unit: Hour}}]")
    let client = try scene.client(server.address)
    for _ in 0..<3 { #expect(try client.get("/x").status == 200) }
    let answer = try client.get("/over")
    #expect(answer.status == 429 && answer.reason == "rate-limited", "\(answer)")
    #expect(try #require(Int(answer.head["retry-after"] ?? "")) >= 1)
    let record = try scene.record(of: "/over")
    #expect(record["EVENT"] == "request-denied" && record["FLAGS"] == "RL", "\(record)")
    #expect(server.requests.count == 3)
  }

  @Test("limit the rate of each client by itself")
  func rateLimitPerClient() throws {
    let server = try server()
    let scene = try limited(
      server,
      "[{clientSelectors: [{sourceCIDR: {type: Distinct, value: 0.0.0.0/0}}], limit: {requests: 2, unit: Hour}}]"
    )
    // Another address of the client's, as another client.
    let other = IPAddress(v4: pods.clientEnd.v4.v4 + 2)
    try pods.client.ip("address", "add", "\(other)/28", "dev", pods.clientEnd.interface)
    let first = try scene.client(server.address)
    let stream = try PodStream.connect(
      from: pods.client,
      to: server.address,
      source: SocketAddress(other, port: 0)
    )
    let second = RequestStream(stream)
    for client in [first, second] {
      for _ in 0..<2 { #expect(try client.get("/x").status == 200) }
      #expect(try client.get("/x").status == 429)
    }
    #expect(try scene.client(server.address).get("/x").status == 429, "a new connection is the same client")
  }

  @Test("limit only the requests that their selectors match")
  func rateLimitSelected() throws {
    let server = try server()
    let scene = try limited(
      server,
      "[{clientSelectors: [{headers: [{name: X-Tenant, value: a}]}], limit: {requests: 1, unit: Hour}}]"
    )
    let client = try scene.client(server.address)
    #expect(try client.get("/x", ["X-Tenant: a"]).status == 200)
    #expect(try client.get("/x", ["X-Tenant: a"]).status == 429)
    for _ in 0..<3 { #expect(try client.get("/x", ["X-Tenant: b"]).status == 200) }
  }

  @Test("limit a route by itself: the policy of a route wins over its service's")
  func rateLimitOfRoute() throws {
    let server = try server()
    let limit = Documents.traffic(
      "rateLimit: {type: Local, local: {rules: [{limit: {requests: 1, unit: Hour}}]}}",
      for: "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: web}"
    )
    let route = Documents.route(
      "[{matches: [{path: {type: PathPrefix, value: /dear}}], backendRefs: [{name: web, port: 80}]}]"
    )
    let scene = try RequestScene.inbound(in: pods, Documents.web(server.address) + route + limit)
    let client = try scene.client(server.address)
    #expect(try client.get("/dear").status == 200)
    #expect(try client.get("/dear/x").status == 429)
    for _ in 0..<3 { #expect(try client.get("/cheap").status == 200) }
  }

  private func telemetry(_ spec: String) -> String {
    """
    ---
    {apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: default}, spec: {\(spec)}}

    """
  }

  @Test("sample the records of successes: all of them at 100 percent, none at 0, and failures always")
  func sampling() throws {
    for (percent, expected) in [("100", 20), ("0", 0)] {
      let pods = try TwoPods()
      let own = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) {
        $0.head.target == "/bad" ? .send(ScriptedServer.answer(500)) : .ok()
      }
      let document = telemetry("tracing: [{randomSamplingPercentage: \(percent)}]")
      let scene = try RequestScene.outbound(in: pods, Documents.web(own.address) + document)
      let client = try scene.client()
      for number in 0..<20 { _ = try client.get("/\(number)") }
      #expect(try client.get("/bad").status == 500)
      _ = try scene.record(of: "/bad")
      #expect(scene.proxy.records.count { $0["EVENT"] == "request" } == expected)
    }
  }

  @Test("sample as a traceparent says, whatever the rate")
  func samplingByParent() throws {
    let server = try server { $0.head.target == "/bad" ? .send(ScriptedServer.answer(500)) : .ok() }
    let scene = try outbound(server, more: telemetry("tracing: [{randomSamplingPercentage: 0}]"))
    let client = try scene.client()
    let trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"
    _ = try client.get("/sampled", ["\(trace)-01"])
    _ = try client.get("/not", ["\(trace)-00"])
    _ = try client.get("/bad")
    _ = try scene.record(of: "/bad")
    #expect(scene.proxy.records.filter { $0["EVENT"] == "request" }.map { $0["PATH"] } == ["/sampled"])
  }

  @Test("switch records of successes off altogether")
  func noRecords() throws {
    let server = try server { $0.head.target == "/bad" ? .send(ScriptedServer.answer(500)) : .ok() }
    let scene = try outbound(server, more: telemetry("accessLogging: [{disabled: true}]"))
    let client = try scene.client()
    for number in 0..<5 { _ = try client.get("/\(number)") }
    _ = try client.get("/bad")
    _ = try scene.record(of: "/bad")
    #expect(!scene.proxy.records.contains { $0["EVENT"] == "request" })
  }
}
