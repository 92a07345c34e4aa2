import Foundation
import MeshModel
import Synchronization
import Testing
import WeftTestKit

/// Many clients, many faults, at once: whoever gets an answer gets his own.
@Suite("Among many requests and faults")
struct RequestMixTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  /// What the server does with the request for `/<client>-<number>`: most are answered well, each fault comes often.
  private static let script: @Sendable (ScriptedServer.Request) -> ScriptedServer.Reply = { request in
    let target = request.head.target
    let body = "to \(target) with \(request.body)"
    // FNV-1a of the target: the same faults in every run.
    let hash = target.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    switch hash >> 8 % 16 {
    case 0: return .close(after: "")
    case 1: return .reset(after: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nto nobody")
    case 2: return .send(ScriptedServer.answer(200, body) + ScriptedServer.answer(200, "to somebody else"))
    case 3: return .send("garbage\r\n\r\n")
    case 4: return .close(after: ScriptedServer.answer(200, body))
    case 5:
      let length = String(body.utf8.count, radix: 16)
      return .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(length)\r\n\(body)\r\n0\r\n\r\n")
    case 6: return .close(after: "HTTP/1.1 200 OK\r\n\r\n\(body)")
    case 7: return .send("HTTP/1.1 103 Early Hints\r\n\r\n" + ScriptedServer.answer(200, body))
    default: return .ok(body)
    }
  }

  private struct Tally {
    var answered = 0
    var refused = 0
    var broken = 0
    var wrong: [String] = []
    var finished = 0
  }

  /// One client asks 150 times, over a new connection whenever its last one ended.
  private static func ask(_ scene: RequestScene, client: Int, _ tally: borrowing Mutex<Tally>) {
    var stream: RequestStream?
    for number in 0..<150 {
      let target = "/\(client)-\(number)"
      guard let asking = stream ?? (try? scene.client()) else { continue }
      stream = asking
      let body = number % 3 == 0 ? "" : "body \(client) \(number)"
      let answer = try? number % 3 == 0 ? asking.get(target) : asking.post(target, body: body)
      tally.withLock { tally in
        switch answer {
        case nil: tally.broken += 1
        case let answer? where !answer.isWhole: tally.broken += 1
        case let answer? where answer.status == 200:
          tally.answered += 1
          if answer.body != "to \(target) with \(body)" { tally.wrong.append("\(target): \(answer.body)") }
        case _?: tally.refused += 1
        }
      }
      if answer == nil || answer?.isWhole == false || answer?.head["Connection"] == "close" { stream = nil }
    }
    tally.withLock { $0.finished += 1 }
  }

  @Test("every whole answer is the asker's own")
  func ownAnswers() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4, reply: Self.script)
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address))
    let tally = SharedTally()
    for client in 0..<8 {
      Thread.detachNewThread { Self.ask(scene, client: client, tally.value) }
    }
    try eventually("all clients to end", within: .seconds(60)) { tally.value.withLock { $0.finished } == 8 }
    let result = tally.value.withLock { $0 }
    #expect(result.wrong.isEmpty, "\(result.wrong)")
    #expect(result.answered + result.refused + result.broken == 8 * 150)
    // Three in four are answered well, some more after a second try; each kind of fault was met.
    #expect(result.answered > 700 && result.refused > 20 && result.broken > 5, "\(result)")
    #expect(scene.proxy.program.exitCode == nil)
  }

  private final class SharedTally: Sendable {
    let value = Mutex(Tally())
  }

  @Test("a server that closes after each answer, without a word of it, costs no GET")
  func closesUnannounced() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) {
      .close(after: ScriptedServer.answer(200, "to \($0.head.target)"))
    }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address))
    let client = try scene.client()
    for number in 0..<200 { #expect(try client.get("/\(number)").body == "to /\(number)") }
  }
}
