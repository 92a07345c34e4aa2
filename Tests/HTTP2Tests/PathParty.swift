@testable import HTTP2

/// One side of a connection for tests: a session, its scratch, and what it told, as values that can be compared.
final class PathParty {
  private var session: PathSession
  let scratch: PathScratch
  private let memoryCount: CountingMemory?
  private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: PathOutput.recordBytes, alignment: 16)
  /// What was told and not taken by a test yet.
  fileprivate var told: [Told] = []
  /// Bytes that wait to be handed to the other side.
  private var sent: [UInt8] = []
  var now_ms: UInt64 = 1000
  /// How often the session had no room for more events.
  private(set) var pauses = 0
  /// Whether bytes are consumed as soon as they come.
  var consumes = true

  init(_ role: PathSession.Role, _ limits: SessionLimits = .path, counting: CountingMemory? = nil) throws {
    session = try PathSession(role: role, limits: limits, tag: 7, memory: counting?.allocator)
    scratch = PathScratch(limits)
    memoryCount = counting
  }

  deinit { memory.deallocate() }

  /// Something that was told, header lists and body bytes in words.
  struct Told: Equatable, CustomStringConvertible {
    var stream: Int32
    var user: UInt64 = 0
    var what: What

    var description: String { "\(stream)/\(user) \(what)" }
  }

  enum What: Equatable {
    case head([String], ends: Bool)
    case informational([String])
    case data(String)
    case trailers([String])
    case bodyEnded
    case writable
    case refused(PathRefusal)
    case closed(ErrorCode, PathEnd)
    case goAway(Int32, ErrorCode)
    case settings(PathSettings)
  }

  /// Hands bytes to the session in pieces of `pieceBytes` at most, and returns all that was told since the last time.
  @discardableResult
  func receive(_ bytes: [UInt8], pieceBytes: Int = .max) -> [Told] {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(pieceBytes))
      rest = rest.dropFirst(piece.count)
      receive(piece: piece)
    }
    return takeEvents()
  }

  private func receive(piece: [UInt8]) {
    drain([])
    var offset = 0
    while true {
      let left = Array(piece[offset...])
      let received = left.withUnsafeBytes { session.receive($0, now_ms: now_ms, scratch) }
      drain(left)
      offset += received.taken
      if received.isPaused { pauses += 1 }
      if !received.isPaused { return precondition(offset == piece.count, "all is taken where nothing pauses") }
    }
  }

  /// Takes what waits in the scratch, `bytes` being what was received last.
  private func drain(_ bytes: [UInt8]) {
    while let event = scratch.next() {
      precondition(event.tag == 7)
      let stream = event.stream.number
      told.append(Told(stream: stream, user: event.user, what: what(event, bytes)))
    }
  }

  private func what(_ event: PathEvent, _ bytes: [UInt8]) -> What {
    switch event.kind {
    case .head(let range, let ends): return .head(lines(range), ends: ends)
    case .informational(let range): return .informational(lines(range))
    case .trailers(let range): return .trailers(lines(range))
    case .data(let start, let count):
      if consumes { session.consume(Int(count), of: event.stream) }
      return .data(String(decoding: bytes[Int(start)..<Int(start + count)], as: UTF8.self))
    case .bodyEnded: return .bodyEnded
    case .writable: return .writable
    case .refused(let refusal): return .refused(refusal)
    case .closed(let code, let end): return .closed(code, end)
    case .goAway(let last, let code): return .goAway(last.number, code)
    case .settings(let settings): return .settings(settings)
    }
  }

  private func lines(_ range: PathFieldRange) -> [String] {
    let list = scratch.fields(range)
    return (0..<list.count).map { index in
      let mark = list.isSensitive(index) ? "!" : ""
      return mark + String(decoding: list.name(index), as: UTF8.self) + ": "
        + String(decoding: list.value(index), as: UTF8.self)
    }
  }

  /// What was told since the last time; pieces of a body that follow each other are one.
  func takeEvents() -> [Told] {
    drain([])
    defer { told = [] }
    return told.reduce(into: []) { all, next in
      if case .data(let more) = next.what, let last = all.last, last.stream == next.stream,
        case .data(let text) = last.what
      {
        all[all.count - 1].what = .data(text + more)
      } else {
        all.append(next)
      }
    }
  }

  /// All that the session sends now.
  func output() -> [UInt8] {
    var bytes = sent
    sent = []
    while true {
      var output = PathOutput(memory)
      session.takeOutput(into: &output, scratch)
      drain([])
      guard output.count > 0 else { return bytes }
      bytes += output.bytes
    }
  }

  /// Sends as much of a body as is taken; what is left of it, and what to wait for.
  @discardableResult
  func send(_ text: String, on stream: StreamID, isLast: Bool = false) -> (left: String, next: PathSession.Sent.Next) {
    var rest = Array(text.utf8)
    while true {
      drain([])
      var output = PathOutput(memory)
      let outcome = rest.withUnsafeBytes { session.send($0, on: stream, isLast: isLast, into: &output, scratch) }
      sent += output.bytes
      rest.removeFirst(outcome.taken)
      guard outcome.next == .output || outcome.next == .events else {
        drain([])
        return (String(decoding: rest, as: UTF8.self), outcome.next)
      }
    }
  }

  func request(_ lines: [String], user: UInt64 = 0, ends: Bool = true) throws -> StreamID {
    try withList(lines) { list in try session.submitRequest(list, user: user, endsStream: ends, scratch) }
  }

  func respond(_ lines: [String], on stream: StreamID, ends: Bool = true) throws {
    try withList(lines) { list in try session.submitResponse(list, on: stream, endsStream: ends, scratch) }
  }

  func inform(_ lines: [String], on stream: StreamID) throws {
    try withList(lines) { list in try session.submitInformational(list, on: stream, scratch) }
  }

  func trail(_ lines: [String], on stream: StreamID) throws {
    try withList(lines) { list in try session.submitTrailers(list, on: stream, scratch) }
  }

  private func withList<Result>(_ lines: [String], _ body: (PathFieldList) throws -> Result) throws -> Result {
    var buffer = PathFieldBuffer(bytes: 256 << 10, fields: 300)
    for line in lines {
      // A mark in front is that of a secret; the first byte behind it may be a pseudo-field's colon.
      let text = line.drop { $0 == "!" }
      let colon = text.dropFirst().firstIndex(of: ":") ?? text.endIndex
      let isAdded = Array(text[..<colon].utf8).withUnsafeBytes { name in
        Array(text[colon...].dropFirst(2).utf8).withUnsafeBytes { value in
          buffer.append(name, value, isSensitive: line.first == "!")
        }
      }
      precondition(isAdded, "the test's fields fit")
    }
    return try buffer.withList(body)
  }

  func consume(_ count: Int, of stream: StreamID) { session.consume(count, of: stream) }
  func setUser(_ user: UInt64, of stream: StreamID) { session.setUser(user, of: stream) }
  func reset(_ stream: StreamID, _ code: ErrorCode) { session.reset(stream, code) }
  func announceShutdown() { session.announceShutdown() }
  func goAway(_ last: StreamID? = nil, _ code: ErrorCode = .noError) { session.goAway(lastStream: last, code) }
  func terminate(_ code: ErrorCode = .noError) { session.terminate(code) }
  var refusal: PathRefusal { session.refusal }
  var wantsInput: Bool { session.wantsInput }
  var wantsOutput: Bool { session.wantsOutput }
  var canRequest: Bool { session.canRequest }
  var openStreams: Int { session.openStreams }
  var isHeaderListOpen: Bool { session.isHeaderListOpen }
  var connectionSendWindow: Int { session.connectionSendWindow }
  func sendWindow(of stream: StreamID) -> Int { session.sendWindow(of: stream) }
  func unconsumedBytes(of stream: StreamID) -> Int { session.unconsumedBytes(of: stream) }
}

