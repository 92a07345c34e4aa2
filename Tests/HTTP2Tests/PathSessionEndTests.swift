import Testing

@testable import HTTP2

@Suite struct PathSessionEndTests {
  private static let get = [":method: GET", ":scheme: https", ":path: /a", ":authority: b"]
  private static let post = [":method: POST", ":scheme: https", ":path: /a", ":authority: b"]
  private static let answer = [":status: 200"]

  @Test("A stream that is reset ends on both sides, with the code and who did it")
  func resets() throws {
    let pair = try PathPair()
    let first = try pair.client.request(Self.post, ends: false)
    let second = try pair.client.request(Self.post, ends: false)
    pair.exchange()
    _ = (pair.client.takeEvents(), pair.server.takeEvents())
    pair.client.reset(first, .cancel)
    pair.server.reset(second, .refusedStream)
    pair.exchange()
    #expect(
      pair.client.takeEvents().map(\.what) == [.closed(.cancel, .resetHere), .closed(.refusedStream, .resetByPeer)]
    )
    #expect(
      Set(pair.server.takeEvents().map { "\($0)" })
        == ["1/0 closed(CANCEL, HTTP2.PathEnd.resetByPeer)", "3/0 closed(REFUSED_STREAM, HTTP2.PathEnd.resetHere)"]
    )
    #expect(pair.client.send("x", on: second).left == "x")
    #expect(pair.server.send("x", on: first).next == .gone)
    #expect(throws: PathRefusal.notOpen) { try pair.server.respond(Self.answer, on: first) }
    #expect(pair.client.openStreams == 0 && pair.server.openStreams == 0)
  }

  @Test("A reset of a stream whose bytes were not read gives the connection's window back when they are consumed")
  func resetWithSlowReader() throws {
    var limits = SessionLimits.path
    limits.connectionWindow_bytes = 65_535
    let pair = try PathPair(.path, limits)
    pair.server.consumes = false
    for _ in 0..<20 {
      let stream = try pair.client.request(Self.post, ends: false)
      #expect(pair.client.send(String(repeating: "x", count: 40_000), on: stream).next == .done)
      pair.exchange()
      pair.client.reset(stream, .cancel)
      pair.exchange()
      let events = pair.server.takeEvents()
      #expect(events.last?.what == .closed(.cancel, .resetByPeer))
      pair.server.consume(40_000, of: stream)
      pair.exchange()
      _ = pair.client.takeEvents()
    }
    // A half of the window may be unsaid; without the consuming it would have been exhausted by the second stream.
    #expect(pair.client.connectionSendWindow >= 65_535 / 2)
  }

  @Test("What the other side still sends on a stream that was reset here is passed over, and costs the window nothing")
  func dataAfterReset() throws {
    var limits = SessionLimits.path
    limits.connectionWindow_bytes = 65_535
    let pair = try PathPair(.path, limits)
    pair.server.consumes = false
    for _ in 0..<20 {
      let stream = try pair.client.request(Self.post, ends: false)
      let head = pair.client.output()
      pair.server.receive(head)
      #expect(pair.client.send(String(repeating: "x", count: 40_000), on: stream).next == .done)
      pair.server.reset(stream, .cancel)
      pair.exchange()
      #expect(pair.server.takeEvents().allSatisfy { $0.what == .closed(.cancel, .resetHere) })
      #expect(pair.client.takeEvents().last?.what == .closed(.cancel, .resetByPeer))
    }
    #expect(pair.client.connectionSendWindow >= 65_535 / 2)
  }

  @Test("A request that was given up before it went out is never sent")
  func resetBeforeSent() throws {
    let pair = try PathPair()
    let stream = try pair.client.request(Self.post, user: 5, ends: false)
    pair.client.reset(stream, .cancel)
    pair.exchange()
    #expect(pair.client.takeEvents() == [.init(stream: 1, user: 5, what: .closed(.cancel, .notBegun))])
    #expect(pair.server.takeEvents().isEmpty && pair.client.openStreams == 0)
  }

  @Test(
    "A server shuts down in order: it announces it, takes what is on its way, says goodbye and ends with its streams"
  )
  func gracefulShutdown() throws {
    let pair = try PathPair()
    let first = try pair.client.request(Self.get)
    pair.exchange()
    let late = try pair.client.request(Self.get)
    pair.server.announceShutdown()
    pair.exchange()
    #expect(pair.client.takeEvents().map(\.what) == [.goAway(Int32.max, .noError)])
    #expect(!pair.client.canRequest)
    #expect(throws: PathRefusal.noMoreRequests) { try pair.client.request(Self.get) }
    #expect(pair.server.takeEvents().map(\.stream) == [1, 3], "what was on its way is taken")
    pair.server.goAway()
    pair.exchange()
    #expect(pair.client.takeEvents().map(\.what) == [.goAway(3, .noError)])
    #expect(pair.server.wantsInput && pair.client.wantsInput)
    for stream in [first, late] { try pair.server.respond(Self.answer, on: stream) }
    pair.exchange()
    #expect(pair.client.takeEvents().filter { $0.what == .closed(.noError, .complete) }.count == 2)
    #expect(!pair.server.wantsInput && !pair.client.wantsInput)
    #expect(!pair.server.wantsOutput && !pair.client.wantsOutput)
    #expect(pair.server.refusal == .none && pair.client.refusal == .none)
  }

  @Test("Requests that crossed a goodbye are closed as not begun, also those that were never sent")
  func goAwayRace() throws {
    let pair = try PathPair()
    let first = try pair.client.request(Self.get, user: 1)
    pair.exchange()
    pair.server.goAway()
    let crossing = try pair.client.request(Self.get, user: 2)
    let crossingBytes = pair.client.output()
    pair.client.receive(pair.server.output())
    pair.server.receive(crossingBytes)
    #expect(pair.server.takeEvents() == [], "the server does not look at it")
    try pair.server.respond(Self.answer, on: first)
    pair.exchange()
    #expect(crossing.number == 3 && pair.client.openStreams == 0)

    let other = try PathPair()
    _ = try other.client.request(Self.get, user: 1)
    other.exchange()
    other.server.goAway()
    let goodbye = other.server.output()
    _ = try other.client.request(Self.get, user: 3)
    let events = other.client.receive(goodbye)
    _ = other.client.output()
    #expect(events.map(\.what) == [.goAway(1, .noError)])
    #expect(other.client.takeEvents() == [.init(stream: 3, user: 3, what: .closed(.refusedStream, .notBegun))])
    #expect(other.client.openStreams == 1)
  }

  @Test("A goodbye that names an earlier stream has those behind it sent elsewhere")
  func goAwayWithLast() throws {
    let pair = try PathPair()
    for user in 1...3 { _ = try pair.client.request(Self.get, user: UInt64(user)) }
    pair.exchange()
    _ = pair.server.takeEvents()
    pair.server.goAway(StreamID(1), .internalError)
    pair.exchange()
    let events = pair.client.takeEvents()
    #expect(events.first?.what == .goAway(1, .internalError))
    #expect(Set(events.dropFirst().map(\.user)) == [2, 3])
    #expect(events.dropFirst().allSatisfy { $0.what == .closed(.refusedStream, .notBegun) })
    #expect(
      pair.server.takeEvents().map(\.what) == [.closed(.refusedStream, .notBegun), .closed(.refusedStream, .notBegun)]
    )
    #expect(pair.server.refusal == .none, "it was the caller who said so")
  }

  @Test("A session that is terminated says so and reads no further")
  func terminated() throws {
    let pair = try PathPair()
    _ = try pair.client.request(Self.get)
    pair.exchange()
    pair.server.terminate(.enhanceYourCalm)
    pair.exchange()
    #expect(!pair.server.wantsInput && pair.server.refusal == .none)
    #expect(pair.client.takeEvents().map(\.what) == [.goAway(1, .enhanceYourCalm)])
  }
}
