import Testing

@testable import HTTP2

@Suite struct PathSessionTests {
  private static let get = [":method: GET", ":scheme: https", ":path: /a", ":authority: b", "x: y"]
  private static let post = [":method: POST", ":scheme: https", ":path: /a", ":authority: b"]
  private static let answer = [":status: 200", "server: s"]

  @Test(
    "A request and its response reach the other side as they were said, whatever the pieces",
    arguments: [1, 2, 7, 4096]
  )
  func requestAndResponse(_ pieceBytes: Int) throws {
    let pair = try PathPair(pieceBytes: pieceBytes)
    let stream = try pair.client.request(Self.get, user: 42)
    pair.exchange()
    #expect(pair.server.takeEvents() == [.init(stream: 1, what: .head(Self.get, ends: true))])
    pair.server.setUser(43, of: stream)
    try pair.server.respond(Self.answer, on: stream, ends: false)
    #expect(pair.server.send("hello", on: stream, isLast: true).next == .done)
    pair.exchange()
    #expect(
      pair.client.takeEvents() == [
        .init(stream: 1, user: 42, what: .head(Self.answer, ends: false)),
        .init(stream: 1, user: 42, what: .data("hello")),
        .init(stream: 1, user: 42, what: .bodyEnded),
        .init(stream: 1, user: 42, what: .closed(.noError, .complete)),
      ]
    )
    #expect(pair.server.takeEvents() == [.init(stream: 1, user: 43, what: .closed(.noError, .complete))])
    #expect(pair.client.openStreams == 0 && pair.server.openStreams == 0)
  }

  @Test(
    "Streams that run at once keep their bytes apart, and the frames of all share one output",
    arguments: [1, 1000]
  )
  func interleaved(_ pieceBytes: Int) throws {
    let pair = try PathPair(pieceBytes: pieceBytes)
    let streams = try (0..<20).map { try pair.client.request(Self.post, user: UInt64($0 + 1), ends: false) }
    for round in 0..<3 {
      for stream in streams.reversed() {
        #expect(pair.client.send("\(stream)-\(round) ", on: stream, isLast: round == 2).next == .done)
      }
    }
    let bytes = pair.client.output()
    #expect(bytes.count < PathOutput.recordBytes, "twenty requests with their bodies fit into one record")
    let events = pair.server.receive(bytes, pieceBytes: pieceBytes)
    for stream in streams {
      let body = events.filter { $0.stream == stream.number }.compactMap { told -> String? in
        if case .data(let text) = told.what { return text }
        return nil
      }
      #expect(body.joined() == "\(stream)-0 \(stream)-1 \(stream)-2 ")
    }
    for stream in streams.shuffled() { try pair.server.respond(Self.answer, on: stream) }
    pair.exchange()
    let ended = pair.client.takeEvents().filter { $0.what == .closed(.noError, .complete) }
    #expect(Set(ended.map(\.user)) == Set(1...20))
  }

  @Test("A body waits for the other side's windows, and is told when they open", arguments: [1, 5000])
  func windows(_ pieceBytes: Int) throws {
    var limits = SessionLimits.path
    limits.streamWindow_bytes = 1000
    let pair = try PathPair(.path, limits, pieceBytes: pieceBytes)
    pair.server.consumes = false
    let stream = try pair.client.request(Self.post, ends: false)
    let body = String(repeating: "0123456789", count: 250)
    var (left, next) = pair.client.send(body, on: stream, isLast: true)
    #expect(next == .window && left.utf8.count == 1500)
    #expect(pair.client.sendWindow(of: stream) == 0 && pair.client.connectionSendWindow > 0)
    pair.exchange()
    #expect(pair.client.takeEvents() == [], "nothing opens by itself")
    #expect(pair.server.unconsumedBytes(of: stream) == 1000)
    var received = Self.body(of: pair.server.takeEvents())
    for _ in 0..<10 where !left.isEmpty {
      pair.server.consume(1000, of: stream)
      pair.exchange()
      #expect(pair.client.takeEvents() == [.init(stream: 1, what: .writable)])
      (left, next) = pair.client.send(left, on: stream, isLast: true)
      pair.exchange()
      received += Self.body(of: pair.server.takeEvents())
    }
    #expect(next == .done && received == body)
  }

  @Test("Where the connection's window is exhausted each stream is told once it opens, and none before")
  func connectionWindow() throws {
    var limits = SessionLimits.path
    limits.connectionWindow_bytes = 65_535
    let pair = try PathPair(.path, limits)
    pair.server.consumes = false
    let streams = try (0..<3).map { _ in try pair.client.request(Self.post, ends: false) }
    let left = streams.map {
      pair.client.send(String(repeating: "x", count: 30_000), on: $0, isLast: true).left.utf8.count
    }
    #expect(left == [0, 0, 90_000 - 65_535])
    #expect(pair.client.connectionSendWindow == 0)
    #expect(pair.client.takeEvents().allSatisfy { $0.what == .writable }, "those that were begun meanwhile")
    pair.exchange()
    #expect(pair.client.takeEvents().isEmpty)
    pair.server.consume(30_000, of: streams[0])
    pair.server.consume(30_000, of: streams[1])
    pair.exchange()
    #expect(pair.client.takeEvents() == [.init(stream: streams[2].number, what: .writable)])
    #expect(pair.client.send(String(repeating: "x", count: left[2]), on: streams[2], isLast: true).next == .done)
  }

  @Test("Either side may end its half first, and the other goes on")
  func halfClosed() throws {
    let pair = try PathPair()
    let stream = try pair.client.request(Self.post, ends: false)
    pair.exchange()
    try pair.server.respond(Self.answer, on: stream, ends: false)
    #expect(pair.server.send("early", on: stream, isLast: true).next == .done)
    pair.exchange()
    #expect(pair.client.takeEvents().suffix(2).map(\.what) == [.data("early"), .bodyEnded])
    #expect(pair.server.send("more", on: stream).next == .gone, "its own half is ended")
    #expect(pair.client.send("late", on: stream, isLast: true).next == .done)
    pair.exchange()
    #expect(
      pair.server.takeEvents().suffix(3).map(\.what) == [.data("late"), .bodyEnded, .closed(.noError, .complete)]
    )
    #expect(pair.client.takeEvents().map(\.what) == [.closed(.noError, .complete)])
  }

  @Test("Trailers end a body both ways, and need no window", arguments: [1, 4096])
  func trailers(_ pieceBytes: Int) throws {
    var limits = SessionLimits.path
    limits.streamWindow_bytes = 5
    let pair = try PathPair(limits, limits, pieceBytes: pieceBytes)
    pair.client.consumes = false
    pair.server.consumes = false
    let stream = try pair.client.request(Self.post, ends: false)
    #expect(pair.client.send("12345", on: stream).next == .done)
    try pair.client.trail(["a: b"], on: stream)
    pair.exchange()
    #expect(pair.server.takeEvents().suffix(2).map(\.what) == [.data("12345"), .trailers(["a: b"])])
    try pair.server.respond(Self.answer, on: stream, ends: false)
    #expect(pair.server.send("67890", on: stream).next == .done)
    try pair.server.trail(["grpc-status: 0"], on: stream)
    pair.exchange()
    #expect(
      pair.client.takeEvents().suffix(3).map(\.what)
        == [.data("67890"), .trailers(["grpc-status: 0"]), .closed(.noError, .complete)]
    )
    #expect(throws: PathRefusal.notOpen) { try pair.client.trail(["a: b"], on: stream) }
  }

  @Test("A client that asks for 100 is told to go on, and the response comes after")
  func continued() throws {
    let pair = try PathPair()
    let stream = try pair.client.request(Self.post + ["expect: 100-continue"], ends: false)
    pair.exchange()
    try pair.server.inform([":status: 100"], on: stream)
    try pair.server.inform([":status: 103", "link: l"], on: stream)
    pair.exchange()
    #expect(
      pair.client.takeEvents().filter { $0.what != .writable }.map(\.what)
        == [.informational([":status: 100"]), .informational([":status: 103", "link: l"])]
    )
    #expect(pair.client.send("body", on: stream, isLast: true).next == .done)
    pair.exchange()
    try pair.server.respond([":status: 204"], on: stream)
    pair.exchange()
    #expect(
      pair.client.takeEvents().map(\.what) == [.head([":status: 204"], ends: true), .closed(.noError, .complete)]
    )
  }

  @Test("CONNECT carries bytes both ways until each side ends its own")
  func connect() throws {
    let pair = try PathPair()
    let stream = try pair.client.request([":method: CONNECT", ":authority: db:5432"], ends: false)
    pair.exchange()
    #expect(
      pair.server.takeEvents().first?.what == .head([":method: CONNECT", ":authority: db:5432"], ends: false)
    )
    try pair.server.respond([":status: 200"], on: stream, ends: false)
    for round in 0..<3 {
      #expect(pair.client.send("up \(round)", on: stream, isLast: round == 2).next == .done)
      #expect(pair.server.send("down \(round)", on: stream, isLast: round == 2).next == .done)
      pair.exchange()
    }
    #expect(Self.body(of: pair.server.takeEvents()) == "up 0up 1up 2")
    let events = pair.client.takeEvents()
    #expect(Self.body(of: events) == "down 0down 1down 2")
    #expect(events.last?.what == .closed(.noError, .complete))
  }

  @Test(
    "CONNECT for another protocol is taken where the server said so, and refused where not",
    arguments: [true, false]
  )
  func extendedConnect(_ isTaken: Bool) throws {
    var limits = SessionLimits.path
    limits.takesExtendedConnect = isTaken
    let client = try PathParty(.client)
    let server = try PathParty(.server, limits)
    let settings = client.receive(server.output())
    #expect(settings.map(\.what) == [.settings(PathSettings(streams: 100, takesExtendedConnect: isTaken))])
    let head = [
      ":method: CONNECT", ":protocol: websocket", ":scheme: https", ":path: /chat", ":authority: b",
      "sec-websocket-version: 13",
    ]
    _ = try client.request(head, ends: false)
    let events = server.receive(client.output())
    #expect(events.last?.what == (isTaken ? .head(head, ends: false) : .refused(.invalidField)))
  }

  @Test("A request beyond what the server has open at once waits, and goes when there is room")
  func concurrency() throws {
    var limits = SessionLimits.path
    limits.streams = 1
    let pair = try PathPair(.path, limits)
    let first = try pair.client.request(Self.get)
    let second = try pair.client.request(Self.post, ends: false)
    #expect(pair.client.send("body", on: second, isLast: true).left == "body")
    pair.exchange()
    #expect(pair.server.takeEvents().map(\.stream) == [1])
    try pair.server.respond(Self.answer, on: first)
    pair.exchange()
    let events = pair.client.takeEvents()
    #expect(events.last == .init(stream: second.number, what: .writable), "\(events)")
    #expect(pair.client.send("body", on: second, isLast: true).next == .done)
    pair.exchange()
    #expect(Self.body(of: pair.server.takeEvents()) == "body")
  }

  @Test("Fields that hold secrets, and those that came as secrets, are never put into a table")
  func sensitiveFields() throws {
    let pair = try PathPair()
    // Each is longer than the short ones that nghttp2 keeps from its tables by itself.
    let secret = String(repeating: "t", count: 60)
    let names = ["cookie", "set-cookie", "authorization", "proxy-authorization"]
    let fields = Self.get + names.map { "\($0): \(secret)" } + ["!x-own: \(secret)"]
    let marked = Self.get + (names + ["x-own"]).map { "!\($0): \(secret)" }
    for _ in 0..<2 {
      _ = try pair.client.request(fields)
      let bytes = pair.client.output()
      // Huffman coding makes five bits of a "t".
      #expect(bytes.count > 5 * 60 * 5 / 8, "the second time it is as long as the first")
      pair.server.receive(bytes)
    }
    _ = try pair.client.request(fields)
    pair.exchange()
    #expect(pair.server.takeEvents().last?.what == .head(marked, ends: true))
    _ = try pair.client.request(Self.get)
    #expect(pair.client.output().count < 40, "others are remembered")
  }

  @Test("What is another with each request does not push out of the tables what stays the same")
  func ephemeralFields() throws {
    let pair = try PathPair()
    let constant = "x-stays: \(String(repeating: "s", count: 60))"
    var usual = Int.max
    for number in 0..<100 {
      let trace = String(repeating: "5", count: 52) + "\(1000 + number)"
      _ = try pair.client.request(Self.get + [constant, "traceparent: \(trace)", "x-request-id: \(trace)"])
      let bytes = pair.client.output()
      if number == 1 { usual = bytes.count + 4 }  // digits differ by a bit each
      if number > 1 { #expect(bytes.count <= usual, "request \(number) tells again what the other side knew") }
      pair.server.receive(bytes)
      _ = pair.server.takeEvents()
    }
  }

  @Test("A list that is larger than may be sent is refused before anything is")
  func outgoingLists() throws {
    let pair = try PathPair()
    let wide = Self.get + (0..<6).map { "x-\($0): \(String(repeating: "v", count: 15 << 10))" }
    let many = Self.get + (0..<200).map { "x-\($0): v" }
    for fields in [wide, many] {
      #expect(throws: PathRefusal.outgoingListTooLarge) { try pair.client.request(fields) }
    }
    #expect(pair.client.output() == [] && pair.client.openStreams == 0)
  }

  private static func body(of events: [PathParty.Told]) -> String {
    events.reduce(into: "") { text, told in if case .data(let more) = told.what { text += more } }
  }
}
