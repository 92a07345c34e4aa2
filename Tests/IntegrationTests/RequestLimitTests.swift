import Foundation
import MeshModel
import Synchronization
import Testing
import WeftTestKit

/// Local rate limits at the proxy of the workload.
@Suite("A rate limit")
struct RequestLimitTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  /// A proxy at the server with these limits in force.
  private func limited(
    _ server: ScriptedServer,
    _ rules: String,
    _ options: ProxyUnderTest.Options = .init()
  ) throws -> RequestScene {
    let limit = Documents.traffic("rateLimit: {type: Local, local: {rules: \(rules)}}")
    return try RequestScene.inbound(in: pods, Documents.web(server.address) + limit, options)
  }

  @Test("counts all requests to a service: 429 with Retry-After beyond it")
  func ofService() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
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

  @Test("is told by weft explain with what it has left, and asking takes nothing of it")
  func explained() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
    let scene = try limited(server, "[{limit: {requests: 3, unit: Hour}}]")
    let client = try scene.client(server.address)
    for left in [3, 2, 1, 0] {
      for _ in 0..<2 {
        let run = try runWeft([
          "explain", "--request", "http://web/x", "--direction", "inbound", "--from", "\(pods.clientEnd.v4)", "--to",
          "\(server.address)", "--run-directory", scene.proxy.runDirectory.path,
        ])
        #expect(run.output.contains(", 429 beyond, \(left) left now"), "\(run)")
      }
      #expect(try client.get("/x").status == (left > 0 ? 200 : 429))
    }
  }

  @Test("of each client counts it by itself, and tells it alone when to come again")
  func perClient() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
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
      let answer = try client.get("/x")
      #expect(answer.status == 429 && answer.reason == "rate-limited", "\(answer)")
      // Two an hour: the next is due half an hour after the first, to a moment.
      let wait_s = try #require(Int(answer.head["retry-after"] ?? ""))
      #expect((1_700...1_800).contains(wait_s), "\(answer)")
    }
    #expect(try scene.client(server.address).get("/x").status == 429, "a new connection is the same client")
  }

  @Test("counts only the requests that its selectors match")
  func selected() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
    let scene = try limited(
      server,
      "[{clientSelectors: [{headers: [{name: X-Tenant, value: a}]}], limit: {requests: 1, unit: Hour}}]"
    )
    let client = try scene.client(server.address)
    #expect(try client.get("/x", ["X-Tenant: a"]).status == 200)
    #expect(try client.get("/x", ["X-Tenant: a"]).status == 429)
    for _ in 0..<3 { #expect(try client.get("/x", ["X-Tenant: b"]).status == 200) }
  }

  @Test("of a route counts by itself: the policy of a route wins over its service's")
  func ofRoute() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
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

  @Test("with Retry-After keeps its word: who waits so long is served")
  func keepsItsWord() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
    let scene = try limited(
      server,
      "[{clientSelectors: [{sourceCIDR: {type: Distinct, value: 0.0.0.0/0}}], limit: {requests: 1, unit: Second}}]"
    )
    let client = try scene.client(server.address)
    #expect(try client.get("/x").status == 200)
    // The second request, unless the machine was so busy that a second went by.
    let answer = try eventually("a request to come too soon") {
      let answer = try client.get("/x")
      return answer.status == 429 ? answer : nil
    }
    #expect(answer.head["retry-after"] == "1", "\(answer)")
    // What is tested is a stretch of time.
    Thread.sleep(forTimeInterval: 1)
    #expect(try client.get("/x").status == 200)
  }

  @Test("holds for the sum of two workers, whichever has the connection")
  func acrossWorkers() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
    var options = ProxyUnderTest.Options()
    options.workers = 2
    let scene = try limited(server, "[{limit: {requests: 60, unit: Hour}}]", options)
    // The kernel chooses a worker for each connection; that 24 all come to one is a chance of 1 in 8 million.
    let clients = 24
    let tally = Tally()
    for _ in 0..<clients {
      Thread.detachNewThread {
        let client = try? scene.client(server.address)
        let statuses = (0..<10).map { _ in (try? client?.get("/x").status) ?? 0 }
        tally.statuses.withLock { $0.append(statuses) }
      }
    }
    let statuses = try eventually("all clients to end") {
      tally.statuses.withLock { $0.count == clients ? $0.flatMap(\.self) : nil }
    }
    #expect(statuses.count { $0 == 200 } == 60 && statuses.count { $0 == 429 } == 180, "\(statuses)")
    #expect(server.requests.count == 60)
    let workers = try eventually("the records of all requests") {
      let records = scene.proxy.records.filter { $0["PATH"] == "/x" && $0["EVENT"]?.hasPrefix("request") == true }
      // Of sixteen digits the seventh and eighth are the worker's number.
      return records.count == 240
        ? Set(records.map { String(($0["CONNECTION_ID"] ?? "").dropFirst(6).prefix(2)) }) : nil
    }
    #expect(workers == ["00", "01"], "both workers had requests")
  }

  @Test("goes on counting where it was when other documents come into force")
  func survivesReload() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
    let documents =
      Documents.web(server.address)
      + Documents.traffic("rateLimit: {type: Local, local: {rules: [{limit: {requests: 2, unit: Hour}}]}}")
    let scene = try RequestScene.inbound(in: pods, documents)
    let client = try scene.client(server.address)
    for _ in 0..<2 { #expect(try client.get("/x").status == 200) }
    // A service that comes, with an endpoint and a limit that goes before this one, changes nothing.
    let limit = Documents.traffic(
      "rateLimit: {type: Local, local: {rules: [{limit: {requests: 2, unit: Hour}}]}}",
      for: "{group: \"\", kind: Service, name: other}"
    )
    let other =
      Documents.service("other", endpoints: [SocketAddress(pods.clientEnd.v4, port: 9)])
      + limit.replacing("metadata: {name: web}", with: "metadata: {name: other}")
    try scene.replace(documents + other)
    #expect(try client.get("/x").status == 429)
  }

  private final class Tally: Sendable {
    let statuses = Mutex<[[Int]]>([])
  }
}
