import Testing
import WeftTestKit

@testable import HTTP2

@Suite struct ClientSessionTests {
  private let answer: [(String, String)] = [(":status", "200"), ("content-type", "application/grpc")]

  @Test("A session begins with the preface, its settings and the connection's window")
  func preface() throws {
    var session = try ClientSession()
    var bytes: [UInt8] = []
    try session.takeOutput(into: &bytes, limit_bytes: .max)
    #expect(bytes.starts(with: HTTP2Frame.preface))
    let frames = HTTP2Frame.all(in: bytes)
    #expect(frames.map(\.type) == [HTTP2Frame.settings, HTTP2Frame.windowUpdate])
    // Each entry is two bytes of name and four of value: ENABLE_PUSH 0, INITIAL_WINDOW_SIZE 256 KiB.
    let entries = frames[0].payload
    let pairs = stride(from: 0, to: entries.count, by: 6).map { Array(entries[$0..<$0 + 6]) }
    #expect(pairs.contains([0, 2, 0, 0, 0, 0]))
    #expect(pairs.contains([0, 4, 0, 4, 0, 0]))
    #expect(frames[1].payload == HTTP2Frame.number(UInt32(1 << 20) - 65_535))
    let (wantsOutput, wantsInput) = (session.wantsOutput, session.wantsInput)
    #expect(!wantsOutput && wantsInput)
  }

