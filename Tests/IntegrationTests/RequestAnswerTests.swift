import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Answers that are in order, but not the usual ones.
@Suite("An answer")
struct RequestAnswerTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private func scene(
    answersHeads: Bool = false,
    _ reply: @escaping @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply
  ) throws -> (RequestScene, ScriptedServer) {
    let server = try ScriptedServer(
      in: pods.server,
      on: pods.serverEnd.v4,
      answersHeads: answersHeads,
      reply: reply
    )
    return (try RequestScene.outbound(in: pods, Documents.web(server.address)), server)
  }

  @Test("that comes before the request's body is over reaches the client, and its connection is used for nothing else")
  func early() throws {
    let (scene, server) = try scene(answersHeads: true) { request in
      request.head.target == "/early" ? .send(ScriptedServer.answer(413, "too much")) : .ok("own")
    }
    let client = try scene.client()
    let head = "POST /early HTTP/1.1\r\nHost: web\r\nContent-Length: 1000\r\n\r\n"
    let answer = try client.ask(head + "only a part")
    #expect(answer.status == 413 && answer.body == "too much", "\(answer)")
    // What the client still sends belongs to the request that was answered; nothing may take it for another one.
    try? client.send(String(repeating: "x", count: 989) + "GET /smuggled HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(try client.isEnded())
    #expect(try scene.client().get("/next").body == "own")
    let targets = server.requests.map(\.head.target)
    #expect(targets == ["/early", "/next"], "\(targets)")
    #expect(server.requests.last?.number == 1)
  }

  @Test("to a whole flood of which only interim ones come is refused")
  func interimFlood() throws {
    let (scene, _) = try scene { request in
      guard request.head.target == "/flood" else { return .ok("own") }
      let one = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
      return .send(String(repeating: one, count: 1000) + ScriptedServer.answer(200, "late"))
    }
    let client = try scene.client()
    let answer = try client.get("/flood")
    #expect(answer.status == 502 && answer.interim.count <= 8, "\(answer)")
    #expect(try scene.record(of: "/flood")["FLAGS"] == "UPE")
    #expect(try client.get("/next").body == "own")
  }

  @Test("with interim ones before it brings them to a client of HTTP/1.1, and to none of 1.0")
  func interim() throws {
    let (scene, _) = try scene { _ in
      let early = "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
      return .send(early + ScriptedServer.answer(200, "final"))
    }
    let answer = try scene.client().get("/new")
    #expect(answer.interim == [102, 103] && answer.body == "final", "\(answer)")
    let old = try scene.client().ask("GET /old HTTP/1.0\r\nHost: web\r\n\r\n")
    #expect(old.interim.isEmpty && old.body == "final", "\(old)")
  }

  @Test("whose head is too large, or has too many fields, makes a 502")
  func hugeHead() throws {
    let (scene, _) = try scene { request in
      switch request.head.target {
      case "/large": .ok("x", (0..<80).map { "X-\($0): \(String(repeating: "v", count: 1000))" })
      case "/many": .ok("x", (0..<101).map { "X-\($0): v" })
      case "/endless": .send("HTTP/1.1 200 OK\r\nX-Long: " + String(repeating: "v", count: 70_000))
      default: .ok("own")
      }
    }
    let client = try scene.client()
    for target in ["/large", "/many", "/endless"] {
      let answer = try client.get(target)
      #expect(answer.status == 502, "\(target): \(answer)")
      #expect(try scene.record(of: target)["FLAGS"] == "UPE")
    }
    #expect(try client.get("/next").body == "own")
  }

  @Test(
    "that ends with its connection is chunked for a client of HTTP/1.1, and ends with the connection for one of 1.0"
  )
  func closeDelimited() throws {
    let (scene, _) = try scene { request in
      request.head.target == "/next" ? .ok("own") : .close(after: "HTTP/1.1 200 OK\r\n\r\nall there is")
    }
    let client = try scene.client()
    let answer = try client.get("/new")
    #expect(answer.body == "all there is" && answer.isWhole, "\(answer)")
    #expect(answer.head["Transfer-Encoding"] == "chunked")
    #expect(try client.get("/next").body == "own")
    let old = try scene.client()
    let plain = try old.ask("GET /old HTTP/1.0\r\nHost: web\r\n\r\n")
    #expect(plain.body == "all there is" && plain.head["Transfer-Encoding"] == nil, "\(plain)")
    #expect(try old.isEnded())
  }

  @Test("that ends with its connection, and with a reset, is whole for nobody")
  func closeDelimitedReset() throws {
    let (scene, _) = try scene { _ in .reset(after: "HTTP/1.1 200 OK\r\n\r\nnot all there is") }
    for version in ["1.1", "1.0"] {
      let client = try scene.client()
      try client.send("GET /\(version) HTTP/\(version)\r\nHost: web\r\n\r\n")
      if let answer = try? client.answer() { #expect(!answer.isWhole, "\(answer)") }
      #expect(try #require(scene.record(of: "/\(version)")["FLAGS"]).contains("UC"))
    }
  }

  @Test("in chunks comes without them, whole, to a client of HTTP/1.0")
  func chunkedToOld() throws {
    let (scene, _) = try scene { _ in
      .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-T: 1\r\n\r\n")
    }
    let plain = try scene.client().ask("GET /old HTTP/1.0\r\nHost: web\r\n\r\n")
    #expect(plain.body == "abcdefg" && plain.head["Transfer-Encoding"] == nil, "\(plain)")
    #expect(try scene.client().get("/new").body == "abcdefg")
  }

  @Test("to HEAD, and one with 204 or 304, ends with its head, whatever it promises")
  func bodiless() throws {
    let (scene, server) = try scene { request in
      switch request.head.target {
      case "/204": .send("HTTP/1.1 204 No Content\r\n\r\n")
      case "/304": .send("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: \"x\"\r\n\r\n")
      case "/head": .send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
      case "/chunks": .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      default: .ok("own")
      }
    }
    let client = try scene.client()
    #expect(try client.get("/204").status == 204)
    #expect(try client.get("/304").head["ETag"] == "\"x\"")
    let head = try client.ask("HEAD /head HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(head.status == 200 && head.head["Content-Length"] == "1000", "\(head)")
    #expect(try client.ask("HEAD /chunks HTTP/1.1\r\nHost: web\r\n\r\n").status == 200)
    #expect(try client.get("/next").body == "own")
    #expect(server.connections == 1)
  }

  @Test("that sends a body where none may be does so for nobody", arguments: ["/204", "/304", "/head"])
  func bodyWhereNoneMayBe(_ target: String) throws {
    let (scene, _) = try scene { request in
      let smuggled = ScriptedServer.answer(200, "smuggled")
      return switch request.head.target {
      case "/204": .send("HTTP/1.1 204 No Content\r\n\r\n" + smuggled)
      case "/304": .send("HTTP/1.1 304 Not Modified\r\n\r\n" + smuggled)
      case "/head": .send("HTTP/1.1 200 OK\r\nContent-Length: \(smuggled.utf8.count)\r\n\r\n" + smuggled)
      default: .ok("own")
      }
    }
    let client = try scene.client()
    let method = target == "/head" ? "HEAD" : "GET"
    _ = try client.ask("\(method) \(target) HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(try client.get("/next").body == "own")
    #expect(try scene.client().get("/other").body == "own")
  }

  @Test("comes in the order of the questions to a client that asks twenty at once")
  func pipelined() throws {
    let (scene, _) = try scene { .ok("to \($0.head.target)") }
    let client = try scene.client()
    let all = (0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: web\r\n\r\n" }
    try client.send(all.joined())
    for number in 0..<20 { #expect(try client.answer().body == "to /\(number)") }
  }
}
