import MeshModel
import Testing
import WeftTestKit

/// What the proxy does for a request because it is a call of gRPC.
@Suite("A call of gRPC")
struct CallTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private func server(
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply = { _ in
      .send(ScriptedServer.message())
    }
  ) throws -> ScriptedServer {
    try ScriptedServer(in: pods.server, on: pods.serverEnd.v4, reply: reply)
  }

  private static let toItself = "[{backendRefs: [{name: web, port: 80}]}]"

  @Test("passes with its messages and trailers, and its record and metrics say what it came to", arguments: [0, 5, 14])
  func passes(_ status: Int) throws {
    let server = try server { request in
      .send(
        request.head.target == "/a/M" ? ScriptedServer.message(status: status) : ScriptedServer.trailersOnly(status)
      )
    }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address))
    let client = try scene.client()
    let answer = try client.call("/a/M")
    #expect(answer.status == 200 && answer.body == "own" && answer.trailers["grpc-message"] == "said", "\(answer)")
    let other = try client.call("/a/T")
    for answer in [answer, other] { #expect(answer.grpcStatus == "\(status)" && answer.reason == nil, "\(answer)") }
    #expect(server.requests.allSatisfy { $0.head["te"] == "trailers" && $0.body == "ask" })
    for path in ["/a/M", "/a/T"] where status == 14 {
      let record = try scene.record(of: path)
      #expect(record["EVENT"] == "request-failed" && record["REASON"] == "finished", "\(record)")
      #expect(record["GRPC_STATUS"] == "14" && record["STATUS"] == "200", "\(record)")
    }
    if status != 14 {
      let record = try scene.record(of: "/a/M")
      #expect(record["EVENT"] == "request" && record["GRPC_STATUS"] == "\(status)", "\(record)")
    }
    let verdict = status == 14 ? "failure" : "success"
    let metrics = try scene.proxy.get("/metrics", port: 15020).output.split(separator: "\n")
    let line = metrics.first { $0.hasPrefix("response_total{") && $0.contains("grpc_status=\"\(status)\"") }
    #expect(line?.contains("classification=\"\(verdict)\"") == true && line?.hasSuffix(" 2") == true, "\(line ?? "")")
  }

  @Test("that is answered without saying what it came to is unknown to its client, and so to the record")
  func silent() throws {
    let server = try server { _ in .send(ScriptedServer.answer(200, "own", ["content-type: application/grpc"])) }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address))
    #expect(try scene.client().call("/a/M").grpcStatus == nil)
    let record = try scene.record(of: "/a/M")
    #expect(record["GRPC_STATUS"] == "2" && record["EVENT"] == "request-failed", "\(record)")
  }

  @Test(
    "whose time is over is told so, be it its client's or its route's, and its server gives up",
    arguments: [("250m", "20s"), ("20S", "250ms"), ("", "250ms"), ("garbage", "250ms")]
  )
  func deadline(_ timeout: String, _ route: String) throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let annotation = "{weft.mesh/request-timeout: \(route)}"
    let scene = try RequestScene.outbound(
      in: pods,
      Documents.web(listener.address) + Documents.calls(Self.toItself, annotation)
    )
    let client = try scene.client()
    let start = ContinuousClock.now
    try client.sendCall("/a/Slow", timeout.isEmpty ? [] : ["grpc-timeout: \(timeout)"])
    let upstream = MessageReader(try listener.accept())
    let head = try #require(try upstream.head())
    _ = try upstream.body(of: head)
    let answer = try client.answer()
    #expect(answer.status == 200 && answer.grpcStatus == "4" && answer.reason == "timeout", "\(answer)")
    #expect(answer.head["content-type"] == "application/grpc" && answer.head["grpc-message"] == "weft: timeout")
    #expect(answer.head["server"] == "weft" && answer.body.isEmpty)
    #expect(ContinuousClock.now - start >= .milliseconds(250))
    let record = try scene.record(of: "/a/Slow")
    #expect(record["GRPC_STATUS"] == "4" && record["FLAGS"] == "UT" && record["EVENT"] == "request-failed", "\(record)")
    // What is left of the smaller, in the finest unit that has room for it.
    let left = try #require(head["grpc-timeout"].flatMap { Int($0.dropLast()) }, "\(head)")
    #expect(head.values("grpc-timeout").count == 1 && head["grpc-timeout"]?.hasSuffix("u") == true, "\(head)")
    #expect((1...250_000).contains(left), "\(head)")
    #expect(try upstream.head() == nil)
  }

  @Test("has its client's time also where no document speaks of it, and on its way to the program")
  func inboundDeadline() throws {
    let server = try server { _ in .silence }
    let scene = try RequestScene.inbound(in: pods, Documents.web(server.address))
    let answer = try scene.client(server.address).call("/a/Slow", ["grpc-timeout: 200m"])
    #expect(answer.grpcStatus == "4" && answer.reason == "timeout", "\(answer)")
    let seen = try #require(server.requests.first?.head["grpc-timeout"])
    #expect(seen.hasSuffix("u") && Int(seen.dropLast()) ?? .max <= 200_000, "\(seen)")
  }

  @Test("with a time that is none goes on as it came", arguments: ["0S", "5", "S", "123456789S", "1s", "-5m"])
  func badTimeout(_ timeout: String) throws {
    let server = try server()
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address))
    #expect(try scene.client().call("/a/M", ["grpc-timeout: \(timeout)"]).grpcStatus == "0")
    #expect(server.requests.first?.head["grpc-timeout"] == timeout)
  }

  @Test(
    "whose time is over in the midst of its messages is ended behind the last whole one, and its connection goes on"
  )
  func deadlineWithinMessages() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    try client.sendCall("/a/Stream", ["grpc-timeout: 400m"])
    let upstream = try listener.accept()
    let reader = MessageReader(upstream)
    _ = try reader.body(of: try #require(try reader.head()))
    // A chunk, and the beginning of another.
    try upstream.send(
      "HTTP/1.1 200 OK\r\ncontent-type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n5\r\ntw"
    )
    let answer = try client.answer()
    #expect(answer.status == 200 && answer.isWhole && answer.body == "onetw", "\(answer)")
    #expect(answer.trailers == ["grpc-status": "4", "grpc-message": "weft: timeout"])
    let record = try scene.record(of: "/a/Stream")
    #expect(record["GRPC_STATUS"] == "4" && record["FLAGS"] == "UT", "\(record)")
    #expect(try reader.head() == nil)
    try client.sendCall("/a/Next")
    let next = try listener.accept()
    #expect(try MessageReader(next).head()?.target == "/a/Next")
    try next.send(ScriptedServer.trailersOnly(0))
    #expect(try client.answer().grpcStatus == "0")
  }

  @Test("that the proxy answers itself is answered in gRPC's form, and other requests are not")
  func ownAnswers() throws {
    let server = try server()
    let rules = """
      [{matches: [{method: {service: a}}], backendRefs: [{name: web, port: 80}]},
       {matches: [{method: {service: b}}], backendRefs: [{name: nobody, port: 80}]},
       {matches: [{method: {service: c}}], backendRefs: [{name: refusing, port: 80}]}]
      """
    let refusing = Documents.service("refusing", endpoints: [SocketAddress(pods.serverEnd.v4, port: 9)])
    let scene = try RequestScene.outbound(
      in: pods,
      Documents.web(server.address) + refusing + Documents.calls(rules)
    )
    #expect(try scene.client().call("/a/M").grpcStatus == "0")
    for (path, status, reason) in [
      ("/b/M", "14", "no-backend"), ("/c/M", "14", "connect-failed"), ("/d/M", "12", "no-route"),
    ] {
      let answer = try scene.client().call(path)
      #expect(answer.status == 200 && answer.grpcStatus == status && answer.reason == reason, "\(answer)")
      #expect(answer.head["grpc-message"] == "weft: \(reason)" && answer.head["content-type"] == "application/grpc")
      let record = try scene.record(of: path)
      #expect(record["GRPC_STATUS"] == status && record["REASON"] == reason, "\(record)")
    }
    let plain = try scene.client().post("/a/M", body: "x")
    #expect(plain.status == 404 && plain.body == "no-route\n" && plain.grpcStatus == nil, "\(plain)")
    #expect(try scene.record(of: "/c/M")["ROUTE"] == "default/calls/rule2")
  }

  @Test("that a policy denies, or a limit refuses, is told so in gRPC's form, where it arrives")
  func denied() throws {
    let server = try server()
    let limit = Documents.traffic("rateLimit: {type: Local, local: {rules: [{limit: {requests: 1, unit: Hour}}]}}")
    let deny = Documents.authorization("no-secret", "DENY", rules: "[{to: [{operation: {paths: [/secret/*]}}]}]")
    let scene = try RequestScene.inbound(in: pods, Documents.web(server.address) + limit + deny)
    let denied = try scene.client(server.address).call("/secret/M")
    #expect(denied.status == 200 && denied.grpcStatus == "7" && denied.reason == "denied", "\(denied)")
    let record = try scene.record(of: "/secret/M")
    #expect(record["EVENT"] == "request-denied" && record["GRPC_STATUS"] == "7", "\(record)")
    #expect(try scene.client(server.address).call("/a/M").grpcStatus == "0")
    let limited = try scene.client(server.address).call("/a/M")
    #expect(limited.grpcStatus == "14" && limited.reason == "rate-limited", "\(limited)")
    #expect(limited.head["retry-after"] != nil)
  }

  @Test("is made again where its route asks for that and no message has come, with the body it had")
  func retried() throws {
    let server = try server { request in
      request.connection < 3 ? .send(ScriptedServer.trailersOnly(14)) : .send(ScriptedServer.message())
    }
    let annotations =
      #"{weft.mesh/retry-on: "unavailable", weft.mesh/retry-attempts: "3", weft.mesh/retry-backoff: 1ms}"#
    let scene = try RequestScene.outbound(
      in: pods,
      Documents.web(server.address) + Documents.calls(Self.toItself, annotations)
    )
    let answer = try scene.client().call("/a/M")
    #expect(answer.grpcStatus == "0" && answer.body == "own", "\(answer)")
    let record = try scene.record(of: "/a/M")
    #expect(record["RETRIES"] == "2" && record["GRPC_STATUS"] == "0", "\(record)")
    #expect(server.requests.map(\.body) == ["ask", "ask", "ask"])
  }

  @Test("that is made again tells its server what is left of its time then")
  func retriedInTime() throws {
    let server = try server { request in
      request.connection < 2 ? .send(ScriptedServer.trailersOnly(14)) : .send(ScriptedServer.message())
    }
    let annotations =
      #"{weft.mesh/retry-on: "unavailable", weft.mesh/retry-attempts: "2", weft.mesh/retry-backoff: 800ms}"#
    let scene = try RequestScene.outbound(
      in: pods,
      Documents.web(server.address) + Documents.calls(Self.toItself, annotations)
    )
    let started = ContinuousClock.now
    #expect(try scene.client().call("/a/M", ["grpc-timeout: 20S"]).grpcStatus == "0")
    let passed_ms = (ContinuousClock.now - started) / .milliseconds(1)
    let told_ms = try server.requests.map { request in
      let field = try #require(request.head["grpc-timeout"])
      return try #require(Double(field.dropLast())) / (field.hasSuffix("u") ? 1000 : 1)
    }
    try #require(told_ms.count == 2)
    // A backoff is drawn by lot, and may be short.
    let less_ms = told_ms[0] - told_ms[1]
    #expect(less_ms > 0 && less_ms <= passed_ms + 1, "\(told_ms) \(passed_ms)")
  }

  @Test(
    "is not made again behind a message, for what its route does not name, or without a word of its route's",
    arguments: [
      (#"{weft.mesh/retry-on: "unavailable"}"#, "/a/Message", "14"),
      (#"{weft.mesh/retry-on: "internal"}"#, "/a/T", "14"),
      ("{}", "/a/T", "14"),
    ]
  )
  func notRetried(_ annotations: String, _ path: String, _ status: String) throws {
    let server = try server { request in
      .send(request.head.target == "/a/T" ? ScriptedServer.trailersOnly(14) : ScriptedServer.message(status: 14))
    }
    let scene = try RequestScene.outbound(
      in: pods,
      Documents.web(server.address) + Documents.calls(Self.toItself, annotations)
    )
    #expect(try scene.client().call(path).grpcStatus == status)
    #expect(try scene.record(of: path)["RETRIES"] == nil)
    #expect(server.requests.count == 1)
  }

  @Test(
    "finds an endpoint that says it cannot be had passed over after three times, as one that refuses connections is"
  )
  func unavailable() throws {
    let (sick, well) = (try server { _ in .send(ScriptedServer.trailersOnly(14)) }, try server())
    let scene = try RequestScene.outbound(in: pods, Documents.web(sick.address, well.address))
    let client = try scene.client()
    for number in 0..<60 { _ = try client.call("/a/\(number)") }
    // Three, and a probe for each pause that is over by then; fewer where the other one happens to answer faster.
    #expect((1...10).contains(sick.requests.count), "\(sick.requests.count)")
    #expect(sick.requests.count + well.requests.count == 60)
  }

  @Test("is explained with the GRPCRoute that takes it")
  func explained() throws {
    let server = try server()
    let http = Documents.route("[{matches: [{path: {value: /a}}]}]")
    let scene = try RequestScene.outbound(
      in: pods,
      Documents.web(server.address) + http + Documents.calls("[{matches: [{method: {service: a, method: M}}]}]")
    )
    func explain(_ url: String) throws -> String {
      try runWeft([
        "explain", "--request", "POST \(url)", "--header", "content-type: application/grpc", "--run-directory",
        scene.proxy.runDirectory.path,
      ]).output
    }
    let taken = try explain("http://web/a/M")
    #expect(taken.contains("default/calls/rule0 takes the request"), "\(taken)")
    #expect(taken.contains("GRPCRoute default/calls is for the same port"), "\(taken)")
    let refused = try explain("http://web/a/N")
    #expect(refused.contains("method N is not M") && refused.contains("grpc-status 12"), "\(refused)")
  }
}
