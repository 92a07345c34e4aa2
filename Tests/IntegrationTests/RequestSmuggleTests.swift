import Glibc
import MeshModel
import Testing
import WeftTestKit

/// Requests that try to be one thing to the proxy and another to the program behind it.
@Suite("A request of two faces")
struct RequestSmuggleTests {
  private let pods: TwoPods
  private let server: ScriptedServer

  init() throws {
    pods = try TwoPods()
    server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok("to \($0.head.target)") }
  }

  /// The proxy at the server, where documents say that HTTP is spoken.
  private func inbound(_ documents: String = "") throws -> RequestScene {
    try RequestScene.inbound(in: pods, Documents.web(server.address) + documents)
  }

  @Test("in absolute form is judged and passed on by its target; its Host counts for nothing")
  func absoluteForm() throws {
    let policy = Documents.authorization(
      "x",
      "DENY",
      rules: "[{to: [{operation: {hosts: [secret.test]}}]}, {to: [{operation: {paths: [/admin*]}}]}]"
    )
    let scene = try inbound(policy)
    let client = try scene.client(server.address)
    func ask(_ target: String, host: String) throws -> Int {
      try client.ask("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n").status
    }
    #expect(try ask("http://secret.test/x", host: "open.test") == 403)
    #expect(try ask("http://open.test/admin", host: "open.test") == 403)
    #expect(try ask("http://open.test/a/../admin", host: "open.test") == 403)
    #expect(try ask("http://open.test/x", host: "secret.test") == 200)
    #expect(try #require(server.requests.first).head.values("Host") == ["open.test"])
  }

  @Test("in its trailers: identities, framing and what the proxy decides on are dropped there, other fields go on")
  func trailers() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.inbound(in: pods, Documents.web(listener.address))
    let client = try scene.client(listener.address)
    try client.send(
      "POST /x HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
        + "X-Checksum: 1\r\nX-Forwarded-Client-Cert: admin\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 5\r\n"
        + "Authorization: Bearer x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    let upstream = try listener.accept()
    let reader = MessageReader(upstream)
    let head = try #require(try reader.head())
    #expect(head["Transfer-Encoding"] == "chunked" && head["Content-Length"] == nil, "\(head)")
    // The rest, chunks and trailers, up to the empty line; the body comes as one chunk or more.
    let rest = try #require(try reader.head())
    #expect(rest.values("X-Checksum") == ["1"], "\(rest)")
    for name in ["x-forwarded-client-cert", "x-forwarded-for", "content-length", "authorization", "transfer-encoding"] {
      #expect(rest.values(name).isEmpty, "\(name): \(rest)")
    }
    try upstream.send(ScriptedServer.answer(200, "own"))
    #expect(try client.answer().body == "own")
  }

  @Test("by naming fields in Connection cannot take the mesh's own away")
  func connectionOptions() throws {
    let scene = try inbound()
    let lines = ["Connection: close, x-forwarded-for, x-request-id, traceparent, x-weft-hops, authorization"]
    #expect(try scene.client(server.address).get("/x", ["Connection: host"]).status == 400)
    #expect(try scene.client(server.address).get("/x", lines).status == 200)
    let head = try #require(server.requests.first).head
    #expect(head.values("x-forwarded-for") == [pods.clientEnd.v4.description], "\(head)")
    for name in ["x-request-id", "traceparent", "x-weft-hops", "host"] {
      #expect(head.values(name).count == 1, "\(name): \(head)")
    }
  }

  @Test("by naming a field in Connection that a policy looks at is judged on what the program gets")
  func connectionHidesHeader() throws {
    let policy = Documents.authorization(
      "x",
      "ALLOW",
      rules: "[{when: [{key: \"request.headers[X-Team]\", values: [blue]}]}]"
    )
    let scene = try inbound(policy)
    let client = try scene.client(server.address)
    #expect(try client.get("/x", ["X-Team: blue"]).status == 200)
    // The program would see no team at all.
    #expect(try client.get("/x", ["X-Team: blue", "Connection: x-team"]).status == 403)
  }

  @Test("that waits for 100 Continue gets it from the server, and its body goes on then")
  func expectContinue() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    try client.send("POST /x HTTP/1.1\r\nHost: web\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
    let upstream = try listener.accept()
    let reader = MessageReader(upstream)
    let head = try #require(try reader.head())
    #expect(head["Expect"] == "100-continue")
    try upstream.send("HTTP/1.1 100 Continue\r\n\r\n")
    #expect(try client.stream.receive(exactly: 25) == "HTTP/1.1 100 Continue\r\n\r\n")
    try client.send("body")
    #expect(try reader.body(of: head).text == "body")
    try upstream.send(ScriptedServer.answer(200, "own"))
    #expect(try client.answer().body == "own")
  }

  @Test("whose path would be a line of its own in a log is none: the record keeps it in one field")
  func logInjection() throws {
    let scene = try inbound()
    let path = "/x%0A{\"WEFT_EVENT\":\"forged\"}"
    _ = try? scene.client(server.address).get(path)
    let client = try scene.client(server.address)
    let agent = "User-Agent: a\u{85}b\u{2028}{\"WEFT_EVENT\":\"forged\"}"
    #expect(try client.get("/y", [agent]).status == 200)
    #expect(try client.get("/y?\u{e9}").status == 400)
    #expect(try scene.client(server.address).get("/end").status == 200)
    _ = try scene.record(of: "/end")
    #expect(!scene.proxy.records.contains { $0["EVENT"] == "forged" })
    #expect(scene.proxy.program.error.text.split(separator: "\n").allSatisfy { LogRecord(line: $0) != nil })
  }

  @Test("that is HEAD gets the proxy's own answers without a body, and the next request its own")
  func ownAnswerToHead() throws {
    let scene = try inbound(Documents.authorization("x", "DENY", rules: "[{to: [{operation: {paths: [/no]}}]}]"))
    let client = try scene.client(server.address)
    let answer = try client.ask("HEAD /no HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(answer.status == 403 && answer.head["content-length"] != nil, "\(answer)")
    #expect(try client.get("/yes").body == "to /yes")
  }

  @Test(
    "that begins as strict parsers would not have it is no way round the proxy: its spoofed identity reaches nobody",
    arguments: [
      "\r\nGET /x HTTP/1.1", "\n\nGET /x HTTP/1.1", "get /x HTTP/1.1", "Get /x HTTP/1.1", "GET\t/x\tHTTP/1.1",
      "GET /x HTTP/1.1 ", "M-SEARCH! /x HTTP/1.1", "GET /x http/1.1", "GETGETGETGETGETGETGETGETGET /x HTTP/1.1",
    ]
  )
  func disguised(_ line: String) throws {
    let request = "\(line)\r\nHost: web\r\nX-Forwarded-Client-Cert: admin\r\n\r\n"
    let scene = try inbound()
    let answer = try scene.client(server.address).ask(request)
    #expect((400...505).contains(answer.status) || answer.body.hasPrefix("to /x"), "\(answer)")
    #expect(!server.requests.contains { $0.head["X-Forwarded-Client-Cert"] != nil }, "\(server.requests)")
  }

  @Test(
    "that comes in pieces, with a pause, is no way round the proxy where documents say that it is HTTP",
    arguments: ["G", "GET", "GET /", "GET /x HTTP/1.1"]
  )
  func pieces(_ first: String) throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.inbound(in: pods, Documents.web(listener.address))
    let client = try scene.client(listener.address)
    let whole = "GET /x HTTP/1.1\r\nHost: web\r\nX-Forwarded-Client-Cert: admin\r\n\r\n"
    try client.send(first)
    // That nothing is passed on is announced by nothing; twice the proxy's patience with other protocols is waited for.
    usleep(600_000)
    try client.send(String(whole.dropFirst(first.count)))
    let upstream = try listener.accept()
    let head = try #require(try MessageReader(upstream).head())
    #expect(head.target == "/x" && head["x-forwarded-client-cert"] == nil, "\(head)")
    try upstream.send(ScriptedServer.answer(200, "own"))
    #expect(try client.answer().body == "own")
  }

  @Test("that is none ends with 400 where documents say that HTTP is spoken, whoever speaks first")
  func noRequest() throws {
    let scene = try inbound()
    let answer = try scene.client(server.address).ask("\u{1}\u{2}\u{3} no HTTP at all\r\n\r\n")
    #expect(answer.status == 400, "\(answer)")
    // Who connects only to see whether somebody is there is let go as it came.
    let probe = try scene.scene.dial(server.address)
    probe.finish()
    #expect(try probe.receive().isEmpty)
    #expect(server.requests.isEmpty)
  }
}
