import MeshModel
import Testing
import WeftTestKit

/// What servers do wrong before their answer is there.
@Suite("A server that fails a request")
struct RequestFaultTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private func server(
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply
  ) throws -> ScriptedServer {
    try ScriptedServer(in: pods.server, on: pods.serverEnd.v4, reply: reply)
  }

  /// A server, the service `web` that it alone stands behind, and a proxy that knows both.
  private func scene(
    rules: String = "[{backendRefs: [{name: web, port: 80}]}]",
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply
  ) throws -> (RequestScene, ScriptedServer) {
    let server = try server(reply)
    return (
      try RequestScene.outbound(in: pods, Documents.web(server.address) + Documents.route(rules)), server
    )
  }

  @Test("by closing a connection that was in use before is sent an idempotent request again, once, on a fresh one")
  func staleConnection() throws {
    let (scene, server) = try scene { request in
      if request.head.target == "/first" { return .ok("first") }
      return request.number > 1 ? .close(after: "") : .ok("second")
    }
    let client = try scene.client()
    #expect(try client.get("/first").body == "first")
    let answer = try client.get("/second")
    #expect(answer.status == 200 && answer.body == "second", "\(answer)")
    #expect(try scene.record(of: "/second")["RETRIES"] == "1")
    #expect(server.requests.map(\.head.target) == ["/first", "/second", "/second"])
  }

  @Test("by closing a connection that was in use before is not sent a POST again")
  func staleConnectionPost() throws {
    let (scene, server) = try scene { request in
      request.head.target == "/first" ? .ok("first") : .close(after: "")
    }
    let client = try scene.client()
    #expect(try client.get("/first").body == "first")
    let answer = try client.post("/order", body: "one")
    #expect(answer.status == 503 && answer.reason == "upstream-closed", "\(answer)")
    let record = try scene.record(of: "/order")
    #expect(record["FLAGS"] == "UC" && record["RETRIES"] == nil, "\(record)")
    #expect(server.requests.filter { $0.head.target == "/order" }.count == 1)
  }

  @Test("by closing a fresh connection is not asked again, unless a document wants it, and then as often as that says")
  func alwaysCloses() throws {
    for (rule, tries) in [("", 1), (", retry: {codes: [503], attempts: 2, backoff: 1ms}", 3)] {
      let (scene, server) = try scene(rules: "[{backendRefs: [{name: web, port: 80}]\(rule)}]") { _ in
        .close(after: "")
      }
      let answer = try scene.client().get("/x")
      #expect(answer.status == 503 && answer.reason == "upstream-closed", "\(answer)")
      #expect(try #require(scene.record(of: "/x")["FLAGS"]).contains("UC"))
      #expect(server.requests.count == tries)
      scene.proxy.program.kill()
    }
  }

  @Test("by closing in the midst of its head makes a 503, and the client's connection goes on")
  func closesWithinHead() throws {
    let (scene, _) = try scene { request in
      request.head.target == "/cut" ? .close(after: "HTTP/1.1 200 OK\r\nContent-Le") : .ok("whole")
    }
    let client = try scene.client()
    let answer = try client.get("/cut")
    #expect(answer.status == 503 && answer.reason == "upstream-closed", "\(answer)")
    #expect(try scene.record(of: "/cut")["FLAGS"] == "UC")
    #expect(try client.get("/next").body == "whole")
  }

  @Test(
    "in the midst of its body leaves the client with an answer that is plainly broken off",
    arguments: [
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nfour",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n",
    ]
  )
  func closesWithinBody(_ part: String) throws {
    let (scene, _) = try scene { request in
      switch request.head.target {
      case "/cut": .close(after: part)
      case "/reset": .reset(after: part)
      default: .ok("whole")
      }
    }
    for target in ["/cut", "/reset"] {
      let client = try scene.client()
      try client.send("GET \(target) HTTP/1.1\r\nHost: web\r\n\r\n")
      // A reset may overtake what came before it: then the client has no head either, and knows as well.
      if let answer = try? client.answer() { #expect(!answer.isWhole, "\(answer)") }
      let record = try scene.record(of: target)
      #expect(record["FLAGS"] == "UC" && record["REASON"] == "upstream-truncated", "\(record)")
    }
    #expect(try scene.client().get("/next").body == "whole")
  }

  @Test("by sending more than it announced does so for nobody: the rest is dropped with its connection")
  func sendsTooMuch() throws {
    let (scene, server) = try scene { request in
      guard request.head.target == "/long" else { return .ok("own") }
      return .send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour" + ScriptedServer.answer(200, "smuggled"))
    }
    let client = try scene.client()
    #expect(try client.get("/long").body == "four")
    #expect(try client.get("/next").body == "own")
    #expect(try scene.client().get("/other").body == "own")
    #expect(server.requests.first { $0.head.target == "/next" }?.connection != 1)
    #expect(try scene.record(of: "/long")["FLAGS"] == "UPE")
  }

  @Test("by speaking when it was not asked loses its connection")
  func speaksUnasked() throws {
    let listener = try self.listener()
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    try client.send("GET /one HTTP/1.1\r\nHost: web\r\n\r\n")
    let first = try listener.accept()
    let reader = MessageReader(first)
    #expect(try reader.head()?.target == "/one")
    try first.send(ScriptedServer.answer(200, "one"))
    #expect(try client.answer().body == "one")
    try first.send(ScriptedServer.answer(200, "unasked"))
    #expect(try reader.head() == nil)
    try client.send("GET /two HTTP/1.1\r\nHost: web\r\n\r\n")
    let second = try listener.accept()
    #expect(try MessageReader(second).head()?.target == "/two")
    try second.send(ScriptedServer.answer(200, "two"))
    #expect(try client.answer().body == "two")
  }

  private func listener() throws -> PodListener {
    try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
  }

  @Test(
    "by answering in no HTTP makes a 502, and the next request its own answer",
    arguments: [
      "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ]
  )
  func garbage(_ bytes: String) throws {
    let (scene, _) = try scene { request in
      request.head.target == "/bad" ? .send(bytes) : .ok("own")
    }
    let client = try scene.client()
    let answer = try client.get("/bad")
    #expect(answer.status == 502 && answer.reason?.hasPrefix("upstream-protocol") == true, "\(answer)")
    let record = try scene.record(of: "/bad")
    #expect(record["FLAGS"] == "UPE" && record["DETAIL"] != nil, "\(record)")
    #expect(try client.get("/next").body == "own")
  }

  @Test("by breaking its chunks off with garbage resets the client, who has no whole answer")
  func brokenChunks() throws {
    let (scene, _) = try scene { request in
      let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n"
      return request.head.target == "/bad" ? .send(start + "zz\r\n") : .ok("own")
    }
    let client = try scene.client()
    try client.send("GET /bad HTTP/1.1\r\nHost: web\r\n\r\n")
    if let answer = try? client.answer() { #expect(!answer.isWhole, "\(answer)") }
    #expect(try scene.record(of: "/bad")["FLAGS"] == "UPE")
    #expect(try scene.client().get("/next").body == "own")
  }
}
