import Testing
import WeftTestKit

@testable import HTTP2

/// Messages that are none (RFC 9113 sections 8.1 to 8.5): refused on their stream, before anybody hears of them.
@Suite struct PathMessageTests {
  private typealias Frame = HTTP2Frame
  private static let get = PathBoundsTests.get

  @Test(
    "Fields that may not be are refused",
    arguments: [
      ("Upper", "v"), ("connection", "close"), ("keep-alive", "1"), ("proxy-connection", "close"),
      ("transfer-encoding", "chunked"), ("upgrade", "h2c"), ("te", "gzip"), (":unknown", "v"), (":path", "/b"),
      (":status", "200"), (":protocol", "websocket"), ("x y", "v"), ("x\u{0}", "v"), ("x", "a\r\nb: c"),
      ("x", "a\u{0}b"),
      ("x", " v"), ("x", "v\t"), ("", "v"), ("x:", "v"), ("content-length", "1,2"), ("content-length", "-1"),
      ("content-length", "18446744073709551616"),
    ]
  )
  func badField(_ name: String, _ value: String) throws {
    #expect(try Self.outcome(of: Self.get + [("x", "y"), (name, value)]) == .refused(.invalidField))
  }

  @Test(
    "Pseudo-fields that are missing, twice there, empty, or of another message are refused",
    arguments: [
      [(":method", "GET"), (":scheme", "https"), (":authority", "b")],
      [(":method", "GET"), (":path", "/"), (":authority", "b")],
      [(":scheme", "https"), (":path", "/"), (":authority", "b")],
      [(":method", "GET"), (":scheme", "https"), (":path", "/")],
      [(":method", "GET"), (":scheme", "https"), (":path", ""), (":authority", "b")],
      [(":method", "GET"), (":scheme", "https"), (":path", "a"), (":authority", "b")],
      [(":method", "GET"), (":scheme", "https"), (":path", "*"), (":authority", "b")],
      [(":method", "G T"), (":scheme", "https"), (":path", "/"), (":authority", "b")],
      [(":method", "GET"), (":scheme", "https"), (":path", "/ a"), (":authority", "b")],
      [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "b c")],
      [(":method", "GET"), (":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "b")],
      [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "b"), ("host", "b"), ("host", "c")],
      [(":method", "CONNECT"), (":scheme", "https"), (":path", "/"), (":authority", "b:1")],
      [(":method", "CONNECT")],
    ]
  )
  func badPseudoFields(_ fields: [(String, String)]) throws {
    let outcome = try Self.outcome(of: fields)
    #expect(outcome == .refused(.invalidField) || outcome == .refused(.invalidMessage))
  }

  @Test("Content-Length that is there twice, or is not the length of the body, is refused")
  func contentLength() throws {
    let twice = Self.get + [("content-length", "0"), ("content-length", "0")]
    #expect(try Self.outcome(of: twice) == .refused(.invalidField))
    #expect(try Self.outcome(of: Self.get + [("content-length", "3")]) == .refused(.invalidMessage), "none came")
    let post = PathBoundsTests.post + [("content-length", "3")]
    for body: [UInt8] in [[1, 2], [1, 2, 3, 4]] {
      let server = try PathBoundsTests.server()
      let events = server.receive(Frame.headers(1, post).bytes + Frame.data(1, body, endStream: true).bytes)
      #expect(events.first.map { if case .head = $0.what { true } else { false } } == true)
      #expect(!events.contains { $0.what == .bodyEnded })
      #expect(Frame.all(in: server.output()).resets == [.protocolError])
      #expect(server.takeEvents().map(\.what) == [.closed(.protocolError, .resetHere)])
    }
  }

  @Test(
    "What docs/http2.md leaves to the caller passes as it came",
    arguments: [
      ("host", "another"), ("x_forwarded_for", "a"), ("te", "trailers"), ("x", "\u{80}"), ("expect", "nonsense"),
      ("cookie", "a=b"), ("x", ""),
    ]
  )
  func callersFields(_ name: String, _ value: String) throws {
    let outcome = try Self.outcome(of: Self.get + [(name, value)])
    guard case .head(let lines, true) = outcome else { throw TestKitError("\(String(describing: outcome))") }
    #expect(lines.last?.hasSuffix("\(name): \(value)") == true)
  }

  @Test(
    "So do pseudo-fields that are well formed and make no sense to a proxy",
    arguments: [
      (":path", "/a#b"), (":path", "/%00/../b"), (":authority", "user@b"), (":authority", "b:99999"),
      (":scheme", "ftp"),
      (":method", "BREW"),
    ]
  )
  func callersPseudoFields(_ name: String, _ value: String) throws {
    let fields = Self.get.map { $0.0 == name ? (name, value) : $0 }
    let outcome = try Self.outcome(of: fields)
    guard case .head(let lines, true) = outcome else { throw TestKitError("\(String(describing: outcome))") }
    #expect(lines.contains("\(name): \(value)"))
  }

