import Testing
import WeftTestKit

@testable import HTTP2

@Suite struct SessionBoundsTests {
  private let answer: [(String, String)] = [(":status", "200")]

  @Test("A header list of more fields, or more bytes, than allowed ends its stream and no other")
  func largeLists() throws {
    let many = answer + (0..<100).map { ("x-\($0)", "v") }
    let wide = answer + (0..<5).map { ("x-\($0)", String(repeating: "v", count: 15 << 10)) }
    for fields in [many, wide] {
      let exchange = try Exchange()
      let stream = try exchange.request()
      let other = try exchange.request()
      _ = try exchange.output()
      #expect(try exchange.receive(Self.frames(stream, HTTP2Frame.literals(fields))) == [])
      #expect(try exchange.output().resets == [.enhanceYourCalm])
      #expect(exchange.takeEvents() == [.streamClosed(StreamID(Int32(stream)), .enhanceYourCalm)])
      #expect(try exchange.receive(.headers(other, answer)).count == 1)
    }
  }

  @Test("A list just within its bounds is taken")
  func listWithinBounds() throws {
    let fields = answer + (0..<99).map { ("x-\($0)", String(repeating: "v", count: 600)) }
    let exchange = try Exchange()
    let stream = try exchange.request()
    _ = try exchange.output()
    let events = try exchange.receive(Self.frames(stream, HTTP2Frame.literals(fields)))
    guard case .headers(_, let taken, false) = events.first else { throw TestKitError("\(events)") }
    #expect(taken.count == 100)
    #expect(taken["x-98"] == String(repeating: "v", count: 600))
  }

  @Test("A field that the table remembers and a list repeats (an HPACK bomb) costs no more than the bound")
  func compressedBomb() throws {
    let exchange = try Exchange()
    let stream = try exchange.request()
    _ = try exchange.output()
    // A literal of 4,000 bytes that the table remembers as entry 62, then 90 references of one byte each.
    let literal = [0x40] + HTTP2Frame.string("x") + HTTP2Frame.string(String(repeating: "v", count: 4000))
    let block = HTTP2Frame.literals(answer) + literal + [UInt8](repeating: 0x80 | 62, count: 90)
    #expect(try exchange.receive(Self.frames(stream, block)) == [])
    #expect(try exchange.output().resets == [.enhanceYourCalm])
  }

