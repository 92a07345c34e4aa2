import Testing
import WeftTestKit

@testable import HTTP2

/// Each bound of the data path against a peer whose frames are written by hand.
@Suite struct PathBoundsTests {
  private typealias Frame = HTTP2Frame
  static let get: [(String, String)] = [
    (":method", "GET"), (":scheme", "https"), (":path", "/a"), (":authority", "b"),
  ]
  static let post: [(String, String)] = [
    (":method", "POST"), (":scheme", "https"), (":path", "/a"), (":authority", "b"),
  ]

  /// A server to which a client's greeting came.
  static func server(_ limits: SessionLimits = .path) throws -> PathParty {
    let server = try PathParty(.server, limits)
    let events = server.receive(Frame.preface + Frame(Frame.settings).bytes)
    guard events.map(\.what) == [.settings(PathSettings(streams: UInt32.max, takesExtendedConnect: false))] else {
      throw TestKitError("a greeting gave \(events)")
    }
    let frames = Frame.all(in: server.output())
    guard frames.map(\.type) == [Frame.settings, Frame.settings, Frame.windowUpdate] else {
      throw TestKitError("a greeting was answered with \(frames)")
    }
    server.receive(Frame(Frame.settings, flags: Frame.acknowledgement).bytes)
    return server
  }

  /// A client to which a server's greeting came, with so many requests.
  static func client(_ limits: SessionLimits = .path, requests: Int = 1) throws -> PathParty {
    let client = try PathParty(.client, limits)
    client.receive(Frame(Frame.settings).bytes + Frame(Frame.settings, flags: Frame.acknowledgement).bytes)
    for _ in 0..<requests { _ = try client.request([":method: GET", ":scheme: https", ":path: /a", ":authority: b"]) }
    _ = client.output()
    return client
  }

  @Test("A server begins with its settings and the connection's window, and asks for no priorities")
  func greeting() throws {
    let frames = Frame.all(in: try PathParty(.server).output())
    #expect(frames.map(\.type) == [Frame.settings, Frame.windowUpdate])
    let entries = stride(from: 0, to: frames[0].payload.count, by: 6).map { Array(frames[0].payload[$0..<$0 + 6]) }
    // Each is two bytes of name and four of value: 100 streams, 64 KiB a stream, 64 KiB of fields, no RFC 7540 priorities.
    for entry: [UInt8] in [[0, 3, 0, 0, 0, 100], [0, 4, 0, 1, 0, 0], [0, 6, 0, 1, 0, 0], [0, 9, 0, 0, 0, 1]] {
      #expect(entries.contains(entry))
    }
    #expect(frames[1].payload == Frame.number(UInt32(1 << 20) - 65_535))
  }

  @Test("A header list of more fields, or more bytes, than allowed ends its stream and no other")
  func largeLists() throws {
    let many = Self.get + (0..<100).map { ("x-\($0)", "v") }
    let wide = Self.get + (0..<5).map { ("x-\($0)", String(repeating: "v", count: 15 << 10)) }
    for (fields, refusal) in [(many, PathRefusal.tooManyFields), (wide, .headerListTooLarge)] {
      let server = try Self.server()
      let events = server.receive(Self.frames(1, Frame.literals(fields)))
      #expect(events == [.init(stream: 1, what: .refused(refusal))])
      #expect(Frame.all(in: server.output()).resets == [.enhanceYourCalm])
      #expect(server.takeEvents() == [.init(stream: 1, what: .closed(.enhanceYourCalm, .resetHere))])
      #expect(server.receive(Frame.headers(3, Self.get, endStream: true).bytes).first?.stream == 3)
      #expect(server.refusal == .none)
    }
  }

  @Test("A list just within its bounds is taken, whatever the pieces it comes in", arguments: [1, 3000, 1 << 20])
  func listWithinBounds(_ pieceBytes: Int) throws {
    let fields = Self.get + (0..<96).map { ("x-\($0)", String(repeating: "v", count: 600)) }
    let server = try Self.server()
    let bytes = Self.frames(1, Frame.literals(fields))
    // Another one before it makes it begin in the midst of the scratch.
    let events = server.receive(bytes + Self.frames(3, Frame.literals(fields)), pieceBytes: pieceBytes)
    let lines = fields.map { "\($0): \($1)" }
    #expect(events == [1, 3].map { .init(stream: $0, what: .head(lines, ends: false)) })
  }