  @Test("Trailers that do not end the stream, or have pseudo-fields, are refused")
  func trailers() throws {
    for (fields, ends) in [([("x", "y")], false), ([(":path", "/")], true)] {
      let server = try PathBoundsTests.server()
      server.receive(Frame.headers(1, PathBoundsTests.post).bytes + Frame.data(1, [1]).bytes)
      let events = server.receive(Frame.headers(1, fields, endStream: ends).bytes)
      #expect(events.count == 1 && !events.contains { if case .trailers = $0.what { true } else { false } })
      #expect(Frame.all(in: server.output()).resets == [.protocolError])
    }
  }

  @Test(
    "Responses without a status, with a bad one, or with what only requests have are refused",
    arguments: [
      [("server", "s")], [(":status", "20")], [(":status", "abc")], [(":status", "101")],
      [(":status", "200"), (":path", "/")], [(":status", "200"), (":status", "200")],
      [(":status", "200"), ("connection", "close")], [("a", "b"), (":status", "200")],
    ]
  )
  func badResponses(_ fields: [(String, String)]) throws {
    let client = try PathBoundsTests.client()
    let events = client.receive(Frame.headers(1, fields, endStream: true).bytes)
    guard events.count == 1, case .refused = events[0].what else { throw TestKitError("\(events)") }
    #expect(Frame.all(in: client.output()).resets == [.protocolError])
    #expect(client.takeEvents().map(\.what) == [.closed(.protocolError, .resetHere)])
  }

  @Test(
    "Frames where they may not be end the connection",
    arguments: [
      // Data and a window for a stream that was never begun, streams of even numbers, sizes that are wrong.
      HTTP2Frame.data(1, [1]), HTTP2Frame(HTTP2Frame.windowUpdate, stream: 5, HTTP2Frame.number(1)),
      HTTP2Frame.headers(2, [(":method", "GET")]), HTTP2Frame(HTTP2Frame.reset, stream: 7, HTTP2Frame.number(8)),
      HTTP2Frame(HTTP2Frame.ping, [1, 2, 3]), HTTP2Frame(HTTP2Frame.settings, [1, 2, 3]),
      HTTP2Frame(HTTP2Frame.windowUpdate, HTTP2Frame.number(0)), HTTP2Frame(HTTP2Frame.continuation, stream: 1, []),
      HTTP2Frame(HTTP2Frame.pushPromise, flags: HTTP2Frame.endHeaders, stream: 1, HTTP2Frame.number(2)),
      HTTP2Frame(HTTP2Frame.windowUpdate, HTTP2Frame.number(0x7fff_ffff)),
    ]
  )
  func misplacedFrames(_ frame: HTTP2Frame) throws {
    let server = try PathBoundsTests.server()
    server.receive(frame.bytes)
    #expect(Frame.all(in: server.output()).goodbyes.count == 1)
    #expect(server.refusal != .none && server.refusal != .internalFault && !server.wantsInput)
  }

  @Test("A server that pushes what nobody asked for ends the connection")
  func pushed() throws {
    let client = try PathBoundsTests.client()
    let promise = Frame(
      Frame.pushPromise,
      flags: Frame.endHeaders,
      stream: 1,
      Frame.number(2) + Frame.literals(PathBoundsTests.get)
    )
    #expect(client.receive(promise.bytes) == [.init(stream: 1, what: .refused(.protocolViolation))])
    #expect(Frame.all(in: client.output()).goodbyes == [.protocolError])
    #expect(client.refusal == .protocolViolation && !client.wantsInput)
  }

  @Test("A frame that is larger than announced ends the connection")
  func largeFrames() throws {
    let server = try PathBoundsTests.server()
    let payload = [UInt8](repeating: 0, count: (16 << 10) + 1)
    server.receive(Frame.headers(1, PathBoundsTests.post).bytes + Frame(Frame.data, stream: 1, payload).bytes)
    _ = server.output()
    #expect(server.refusal == .frameSize && !server.wantsInput)
  }

  @Test("What is no HTTP/2 is refused at its first bytes")
  func otherProtocols() throws {
    let server = try PathParty(.server)
    server.receive(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    #expect(server.refusal == .preface && !server.wantsInput)
    let client = try PathParty(.client)
    client.receive(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8))
    _ = client.output()
    #expect(client.refusal != .none && !client.wantsInput)
  }

  @Test("More data than the window allows ends the connection or the stream")
  func overrunWindows() throws {
    let server = try PathBoundsTests.server()
    server.consumes = false
    server.receive(Frame.headers(1, PathBoundsTests.post).bytes)
    for _ in 0..<5 { server.receive(Frame.data(1, [UInt8](repeating: 1, count: 16 << 10)).bytes) }
    let frames = Frame.all(in: server.output())
    #expect(frames.goodbyes == [.flowControlError] || frames.resets == [.flowControlError])
  }

  /// What a server says of a request of these fields.
  private static func outcome(of fields: [(String, String)]) throws -> PathParty.What? {
    let server = try PathBoundsTests.server()
    let events = server.receive(Frame.headers(1, fields, endStream: true).bytes)
    _ = server.output()
    return events.first?.what
  }
}
