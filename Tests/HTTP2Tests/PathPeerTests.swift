import Testing
import WeftTestKit

@testable import HTTP2

@Suite("Against HTTP/2 that is not ours", .serialized)
struct PathPeerTests {
  @Test("h2load asks our server thousands of times on several connections, and each is answered")
  func load() throws {
    let directory = try TemporaryDirectory()
    let sockets = try PathSockets(at: directory.file("s"), serve: Self.echo)
    let body = try directory.write("body", String(repeating: "0123456789", count: 1000))
    let program = try Command(
      "h2load",
      ["-n4000", "-c4", "-m32", "-d", body, "-B", "unix:\(directory.file("s"))", "http://localhost/a"]
    ).start()
    let deadline = Deadline(.seconds(60))
    repeat { try sockets.turn(deadline) } while sockets.accepted < 4 || !sockets.sockets.isEmpty
    let outcome = try program.outcome()
    #expect(outcome.output.contains("4000 succeeded, 0 failed, 0 errored"), "\(outcome)")
    #expect(outcome.output.contains("4000 2xx"), "\(outcome)")
  }

  // One at a time where they are large, each answered once it is whole: HAProxy's mux lets a stream that waits block those
  // behind it ("HOL_RISK" in `haproxy -vv`), and bodies that flow both ways through two of its connections stop for good.
  @Test("Bodies of all sizes and trailers pass through HAProxy from our client to our server and back")
  func chain() throws {
    let directory = try TemporaryDirectory()
    let (front, back) = (directory.file("front"), directory.file("back"))
    let wholes = Wholes()
    let sockets = try PathSockets(at: back) { try wholes.answer($0, $1, $2) }
    let configuration = try directory.write(
      "haproxy.cfg",
      """
      defaults
        mode http
        timeout connect 10s
        timeout client 30s
        timeout server 30s
      frontend f
        bind unix@\(front) proto h2
        default_backend b
      backend b
        server s unix@\(back) proto h2

      """
    )
    let program = try Command("/usr/sbin/haproxy", ["-db", "-f", configuration]).start()
    let descriptor = try eventually("HAProxy listens at \(front)") { () -> Int32? in
      guard program.exitCode == nil else { throw TestKitError("HAProxy ended: \(program.error.text)") }
      return try PathSockets.connect(to: front)
    }
    let asked = Asked()
    let client = try PathSocket(descriptor, .client) { try asked.note($0, $1, $2) }
    sockets.sockets.append(client)
    var random = SplitMix64(seed: 1)
    let deadline = Deadline(.seconds(60))
    var count = 0
    for round in 0..<60 {
      let isLarge = round % 10 == 9
      for _ in 0..<(isLarge ? 1 : 5) {
        let size = round == 0 ? 0 : Int.random(in: 0...(isLarge ? 1 << 20 : 5000), using: &random)
        try asked.ask(client, (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 + round) })
        count += 1
      }
      try client.write()
      while asked.open > 0 {
        guard !client.isOver else { throw TestKitError("the connection is over: \(client.refusal)") }
        try sockets.turn(deadline)
      }
    }
    #expect(asked.faults == [] && asked.answered == count && client.refusal == .none)
  }

  /// Answers with the body that comes, as it comes.
  private static func echo(_ socket: PathSocket, _ event: PathEvent, _ bytes: UnsafeRawBufferPointer) throws {
    switch event.kind {
    case .head(_, let ends):
      var answer = PathFieldBuffer(bytes: 1000, fields: 4)
      _ = answer.append(":status", "200")
      try answer.withList { list in try socket.respond(list, on: event.stream) }
      if ends { socket.send([], on: event.stream, isLast: true) }
    case .data(let start, let count):
      socket.send(bytes[Int(start)..<Int(start + count)], on: event.stream, came: true)
    case .bodyEnded: socket.send([], on: event.stream, isLast: true, came: true)
    case .refused(let refusal): throw TestKitError("our server refused a good request: \(refusal)")
    default: break
    }
  }
}

/// A server that answers with the body that came once it is whole, and with its trailer.
private final class Wholes {
  private var bodies: [StreamID: [UInt8]] = [:]

  func answer(_ socket: PathSocket, _ event: PathEvent, _ bytes: UnsafeRawBufferPointer) throws {
    switch event.kind {
    case .data(let start, let count):
      bodies[event.stream, default: []] += bytes[Int(start)..<Int(start + count)]
      socket.consume(Int(count), of: event.stream)
    case .trailers(let range):
      let sum = socket.fields(range)["x-sum"].map { String(decoding: $0, as: UTF8.self) }
      var answer = PathFieldBuffer(bytes: 1000, fields: 4)
      _ = answer.append(":status", "200")
      try answer.withList { list in try socket.respond(list, on: event.stream) }
      socket.send(bodies.removeValue(forKey: event.stream) ?? [], on: event.stream)
      socket.trail("x-sum", sum ?? "none", on: event.stream)
    case .bodyEnded: throw TestKitError("stream \(event.stream) ended without its trailer")
    case .refused(let refusal): throw TestKitError("our server refused a good request: \(refusal)")
    default: break
    }
  }
}

/// What a client asked, and what came back.
private final class Asked {
  private var bodies: [StreamID: (sent: [UInt8], came: [UInt8], sum: String?)] = [:]
  private(set) var answered = 0
  private(set) var faults: [String] = []
  var open: Int { bodies.count }

  func ask(_ client: PathSocket, _ body: [UInt8]) throws {
    var request = PathFieldBuffer(bytes: 1000, fields: 8)
    _ =
      request.append(":method", "POST") && request.append(":scheme", "http") && request.append(":path", "/a")
      && request.append(":authority", "localhost") && request.append("te", "trailers")
    let stream = try request.withList { list in try client.request(list, ends: false) }
    bodies[stream] = (body, [], nil)
    // What does not go out now waits for the windows.
    client.send(body, on: stream)
    client.trail("x-sum", "\(body.count)", on: stream)
  }

  func note(_ client: PathSocket, _ event: PathEvent, _ bytes: UnsafeRawBufferPointer) throws {
    switch event.kind {
    case .head(let range, _):
      if client.fields(range)[":status"]?.elementsEqual("200".utf8) != true {
        faults.append("no 200 on \(event.stream)")
      }
    case .data(let start, let count):
      bodies[event.stream]?.came += bytes[Int(start)..<Int(start + count)]
      client.consume(Int(count), of: event.stream)
    case .trailers(let range):
      bodies[event.stream]?.sum = client.fields(range)["x-sum"].map { String(decoding: $0, as: UTF8.self) }
    case .closed(let code, let end):
      guard let body = bodies.removeValue(forKey: event.stream) else {
        return faults.append("\(event.stream) is unknown")
      }
      answered += 1
      if end != .complete || body.sent != body.came || body.sum != "\(body.sent.count)" {
        faults.append(
          "\(event.stream): \(code) \(end), \(body.sent.count) sent, \(body.came.count) came, \(body.sum ?? "-")"
        )
      }
    default: break
    }
  }
}
