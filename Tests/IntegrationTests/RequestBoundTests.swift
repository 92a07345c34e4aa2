import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

/// What clients may ask of a proxy before it says no: both sides are untrusted.
@Suite("A client that asks too much")
struct RequestBoundTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private func scene(
    _ options: ProxyUnderTest.Options = .init(),
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply = { .ok("to \($0.head.target)") }
  ) throws -> (RequestScene, ScriptedServer) {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4, reply: reply)
    return (try RequestScene.outbound(in: pods, Documents.web(server.address), options), server)
  }

  @Test("of time for its head is answered with 408 after 10 s, however steadily it drips")
  func slowHead() throws {
    let (scene, server) = try scene()
    let client = try scene.client()
    let start = ContinuousClock.now
    try client.send("GET /slow HTTP/1.1\r\nHost: web\r\nX-Drip: ")
    let stream = client.stream
    Thread.detachNewThread {
      // A byte every 100 ms, until nobody takes them any more: far too often for any idle timeout.
      while (try? stream.send("x")) != nil { usleep(100_000) }
    }
    let answer = try client.answer()
    #expect(answer.status == 408 && answer.reason == "head-timeout", "\(answer)")
    let waited = ContinuousClock.now - start
    #expect(waited > .seconds(9) && waited < .seconds(14), "\(waited)")
    #expect(server.requests.isEmpty)
    #expect(try scene.proxy.record("of the slow head") { $0["REASON"] == "head-timeout" }["FLAGS"] == "DPE")
    // Dripping goes on into a connection that is let go of, and with it the thread ends.
    client.stream.close()
  }

  @Test("of silence within its body is let go after the idle timeout, and the server with it")
  func idleWithinBody() throws {
    let (scene, server) = try scene(.init("--idle-timeout", "1"))
    let client = try scene.client()
    try client.send("POST /stall HTTP/1.1\r\nHost: web\r\nContent-Length: 10\r\n\r\nfour")
    let answer = try client.answer()
    #expect(answer.status == 408 && answer.reason == "idle-timeout", "\(answer)")
    #expect(try scene.record(of: "/stall")["FLAGS"] == "SI")
    #expect(try !server.requests(atLeast: 1)[0].isWhole)
  }

  @Test("gets 100 fields through, and 431 for one more")
  func manyFields() throws {
    let (scene, _) = try scene()
    let lines = (1..<100).map { "X-\($0): v" }
    #expect(try scene.client().get("/100", lines).status == 200)
    let answer = try scene.client().get("/101", lines + ["X-100: v"])
    #expect(answer.status == 431 && answer.reason == "bad-request; too-many-fields", "\(answer)")
    #expect(try scene.record(ofRefusal: "too-many-fields")["FLAGS"] == "DPE")
  }

  @Test("gets a head of nearly 64 KiB through, and 431 for a larger one, whether or not it ever ends")
  func largeHead() throws {
    let (scene, _) = try scene()
    let lines = (0..<60).map { "X-\($0): \(String(repeating: "v", count: 1000))" }
    #expect(try scene.client().get("/fits", lines).status == 200)
    let larger = try scene.client().get("/larger", lines + lines.prefix(10).map { "Y\($0)" })
    #expect(larger.status == 431, "\(larger)")
    let client = try scene.client()
    try client.send("GET /endless HTTP/1.1\r\nHost: web\r\nX-Endless: " + String(repeating: "v", count: 66_000))
    let endless = try client.answer()
    #expect(endless.status == 431 && endless.reason == "bad-request; head-too-large", "\(endless)")
  }

  @Test("gets 414 for a target beyond 8 KiB")
  func longTarget() throws {
    let (scene, _) = try scene()
    let answer = try scene.client().get("/" + String(repeating: "p", count: 8192))
    #expect(answer.status == 414, "\(answer)")
  }

  @Test("gets 400 where what it says is ambiguous, and is closed", arguments: ambiguous)
  func ambiguity(_ text: String) throws {
    let (scene, server) = try scene()
    let client = try scene.client()
    try client.send("GET /fine HTTP/1.1\r\nHost: web\r\n\r\n" + text + "GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(try client.answer().body == "to /fine")
    let answer = try client.answer()
    #expect((400...505).contains(answer.status) && answer.head["Connection"] == "close", "\(answer)")
    #expect(try client.isEnded())
    #expect(server.requests.map(\.head.target) == ["/fine"])
  }

  private static let ambiguous = [
    "POST /x HTTP/1.1\r\nHost: web\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /x HTTP/1.1\r\nHost: web\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "POST /x HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "POST /x HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: \u{b}chunked\r\n\r\n0\r\n\r\n",
    "GET /x HTTP/1.1\nHost: web\n\n",
    "GET /x HTTP/1.1\r\nHost: web\r\nX-A: b\rX-C: d\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost : web\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: web\r\nX-A: b\r\n folded\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: web\r\nX-A: a\0b\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: web\r\nHost: other\r\n\r\n",
    "GET /x HTTP/1.1\r\n\r\n",
    "GET /x HTTP/1.1\r\nHost: web@other\r\n\r\n",
  ]

  @Test("by chunks that are none gets 400, and the server no whole request")
  func badChunks() throws {
    let (scene, server) = try scene()
    let client = try scene.client()
    let head = "POST /x HTTP/1.1\r\nHost: web\r\nTransfer-Encoding: chunked\r\n\r\n"
    let answer = try client.ask(head + "4\r\nfour\r\n0x5\r\nfive!\r\n0\r\n\r\n")
    #expect(answer.status == 400, "\(answer)")
    #expect(try scene.record(of: "/x")["FLAGS"] == "DPE")
    #expect(server.requests.allSatisfy { !$0.isWhole })
  }

  @Test("by reading 200 MB slowly holds the server back, and grows the proxy by less than 2 MB")
  func slowReader() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    try client.send("GET /big HTTP/1.1\r\nHost: web\r\n\r\n")
    let upstream = try listener.accept()
    _ = try MessageReader(upstream).head()
    let before = try scene.proxy.memory().anonymous
    let total = 200 << 20
    try upstream.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
    let written = Written()
    Thread.detachNewThread {
      let chunk = [UInt8](repeating: 7, count: 1 << 20)
      while written.bytes < total, (try? upstream.send(chunk)) != nil { written.add(chunk.count) }
    }
    try written.waitUntilStalled()
    #expect(written.bytes < total / 2, "the server was not held back")
    #expect(try scene.proxy.memory().anonymous - before < 2 << 20)
    var received = 0
    while received < total {
      let bytes = try client.stream.receive(upTo: 1 << 20)
      if bytes.isEmpty { break }
      received += bytes.count
    }
    #expect(received > total && received < total + 1000, "the body and its head: \(received)")
  }

  @Test("by sending 200 MB to a server that reads nothing is held back itself")
  func slowServer() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    let total = 200 << 20
    try client.send("POST /big HTTP/1.1\r\nHost: web\r\nContent-Length: \(total)\r\n\r\n")
    let upstream = try listener.accept()
    let before = try scene.proxy.memory().anonymous
    let written = Written()
    let stream = client.stream
    Thread.detachNewThread {
      let chunk = [UInt8](repeating: 7, count: 1 << 20)
      while written.bytes < total, (try? stream.send(chunk)) != nil { written.add(chunk.count) }
    }
    try written.waitUntilStalled()
    #expect(written.bytes < total / 2, "the client was not held back")
    #expect(try scene.proxy.memory().anonymous - before < 2 << 20)
    stream.reset()
    while let bytes = try? upstream.receive(upTo: 1 << 20), !bytes.isEmpty {}
    #expect(try scene.record(of: "/big")["FLAGS"] == "DC")
  }

  @Test("of an upgrade by bytes that come before the answer opens no tunnel, and they reach nobody")
  func earlyBytes() throws {
    let (scene, server) = try scene { request in
      guard request.head.target == "/chat" else { return .ok("own") }
      return .send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n")
    }
    let client = try scene.client()
    let upgrade = "GET /chat HTTP/1.1\r\nHost: web\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n"
    let answer = try client.ask(upgrade + "GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(answer.status == 502, "\(answer)")
    _ = try scene.record(of: "/chat")
    #expect(!server.requests.contains { $0.head.target == "/smuggled" && $0.connection == 1 })
  }

  @Test("of an upgrade that the server declines goes on as before")
  func declinedUpgrade() throws {
    let (scene, _) = try scene()
    let client = try scene.client()
    let answer = try client.get("/chat", ["Connection: upgrade", "Upgrade: chat"])
    #expect(answer.body == "to /chat", "\(answer)")
    #expect(try client.get("/next").body == "to /next")
  }

  @Test("of an upgrade that the server agrees to is connected with it, byte for byte, both ways")
  func upgrade() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    try client.send("GET /chat HTTP/1.1\r\nHost: web\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n")
    let upstream = try listener.accept()
    let head = try #require(try MessageReader(upstream).head())
    #expect(head["Upgrade"] == "chat" && head["Connection"]?.lowercased() == "upgrade", "\(head)")
    try upstream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nwelcome")
    let answer = try client.answer()
    #expect(answer.status == 101 && answer.head["Upgrade"] == "chat", "\(answer)")
    let bytes = "\u{1}\r\n\r\nGET no HTTP any more"
    try client.send(bytes)
    #expect(try upstream.receive(exactly: bytes.utf8.count) == bytes)
    client.stream.finish()
    #expect(try upstream.receiveToEnd().isEmpty)
  }

  @Test("by asking on and on without waiting for answers is held back, and grows the proxy by less than 2 MB")
  func endlessPipeline() throws {
    let (scene, server) = try scene { _ in .silence }
    let client = try scene.client()
    let one = "GET /on HTTP/1.1\r\nHost: web\r\n\r\n"
    try client.send(one)
    _ = try server.requests(atLeast: 1)
    let before = try scene.proxy.memory().anonymous
    let many = Array(String(repeating: one, count: 32).utf8)
    let written = Written()
    let stream = client.stream
    Thread.detachNewThread {
      while written.bytes < 200 << 20, (try? stream.send(many)) != nil { written.add(many.count) }
    }
    // The kernel's buffers take some of it, the proxy next to nothing.
    try written.waitUntilStalled()
    #expect(try scene.proxy.memory().anonymous - before < 2 << 20)
    #expect(written.bytes < 100 << 20)
    #expect(server.requests.count == 1)
    stream.reset()
  }

  @Test("and leaves within its body leaves no half request to others", arguments: ["reset", "finish"])
  func leavesWithinBody(_ end: String) throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    try client.send("POST /half HTTP/1.1\r\nHost: web\r\nContent-Length: 1000\r\n\r\nonly this")
    let first = MessageReader(try listener.accept())
    let half = try #require(try first.head())
    if end == "reset" { client.stream.reset() } else { client.stream.finish() }
    #expect(try !first.body(of: half).isWhole)
    #expect(try scene.record(of: "/half")["FLAGS"] == "DC")
    let other = try scene.client()
    try other.send("GET /next HTTP/1.1\r\nHost: web\r\n\r\n")
    let second = try listener.accept()
    #expect(try MessageReader(second).head()?.target == "/next")
    try second.send(ScriptedServer.answer(200, "own"))
    #expect(try other.answer().body == "own")
  }
}