  @Test("A field that the table remembers and a list repeats (an HPACK bomb) costs no more than the bound")
  func compressedBomb() throws {
    let literal = [0x40] + Frame.string("x") + Frame.string(String(repeating: "v", count: 4000))
    let block = Frame.literals(Self.get) + literal + [UInt8](repeating: 0x80 | 62, count: 15_000)
    let server = try Self.server()
    let frame = Frame(Frame.headers, flags: Frame.endHeaders, stream: 1, Array(block.prefix(16 << 10)))
    #expect(server.receive(frame.bytes) == [.init(stream: 1, what: .refused(.headerListTooLarge))])
    #expect(Frame.all(in: server.output()).resets == [.enhanceYourCalm])
    // The table is still as the client thinks it is.
    let next = Frame(Frame.headers, flags: Frame.endHeaders, stream: 3, Frame.literals(Self.get) + [0x80 | 62])
    #expect(server.receive(next.bytes).last?.stream == 3)
  }

  @Test("A table larger than announced is an error of the connection")
  func largeTable() throws {
    let server = try Self.server()
    // A dynamic table size update to 8,192 (RFC 7541 section 6.3): the announced one is 4,096.
    let update = [UInt8(0x20 | 31)] + Array(Frame.integer(8192, prefixBits: 5).dropFirst())
    server.receive(Frame(Frame.headers, flags: Frame.endHeaders, stream: 1, update + Frame.literals(Self.get)).bytes)
    #expect(Frame.all(in: server.output()).goodbyes == [ErrorCode(rawValue: 9)])
    #expect(server.refusal == .compression && !server.wantsInput)
  }

  @Test("A list in more frames than allowed ends the connection, and one of just as many is read byte by byte")
  func continuations() throws {
    let first = Frame(Frame.headers, stream: 1, Frame.literals(Self.get)).bytes
    let more = Frame(Frame.continuation, stream: 1, Frame.literals([("x", "y")])).bytes
    let last = Frame(Frame.continuation, flags: Frame.endHeaders, stream: 1, Frame.literals([("x", "y")])).bytes
    let server = try Self.server()
    let within = first + more + more + more + more + last
    #expect(server.receive(within, pieceBytes: 1).first?.stream == 1)
    #expect(server.refusal == .none)

    for list in [within, first + Array(repeatElement(more, count: 5).joined())] {
      let server = try Self.server()
      server.receive(Array(list.dropLast(last.count)) + more + more)
      #expect(Frame.all(in: server.output()).goodbyes == [.enhanceYourCalm])
      #expect(server.refusal == .continuationFlood && !server.wantsInput)
    }
  }

  @Test("Empty CONTINUATION frames without end are a flood, also behind a list that is skipped")
  func emptyContinuations() throws {
    let empty = Frame(Frame.continuation, stream: 1).bytes
    let wide = Self.get + [("x", String(repeating: "v", count: 15 << 10))]
    let literal = [0x40] + Frame.string("x") + Frame.string(String(repeating: "v", count: 4000))
    let bomb = Frame.literals(Self.get) + literal + [UInt8](repeating: 0x80 | 62, count: 90)
    for block in [Frame.literals(wide), bomb] {
      let server = try Self.server()
      server.receive(Frame(Frame.headers, stream: 1, block).bytes + Array(repeatElement(empty, count: 100).joined()))
      _ = server.output()
      #expect(server.refusal == .continuationFlood && !server.wantsInput)
    }
  }

  @Test(
    "Frames that do nothing are allowed as many as the budget has, and again as time passes",
    arguments: [
      HTTP2Frame(HTTP2Frame.ping, [UInt8](repeating: 1, count: 8)),
      HTTP2Frame(HTTP2Frame.settings),
      HTTP2Frame(HTTP2Frame.priority, stream: 1, [0, 0, 0, 0, 16]),
      HTTP2Frame(HTTP2Frame.data, stream: 1),
      HTTP2Frame(HTTP2Frame.goAway, HTTP2Frame.number(0) + HTTP2Frame.number(0)),
    ]
  )
  func controlFloods(_ frame: HTTP2Frame) throws {
    let server = try Self.server()
    server.receive(Frame.headers(1, Self.post).bytes)
    // The greeting was one of the 200, and this second gives seven.
    server.now_ms += 1000
    for _ in 0..<200 {
      server.receive(frame.bytes)
      _ = server.output()
    }
    #expect(server.wantsInput && server.refusal == .none)
    server.now_ms += 1000
    for _ in 0..<7 {
      server.receive(frame.bytes)
      _ = server.output()
    }
    #expect(server.wantsInput)
    server.receive(frame.bytes)
    #expect(Frame.all(in: server.output()).goodbyes == [.enhanceYourCalm])
    #expect(server.refusal == .controlFlood && !server.wantsInput)
  }