/// A client and a server, and the bytes between them.
struct PathPair {
  let client: PathParty
  let server: PathParty
  /// How many bytes are handed over at once.
  var pieceBytes = Int.max

  /// Both, their settings exchanged.
  init(
    _ clientLimits: SessionLimits = .path,
    _ serverLimits: SessionLimits = .path,
    pieceBytes: Int = .max,
    counting: (client: CountingMemory, server: CountingMemory)? = nil
  ) throws {
    client = try PathParty(.client, clientLimits, counting: counting?.client)
    server = try PathParty(.server, serverLimits, counting: counting?.server)
    self.pieceBytes = pieceBytes
    exchange()
    _ = client.takeEvents()
    _ = server.takeEvents()
  }

  /// Moves bytes until none are left.
  func exchange() {
    while true {
      let (up, down) = (client.output(), server.output())
      if up.isEmpty, down.isEmpty { return }
      move(up, to: server)
      move(down, to: client)
    }
  }

  private func move(_ bytes: [UInt8], to party: PathParty) {
    let before = party.takeEvents()
    let events = party.receive(bytes, pieceBytes: pieceBytes)
    party.putBack(before + events)
  }
}

extension PathParty {
  /// Events for the next `takeEvents`.
  fileprivate func putBack(_ events: [Told]) { told = events + told }
}