  @Test("A response gives headers, data, trailers and the stream's end, in this order")
  func response() throws {
    let exchange = try Exchange()
    let stream = try exchange.request()
    let sent = try exchange.output()
    #expect(sent.map(\.type) == [HTTP2Frame.headers])
    #expect(sent[0].flags & HTTP2Frame.endStream != 0)
    let head = HTTP2Frame.headers(stream, answer)
    let events = try exchange.receive(
      head,
      .data(stream, Array("hello".utf8)),
      .headers(stream, [("grpc-status", "0")], endStream: true)
    )
    let id = StreamID(Int32(stream))
    let start = head.bytes.count + 9
    #expect(
      events == [
        .headers(id, HeaderFields(answer.map { (name: $0, value: $1) }), endsStream: false),
        .data(id, start..<start + 5),
        .trailers(id, HeaderFields([("grpc-status", "0")])),
        .streamClosed(id, .noError),
      ]
    )
  }

  @Test("Bytes that come one by one give the same as at once")
  func byteByByte() throws {
    let exchange = try Exchange()
    let stream = try exchange.request()
    _ = try exchange.output()
    let bytes = [
      HTTP2Frame.headers(stream, answer), .data(stream, Array("hello".utf8)), .data(stream, [], endStream: true),
    ].flatMap(\.bytes)
    var seen: [String] = []
    for byte in bytes {
      for event in try exchange.receive([byte]) {
        switch event {
        case .headers(_, let fields, let endsStream): seen.append("headers \(fields.count) \(endsStream)")
        case .data(_, let range): seen.append(String(decoding: [byte][range], as: UTF8.self))
        case .bodyEnded: seen.append("ended")
        case .streamClosed(_, let code): seen.append("closed \(code)")
        case .trailers, .goAway, .settings: seen.append("unexpected")
        }
      }
    }
    #expect(seen == ["headers 2 false", "h", "e", "l", "l", "o", "ended", "closed NO_ERROR"])
  }

  @Test("A body waits where the other side has no room, and goes on when it has")
  func flowControl() throws {
    let exchange = try Exchange()
    let stream = try exchange.request(endsStream: false)
    let id = StreamID(Int32(stream))
    let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
    try exchange.send(body, on: id, endsStream: true)
    var sent = try exchange.output().filter { $0.type == HTTP2Frame.data }
    #expect(sent.reduce(0) { $0 + $1.payload.count } == 65_535)
    #expect(exchange.pendingBytes(on: id) == 100_000 - 65_535)
    for window in [0, stream] {
      _ = try exchange.receive(HTTP2Frame(HTTP2Frame.windowUpdate, stream: window, HTTP2Frame.number(100_000)))
    }
    sent += try exchange.output().filter { $0.type == HTTP2Frame.data }
    #expect(sent.flatMap(\.payload) == body)
    #expect(sent.last.map { $0.flags & HTTP2Frame.endStream } == HTTP2Frame.endStream)
    #expect(exchange.pendingBytes(on: id) == 0)
  }

  @Test("What the session took is given back to the other side's windows")
  func windowUpdates() throws {
    let exchange = try Exchange()
    let stream = try exchange.request()
    _ = try exchange.output()
    _ = try exchange.receive(.headers(stream, answer))
    var updates: [HTTP2Frame] = []
    for _ in 0..<200 {
      let events = try exchange.receive(.data(stream, [UInt8](repeating: 7, count: 16 << 10)))
      #expect(events.count == 1, "3 MiB pass through a window of 256 KiB")
      updates += try exchange.output().filter { $0.type == HTTP2Frame.windowUpdate }
    }
    #expect(Set(updates.map(\.stream)) == [0, stream])
  }

  @Test("Pings are answered with their own bytes")
  func pings() throws {
    let exchange = try Exchange()
    let payload = Array("abcdefgh".utf8)
    #expect(try exchange.receive(HTTP2Frame(HTTP2Frame.ping, payload)) == [])
    #expect(try exchange.output() == [HTTP2Frame(HTTP2Frame.ping, flags: HTTP2Frame.acknowledgement, payload)])
  }

  @Test("After a goodbye no request begins, and those that were not looked at are refused")
  func goAway() throws {
    let exchange = try Exchange()
    let first = try exchange.request()
    let second = try exchange.request()
    _ = try exchange.output()
    let events = try exchange.receive(
      HTTP2Frame(HTTP2Frame.goAway, HTTP2Frame.number(first) + HTTP2Frame.number(0))
    )
    #expect(
      Set(events.map { "\($0)" })
        == Set([
          "\(SessionEvent.goAway(lastStream: StreamID(Int32(first)), .noError))",
          "\(SessionEvent.streamClosed(StreamID(Int32(second)), .refusedStream))",
        ])
    )
    #expect(throws: SessionError.noMoreRequests) { try exchange.request() }
    // The first is still answered.
    #expect(try exchange.receive(.headers(first, answer, endStream: true)).count == 2)
  }

  @Test("A request that was begun but not sent before the goodbye is closed as refused")
  func unsentAtGoAway() throws {
    let exchange = try Exchange()
    let stream = try exchange.request()
    var events = try exchange.receive(HTTP2Frame(HTTP2Frame.goAway, HTTP2Frame.number(0) + HTTP2Frame.number(0)))
    _ = try exchange.output()
    events += exchange.takeEvents()
    #expect(events.contains(.streamClosed(StreamID(Int32(stream)), .refusedStream)))
  }

  @Test("A reset stream closes with its code, and takes nothing more")
  func resets() throws {
    let exchange = try Exchange()
    let stream = try exchange.request(endsStream: false)
    _ = try exchange.output()
    let events = try exchange.receive(HTTP2Frame(HTTP2Frame.reset, stream: stream, HTTP2Frame.number(11)))
    #expect(events == [.streamClosed(StreamID(Int32(stream)), .enhanceYourCalm)])
    #expect(throws: SessionError.notOpen(StreamID(Int32(stream)))) {
      try exchange.send([], on: StreamID(Int32(stream)))
    }

    // One that the server knows is told to it, and one that was not sent yet never is.
    for isSent in [true, false] {
      let own = try exchange.request(endsStream: false)
      if isSent { _ = try exchange.output() }
      exchange.reset(StreamID(Int32(own)), .cancel)
      let sent = try exchange.output()
      #expect(sent.resets == (isSent ? [.cancel] : []))
      #expect(isSent || sent.isEmpty)
      #expect(exchange.takeEvents() == [.streamClosed(StreamID(Int32(own)), .cancel)])
    }
  }
}