  @Test("Window updates and data are no flood")
  func usefulFrames() throws {
    let server = try Self.server()
    server.receive(Frame.headers(1, Self.post).bytes)
    for _ in 0..<2000 {
      server.receive(Frame(Frame.windowUpdate, Frame.number(1)).bytes + Frame.data(1, [1]).bytes)
      _ = server.output()
    }
    #expect(server.wantsInput)
  }

  @Test("Pings whose answers nobody reads are a flood")
  func unreadAnswers() throws {
    let server = try Self.server()
    let ping = Frame(Frame.ping, [UInt8](repeating: 1, count: 8)).bytes
    for _ in 0..<150 { server.receive(ping) }
    #expect(server.refusal == .unreadAcknowledgements && !server.wantsInput)
  }

  @Test("Settings of more entries than allowed, or that make no sense, end the connection")
  func badSettings() throws {
    let entry: [UInt8] = [0, 4, 0, 1, 0, 0]
    let server = try Self.server()
    server.receive(Frame(Frame.settings, Array(repeatElement(entry, count: 32).joined())).bytes)
    #expect(server.wantsInput)
    let refused: [([UInt8], PathRefusal)] = [
      (Array(repeatElement(entry, count: 33).joined()), .settingsEntries),
      ([0, 4, 0x80, 0, 0, 0], .flowControl), ([0, 5, 0, 0, 0, 1], .protocolViolation),
      ([0, 2, 0, 0, 0, 2], .protocolViolation),
    ]
    for (payload, refusal) in refused {
      let server = try Self.server()
      server.receive(Frame(Frame.settings, payload).bytes)
      _ = server.output()
      #expect(server.refusal == refusal && !server.wantsInput)
    }
  }

  @Test(
    "More streams than allowed at once end the connection; before the client can know it they are refused one by one"
  )
  func concurrentStreams() throws {
    let server = try Self.server()
    for number in 0..<100 { server.receive(Frame.headers(UInt32(2 * number + 1), Self.get, endStream: true).bytes) }
    #expect(server.openStreams == 100 && server.refusal == .none)
    server.receive(Frame.headers(201, Self.get, endStream: true).bytes)
    _ = server.output()
    #expect(server.refusal == .tooManyStreams && !server.wantsInput)

    let early = try PathParty(.server)
    early.receive(Frame.preface + Frame(Frame.settings).bytes)
    _ = early.output()
    for number in 0..<300 { early.receive(Frame.headers(UInt32(2 * number + 1), Self.get, endStream: true).bytes) }
    #expect(early.openStreams == 100 && early.refusal == .none)
    #expect(Frame.all(in: early.output()).resets == [ErrorCode](repeating: .refusedStream, count: 200))
    early.receive(Frame.headers(601, Self.get, endStream: true).bytes)
    _ = early.output()
    #expect(early.refusal == .resetFlood && !early.wantsInput)
  }

  @Test("A server that answers before the final response is heard eight times for each request, and not without end")
  func informationalResponses() throws {
    var limits = SessionLimits.path
    limits.streams = 1
    let client = try Self.client(limits)
    for _ in 0..<8 { #expect(client.receive(Frame.headers(1, [(":status", "103")]).bytes).count == 1) }
    #expect(
      client.receive(Frame.headers(1, [(":status", "103")]).bytes).map(\.what) == [.refused(.tooManyInformational)]
    )
    #expect(Frame.all(in: client.output()).resets == [.enhanceYourCalm])
  }

  /// A header block cut into as few frames as it needs.
  static func frames(_ stream: UInt32, _ block: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = block[...]
    repeat {
      let piece = Array(rest.prefix(16 << 10))
      rest = rest.dropFirst(piece.count)
      let type = bytes.isEmpty ? Frame.headers : Frame.continuation
      bytes += Frame(type, flags: rest.isEmpty ? Frame.endHeaders : 0, stream: stream, piece).bytes
    } while !rest.isEmpty
    return bytes
  }
}
