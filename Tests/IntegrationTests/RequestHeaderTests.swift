import MeshModel
import Testing
import WeftTestKit

/// What programs are told of who asks, and may believe.
@Suite("Headers of a request")
struct RequestHeaderTests {
  private let pods: TwoPods
  private let server: ScriptedServer

  init() throws {
    pods = try TwoPods()
    server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok("to \($0.head.target)") }
  }

  private static let trace = "0af7651916cd43dd8448eb211c80319c"
  private static let spoofed = [
    "X-Forwarded-Client-Cert: Hash=1", "L5d-Client-Id: admin", "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1",
    "X-Forwarded-Proto: https", "X-Forwarded-Host: admin", "X-Request-Id: theirs",
    "Traceparent: 00-\(trace)-b7ad6b7169203331-01", "Tracestate: a=b", "B3: \(trace)-b7ad6b7169203331-1",
  ]

  /// A mesh with the server in it, and the client too where it belongs.
  private func documents(withClient isMember: Bool) -> String {
    let member = Documents.service("client", endpoints: [SocketAddress(pods.clientEnd.v4, port: 80)])
    return Documents.web(server.address) + (isMember ? member : "")
  }

  private func seen(_ index: Int = 0) throws -> MessageHead { try server.requests(atLeast: index + 1)[index].head }

  @Test("that say who asks never come from outside the mesh")
  func spoofedByStranger() throws {
    let scene = try RequestScene.inbound(in: pods, documents(withClient: false))
    #expect(try scene.client(server.address).get("/x", Self.spoofed).status == 200)
    let head = try seen()
    for name in ["x-forwarded-client-cert", "l5d-client-id", "forwarded", "x-forwarded-host", "tracestate", "b3"] {
      #expect(head.values(name).isEmpty, "\(name): \(head)")
    }
    #expect(head.values("x-forwarded-for") == [pods.clientEnd.v4.description])
    #expect(head.values("x-forwarded-proto") == ["http"])
    #expect(head.values("x-request-id").count == 1 && head["x-request-id"] != "theirs")
    #expect(head.values("traceparent").count == 1 && head["traceparent"]?.contains(Self.trace) == false)
  }

  @Test("that say who asks come through from the mesh, but for identities, which only a certificate can show")
  func fromMember() throws {
    let scene = try RequestScene.inbound(in: pods, documents(withClient: true))
    #expect(try scene.client(server.address).get("/x", Self.spoofed).status == 200)
    let head = try seen()
    #expect(head.values("x-forwarded-client-cert").isEmpty && head.values("l5d-client-id").isEmpty, "\(head)")
    #expect(head.values("x-forwarded-for") == ["192.0.2.1, \(pods.clientEnd.v4)"])
    #expect(head.values("x-request-id") == ["theirs"])
    #expect(try #require(head["traceparent"]).hasPrefix("00-\(Self.trace)-"))
    #expect(head["traceparent"]?.contains("b7ad6b7169203331") == false, "the span must be the proxy's own")
    #expect(head.values("tracestate") == ["a=b"])
  }

  @Test("that a program sends of its own identity do not leave the pod")
  func spoofedByProgram() throws {
    let scene = try RequestScene.outbound(in: pods, documents(withClient: false))
    #expect(try scene.client().get("/x", Self.spoofed).status == 200)
    let head = try seen()
    #expect(head.values("x-forwarded-client-cert").isEmpty && head.values("l5d-client-id").isEmpty, "\(head)")
  }

  @Test(
    "that become others' for who reads _ as - are refused",
    arguments: [
      "X_Forwarded_Client_Cert: x", "L5d_Client-Id: x", "X-Forwarded_For: x", "Content_Length: 3",
      "Transfer_Encoding: chunked", "x_request_id: y",
    ]
  )
  func underscores(_ line: String) throws {
    let scene = try RequestScene.inbound(in: pods, documents(withClient: false))
    let answer = try scene.client(server.address).get("/x", [line])
    #expect(answer.status == 400, "\(answer)")
    #expect(try scene.record(ofRefusal: "underscore-shadow")["FLAGS"] == "DPE")
    #expect(server.requests.isEmpty)
  }

  @Test("that begin with a word and an underscore of the program's own are left alone")
  func harmlessUnderscore() throws {
    let scene = try RequestScene.inbound(in: pods, documents(withClient: false))
    #expect(try scene.client(server.address).get("/x", ["X_Tenant: a"]).status == 200)
    #expect(try seen()["X_Tenant"] == "a")
  }

  @Test("that concern one connection only stay on it")
  func hopByHop() throws {
    let scene = try RequestScene.outbound(in: pods, documents(withClient: false))
    let lines = [
      "Connection: keep-alive, X-Hop", "Keep-Alive: timeout=5", "X-Hop: 1", "Proxy-Connection: keep-alive", "TE: gzip",
      "X-End: kept", "Upgrade: h2c",
    ]
    #expect(try scene.client().get("/x", lines).status == 200)
    let head = try seen()
    for name in ["keep-alive", "x-hop", "proxy-connection", "te", "upgrade", "connection"] {
      #expect(head.values(name).isEmpty, "\(name): \(head)")
    }
    #expect(head["X-End"] == "kept")
  }

  @Test("of a trace: a traceparent is continued, and the record tells both spans")
  func traceparent() throws {
    let scene = try RequestScene.outbound(in: pods, documents(withClient: false))
    let parent = "00-\(Self.trace)-b7ad6b7169203331-01"
    #expect(try scene.client().get("/x", ["traceparent: \(parent)", "tracestate: a=b,c=d"]).status == 200)
    let parts = try #require(try seen()["traceparent"]).split(separator: "-").map(String.init)
    #expect(parts.count == 4 && parts[1] == Self.trace && parts[2] != "b7ad6b7169203331" && parts[3] == "01")
    #expect(try seen()["tracestate"] == "a=b,c=d")
    let record = try scene.record(of: "/x")
    #expect(record["TRACE_ID"] == Self.trace && record["SPAN_ID"] == parts[2], "\(record)")
    #expect(record["PARENT_SPAN_ID"] == "b7ad6b7169203331")
  }

  @Test(
    "of a trace: a traceparent that is none begins a new trace",
    arguments: [
      "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ff-\(trace)-b7ad6b7169203331-01", "00-\(trace)-1-01",
      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "nonsense",
    ]
  )
  func badTraceparent(_ value: String) throws {
    let scene = try RequestScene.outbound(in: pods, documents(withClient: false))
    #expect(try scene.client().get("/x", ["traceparent: \(value)"]).status == 200)
    let head = try seen()
    let parts = try #require(head["traceparent"]).split(separator: "-").map(String.init)
    #expect(head.values("traceparent").count == 1 && parts.count == 4 && parts[0] == "00" && parts[2].count == 16)
    #expect(parts[1].count == 32 && parts[1] != Self.trace && parts[1] != String(repeating: "0", count: 32))
  }

  @Test(
    "of a trace: B3 in either form is accepted and goes on as the same trace",
    arguments: [
      ["b3: \(trace)-b7ad6b7169203331-1"],
      ["X-B3-TraceId: \(trace)", "X-B3-SpanId: b7ad6b7169203331", "X-B3-Sampled: 1"],
    ]
  )
  func b3(_ lines: [String]) throws {
    let scene = try RequestScene.outbound(in: pods, documents(withClient: false))
    #expect(try scene.client().get("/x", lines).status == 200)
    let head = try seen()
    #expect(try #require(head["traceparent"]).hasPrefix("00-\(Self.trace)-"))
    let b3 = head["b3"] ?? [head["x-b3-traceid"], head["x-b3-spanid"]].compactMap { $0 }.joined(separator: "-")
    #expect(b3.hasPrefix(Self.trace) && !b3.contains("b7ad6b7169203331"), "\(head)")
  }

  @Test(
    "that count the proxies on the way end a request that goes in a circle",
    arguments: ["32", "999", "many", "-1"]
  )
  func hopLoop(_ hops: String) throws {
    let scene = try RequestScene.outbound(in: pods, documents(withClient: false))
    let client = try scene.client()
    #expect(try client.get("/31", ["x-weft-hops: 31"]).status == 200)
    #expect(try seen()["x-weft-hops"] == "32")
    let answer = try client.get("/loop", ["x-weft-hops: \(hops)"])
    #expect(answer.status == 508 && answer.reason == "loop", "\(answer)")
    #expect(server.requests.count == 1)
  }

  @Test("that count the proxies on the way end a circle where it comes to the pod too", arguments: ["32", "many"])
  func hopLoopInbound(_ hops: String) throws {
    let scene = try RequestScene.inbound(in: pods, documents(withClient: true))
    let client = try scene.client(server.address)
    let answer = try client.get("/loop", ["x-weft-hops: \(hops)"])
    #expect(answer.status == 508 && answer.reason == "loop", "\(answer)")
    #expect(server.requests.isEmpty)
    #expect(try client.get("/31", ["x-weft-hops: 31"]).status == 200)
  }

  @Test("are told the truth by the answer's own: server and x-weft-reason are the proxy's only where it answered")
  func ownAnswers() throws {
    let scene = try RequestScene.outbound(in: pods, documents(withClient: false))
    let client = try scene.client()
    let theirs = try client.get("/x")
    #expect(theirs.head["server"] == nil && theirs.reason == nil, "\(theirs)")
    let ours = try client.get("/x", ["x-weft-hops: 32"])
    #expect(ours.head["server"] == "weft" && ours.reason == "loop", "\(ours)")
  }
}
