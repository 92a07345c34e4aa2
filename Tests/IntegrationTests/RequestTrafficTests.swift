import MeshModel
import Testing
import WeftTestKit

/// Retries, faults and sampling, as documents ask for them.
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
