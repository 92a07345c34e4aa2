import HTTP2
import Testing
import WeftTestKit

@testable import AgentLink

/// A client, and a server whose frames the test writes.
private final class Talk {
  private var client: GRPCClient
  var now_ms: UInt64 = 0

  init(_ limits: GRPCLimits = GRPCLimits()) throws {
    client = try GRPCClient(limits: limits)
    _ = receive(HTTP2Frame(HTTP2Frame.settings))
    _ = output()
  }

  func ask() throws -> (GRPCCall, UInt32) {
    let call = try client.start(GRPCMethod(service: "a.B", name: "C"))
    _ = output()
    return (call, UInt32(call.number))
  }

  func send(_ call: GRPCCall, _ message: [UInt8]) throws { try client.send(call, message) }
  func receive(_ frames: HTTP2Frame...) -> [GRPCEvent] { receive(frames.flatMap(\.bytes)) }
  func receive(_ bytes: [UInt8]) -> [GRPCEvent] {
    bytes.withUnsafeBytes { client.receive($0, now_ms: now_ms) }
    return client.takeEvents()
  }
  func output() -> [HTTP2Frame] {
    var bytes: [UInt8] = []
    client.takeOutput(into: &bytes, limit_bytes: .max)
    return HTTP2Frame.all(in: bytes)
  }
  func disconnect() -> [GRPCEvent] {
    client.disconnect("gone")
    return client.takeEvents()
  }
  func takeEvents() -> [GRPCEvent] { client.takeEvents() }
  var takesCalls: Bool { client.takesCalls }
  var isOver: Bool { client.isOver }
  var openCalls: Int { client.openCalls }
}

@Suite struct GRPCClientTests {
  private let head: [(String, String)] = [(":status", "200"), ("content-type", "application/grpc")]
  private let hello: [UInt8] = [0, 0, 0, 0, 5] + Array("hello".utf8)

  @Test("An answer of messages and trailers, and one of trailers only")
  func answers() throws {
    let talk = try Talk()
    let (call, stream) = try talk.ask()
    #expect(
      talk.receive(.headers(stream, head), .data(stream, hello + hello)) == [
        .message(call, Array("hello".utf8)), .message(call, Array("hello".utf8)),
      ]
    )
    let end = talk.receive(.headers(stream, [("grpc-status", "5"), ("grpc-message", "no%0Asuch")], endStream: true))
    #expect(end == [.ended(call, GRPCStatus(.notFound, "no\nsuch"))])
    let (other, otherStream) = try talk.ask()
    let only = talk.receive(.headers(otherStream, head + [("grpc-status", "7")], endStream: true))
    #expect(only == [.ended(other, GRPCStatus(.permissionDenied))])
    #expect(talk.openCalls == 0 && talk.takesCalls)
    #expect(throws: GRPCError.notOpen) { try talk.send(call, []) }
  }

  @Test(
    "A server that ends before the client has finished is left alone with its stream reset, and nothing more is said"
  )
  func earlyEnd() throws {
    let talk = try Talk()
    let (call, stream) = try talk.ask()
    let events = talk.receive(.headers(stream, head), .headers(stream, [("grpc-status", "0")], endStream: true))
    #expect(events == [.ended(call, GRPCStatus(.ok))])
    #expect(talk.output().contains(HTTP2Frame(HTTP2Frame.reset, stream: stream, HTTP2Frame.number(0))))
    #expect(talk.disconnect() == [])
  }

  @Test("Each way of ending without a status says what happened")
  func badEnds() throws {
    let cases: [(GRPCStatus.Code, (UInt32, [(String, String)]) -> [HTTP2Frame])] = [
      (.internalError, { stream, head in [.headers(stream, head), .data(stream, [], endStream: true)] }),
      (.unknown, { stream, head in [.headers(stream, head, endStream: true)] }),
      (.unknown, { stream, head in [.headers(stream, head), .headers(stream, [("x", "y")], endStream: true)] }),
      (
        .internalError,
        { stream, head in
          [.headers(stream, head), .data(stream, [0, 0]), .headers(stream, [("grpc-status", "0")], endStream: true)]
        }
      ),
      (.unavailable, { stream, _ in [HTTP2Frame(HTTP2Frame.reset, stream: stream, HTTP2Frame.number(7))] }),
      (.cancelled, { stream, _ in [HTTP2Frame(HTTP2Frame.reset, stream: stream, HTTP2Frame.number(8))] }),
      (.resourceExhausted, { stream, head in [.headers(stream, head), .data(stream, [0, 255, 0, 0, 0])] }),
      (.unimplemented, { stream, _ in [.headers(stream, [(":status", "404"), ("content-type", "text/html")])] }),
    ]
    for (code, frames) in cases {
      let talk = try Talk()
      let (call, stream) = try talk.ask()
      let events = talk.receive(frames(stream, head).flatMap(\.bytes))
      guard case .ended(call, let status) = events.last, events.count == 1 else { throw TestKitError("\(events)") }
      #expect(status.code == code && !status.message.isEmpty)
      #expect(talk.takesCalls, "only the call is over: \(status)")
    }
  }

  @Test("A lost connection, a goodbye, a flood and a server of another protocol end all calls as unavailable")
  func lostConnections() throws {
    let ping = HTTP2Frame(HTTP2Frame.ping, [UInt8](repeating: 0, count: 8)).bytes
    let ways: [(String, (Talk) -> [GRPCEvent])] = [
      ("gone", { $0.disconnect() }),
      ("floods", { $0.receive(Array(repeatElement(ping, count: 1000).joined())) }),
      (
        "FRAME_SIZE_ERROR",
        { talk in
          let none = talk.receive(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
          _ = talk.output()
          return none + talk.takeEvents()
        }
      ),
    ]
    for (reason, way) in ways {
      let talk = try Talk()
      let calls = try [talk.ask().0, talk.ask().0]
      var ended: [GRPCCall] = []
      for event in way(talk) {
        guard case .ended(let call, let status) = event else { throw TestKitError("\(event)") }
        ended.append(call)
        #expect(status.code == .unavailable && status.message.contains(reason), "\(status)")
      }
      #expect(ended == calls)
      #expect(talk.isOver && !talk.takesCalls)
      #expect(throws: (any Error).self) { try talk.ask() }
    }
  }

  @Test("Whatever a server sends, each call ends at most once and with nothing after", arguments: 0..<400)
  func mutations(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let talk = try Talk()
    let (_, first) = try talk.ask()
    let (_, second) = try talk.ask()
    let frames: [HTTP2Frame] = [
      .headers(first, head), .data(first, hello), .headers(second, head), .data(second, Array(hello.prefix(7))),
      .data(first, hello + hello), .data(second, Array(hello.suffix(3))),
      .headers(first, [("grpc-status", "0")], endStream: true),
      .headers(second, [("grpc-status", "13"), ("grpc-message", "%zz%")], endStream: true),
    ]
    var ended: Set<GRPCCall> = []
    var bytes = random.mutated(frames.flatMap(\.bytes))
    while !bytes.isEmpty {
      let piece = Array(bytes.prefix(Int.random(in: 1...100, using: &random)))
      bytes.removeFirst(piece.count)
      for event in talk.receive(piece) {
        switch event {
        case .message(let call, _): #expect(!ended.contains(call))
        case .ended(let call, _): #expect(ended.insert(call).inserted)
        }
      }
      _ = talk.output()
    }
    for case .ended(let call, _) in talk.disconnect() { #expect(ended.insert(call).inserted) }
    #expect(ended.count == 2 && talk.isOver)
  }
}