  @Test("Informational responses are passed over, but not without end")
  func informationalResponses() throws {
    let exchange = try Exchange()
    let stream = try exchange.request()
    _ = try exchange.output()
    for _ in 0..<8 { #expect(try exchange.receive(.headers(stream, [(":status", "103")])) == []) }
    #expect(try exchange.output() == [])
    #expect(try exchange.receive(.headers(stream, [(":status", "103")])) == [])
    #expect(try exchange.output().resets == [.enhanceYourCalm])
  }

  @Test("A list in more pieces than allowed ends the session, and one of just as many is read byte by byte")
  func continuations() throws {
    for pieces in [5, 6] {
      let exchange = try Exchange()
      let stream = try exchange.request()
      _ = try exchange.output()
      let first = HTTP2Frame(HTTP2Frame.headers, stream: stream, HTTP2Frame.literals(answer))
      let more = HTTP2Frame(HTTP2Frame.continuation, stream: stream, HTTP2Frame.literals([("x", "y")]))
      for byte in first.bytes + Array(repeatElement(more.bytes, count: 5).joined()) {
        #expect(exchange.failure(of: [byte]) == nil)
      }
      if pieces > 5 { #expect(try exchange.isEnded(by: more.bytes)) }
    }
    // nghttp2 counts pieces, so that only of whole frames it is sure that they were counted here.
    let exchange = try Exchange()
    let stream = try exchange.request()
    _ = try exchange.output()
    let first = HTTP2Frame(HTTP2Frame.headers, stream: stream, HTTP2Frame.literals(answer)).bytes
    let more = HTTP2Frame(HTTP2Frame.continuation, stream: stream, HTTP2Frame.literals([("x", "y")])).bytes
    #expect(exchange.failure(of: first + Array(repeatElement(more, count: 6).joined())) == .flooded)
  }

  @Test("Empty CONTINUATION frames without end are a flood behind a list that is skipped too")
  func emptyContinuations() throws {
    let exchange = try Exchange()
    let stream = try exchange.request()
    _ = try exchange.output()
    let literal = [0x40] + HTTP2Frame.string("x") + HTTP2Frame.string(String(repeating: "v", count: 4000))
    let block = HTTP2Frame.literals(answer) + literal + [UInt8](repeating: 0x80 | 62, count: 90)
    let empty = HTTP2Frame(HTTP2Frame.continuation, stream: stream).bytes
    let flood = Array(repeatElement(empty, count: 100).joined())
    #expect(try exchange.isEnded(by: HTTP2Frame(HTTP2Frame.headers, stream: stream, block).bytes + flood))
  }

  @Test("The server is told how large a list is taken, and that nothing is to be pushed")
  func greeting() throws {
    let frames = try Exchange(greeted: false).output()
    let payload = try #require(frames.first { $0.type == HTTP2Frame.settings }).payload
    let entries = stride(from: 0, to: payload.count, by: 6).map { Array(payload[$0..<$0 + 6]) }
    // Two bytes of name and four of value: no pushes, and 64 KiB of fields.
    for entry: [UInt8] in [[0, 2, 0, 0, 0, 0], [0, 6, 0, 1, 0, 0]] { #expect(entries.contains(entry)) }
  }

  @Test(
    "Frames that do nothing are allowed as many as the budget has, and again as time passes",
    arguments: [
      HTTP2Frame(HTTP2Frame.ping, [UInt8](repeating: 1, count: 8)),
      HTTP2Frame(HTTP2Frame.settings),
      HTTP2Frame(HTTP2Frame.priority, stream: 1, [0, 0, 0, 0, 16]),
      HTTP2Frame(HTTP2Frame.data, stream: 1),
      HTTP2Frame(HTTP2Frame.goAway, HTTP2Frame.number(1) + HTTP2Frame.number(0)),
    ]
  )
  func controlFloods(_ frame: HTTP2Frame) throws {
    var limits = SessionLimits()
    limits.controlFrames = 20
    limits.controlFramesPerSecond = 2
    let exchange = try Exchange(limits)
    let stream = try exchange.request()
    _ = try exchange.output()
    _ = try exchange.receive(.headers(stream, answer))
    // The greeting was one of them, and this second gives two.
    exchange.now_ms += 1000
    for _ in 0..<20 {
      #expect(exchange.failure(of: frame.bytes) == nil)
      _ = try exchange.output()
    }
    #expect(exchange.wantsInput)
    exchange.now_ms += 1000
    for _ in 0..<2 {
      #expect(exchange.failure(of: frame.bytes) == nil)
      _ = try exchange.output()
    }
    #expect(exchange.failure(of: frame.bytes) == .flooded)
    #expect(!exchange.wantsInput)
    #expect(exchange.failure(of: frame.bytes) == .flooded, "it stays failed")
  }

  @Test("Window updates and data are no flood")
  func usefulFrames() throws {
    var limits = SessionLimits()
    limits.controlFrames = 5
    let exchange = try Exchange(limits)
    let stream = try exchange.request()
    _ = try exchange.output()
    _ = try exchange.receive(.headers(stream, answer))
    for _ in 0..<1000 {
      _ = try exchange.receive(
        HTTP2Frame(HTTP2Frame.windowUpdate, HTTP2Frame.number(1)),
        .data(stream, [1])
      )
    }
    #expect(exchange.wantsInput)
  }

  @Test("Pings whose answers nobody reads are a flood")
  func unreadAnswers() throws {
    let exchange = try Exchange()
    let ping = HTTP2Frame(HTTP2Frame.ping, [UInt8](repeating: 1, count: 8)).bytes
    var failure: SessionError?
    for _ in 0..<150 where failure == nil { failure = exchange.failure(of: ping) }
    #expect(failure == .flooded)
  }

  @Test("Settings of more entries than allowed end the session")
  func manySettings() throws {
    let exchange = try Exchange()
    let entry: [UInt8] = [0, 4, 0, 1, 0, 0]
    let most = HTTP2Frame(HTTP2Frame.settings, Array(repeatElement(entry, count: 32).joined()))
    #expect(exchange.failure(of: most.bytes) == nil)
    #expect(exchange.wantsInput)
    let more = HTTP2Frame(HTTP2Frame.settings, Array(repeatElement(entry, count: 33).joined()))
    #expect(try exchange.isEnded(by: more.bytes))
  }

  @Test("No more requests are open at once than allowed, and one that ends makes room")
  func streams() throws {
    var limits = SessionLimits()
    limits.streams = 2
    let exchange = try Exchange(limits)
    let first = try exchange.request()
    _ = try exchange.request()
    #expect(throws: SessionError.tooManyStreams) { try exchange.request() }
    _ = try exchange.output()
    _ = try exchange.receive(.headers(first, answer, endStream: true))
    _ = try exchange.request()
  }

  @Test("Bytes that nobody reads are refused beyond the bound, and one message is always taken")
  func pending() throws {
    var limits = SessionLimits()
    limits.pendingBytes = 1000
    let exchange = try Exchange(limits)
    let id = StreamID(Int32(try exchange.request(endsStream: false)))
    let message = [UInt8](repeating: 1, count: 5000)
    try exchange.send(message, on: id)
    #expect(throws: SessionError.pendingFull(id)) { try exchange.send(message, on: id) }
    _ = try exchange.output()
    try exchange.send(message, on: id)
  }

  @Test("A server that pushes, or answers in another protocol, ends the session")
  func violations() throws {
    let pushed = try Exchange()
    let stream = try pushed.request()
    _ = try pushed.output()
    var promise = HTTP2Frame(
      HTTP2Frame.pushPromise,
      flags: HTTP2Frame.endHeaders,
      stream: stream,
      HTTP2Frame.number(2) + HTTP2Frame.literals([(":method", "GET")])
    )
    // It may not know yet that pushing is off: then only what it pushes is refused.
    #expect(try !pushed.isEnded(by: promise.bytes))
    let acknowledged = HTTP2Frame(HTTP2Frame.settings, flags: HTTP2Frame.acknowledgement)
    promise.payload[3] = 4
    #expect(try pushed.isEnded(by: acknowledged.bytes + promise.bytes))

    let old = try Exchange(greeted: false)
    #expect(try old.isEnded(by: Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8)))
    #expect(old.fault == .protocolViolation("PROTOCOL_ERROR"))
  }

  /// A header block cut into as few frames as it needs.
  private static func frames(_ stream: UInt32, _ block: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = block[...]
    repeat {
      let piece = Array(rest.prefix(16 << 10))
      rest = rest.dropFirst(piece.count)
      bytes +=
        HTTP2Frame(
          bytes.isEmpty ? HTTP2Frame.headers : HTTP2Frame.continuation,
          flags: rest.isEmpty ? HTTP2Frame.endHeaders : 0,
          stream: stream,
          piece
        ).bytes
    } while !rest.isEmpty
    return bytes
  }
}
