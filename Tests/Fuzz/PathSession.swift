import HTTP2

/// Any bytes as what the other side of a connection sends: to a server when the first byte is even, to a client with three
/// requests when it is odd, in pieces as long as the rest of it says. The caller answers, sends bodies, resets and consumes as a
/// proxy does; each stream has its events in order and one end, and no piece of a body lies outside of what came.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let role: PathSession.Role = start[0] & 1 == 0 ? .server : .client
  guard let session = try? PathSession(role: role, limits: limits, tag: 5) else { return 0 }
  let caller = Caller(session, role)
  let pieceBytes = Int(start[0] >> 1) + 1
  let input = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  for offset in stride(from: 0, to: input.count, by: pieceBytes) {
    caller.receive(
      UnsafeRawBufferPointer(rebasing: input[offset..<min(offset + pieceBytes, input.count)]),
      UInt64(offset)
    )
    caller.write()
  }
  caller.check()
  return 0
}

private let limits: SessionLimits = {
  var limits = SessionLimits.path
  limits.streams = 8
  limits.controlFrames = 50
  limits.resets = 20
  limits.headerListBytes = 4 << 10
  limits.headerFields = 20
  limits.streamWindow_bytes = 2000
  limits.takesExtendedConnect = true
  return limits
}()

/// As a worker has it: one for all connections that follow each other.
nonisolated(unsafe) private let scratch = PathScratch(limits)
nonisolated(unsafe) private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1000, alignment: 16)
private let body = [UInt8](repeating: 0x62, count: 3000)

private final class Caller {
  private enum Phase { case open, body, ended }

  private var session: PathSession
  private let role: PathSession.Role
  private var phases: [StreamID: Phase] = [:]
  private var closed: Set<StreamID> = []

  init(_ session: consuming PathSession, _ role: PathSession.Role) {
    self.session = session
    self.role = role
    guard role == .client else { return }
    for user in 1...3 {
      let fields = Self.list([(":method", "POST"), (":scheme", "https"), (":path", "/"), (":authority", "a")])
      guard
        let stream = try? self.session.submitRequest(fields.list, user: UInt64(user), endsStream: user == 1, scratch)
      else { preconditionFailure("a fresh client takes requests") }
      phases[stream] = .open
    }
    write()
  }

  func receive(_ bytes: UnsafeRawBufferPointer, _ now_ms: UInt64) {
    var rest = bytes
    // Each pause needs an event at least, and each event a byte.
    for _ in 0...bytes.count * 2 + 8 {
      let received = session.receive(rest, now_ms: now_ms, scratch)
      precondition(received.taken <= rest.count)
      take(rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[received.taken...])
      if !received.isPaused { return precondition(rest.isEmpty) }
    }
    preconditionFailure("a session that pauses without end")
  }

  /// What the session sends is thrown away.
  func write() {
    var rounds = 0
    while session.wantsOutput {
      let count = session.takeOutput(into: memory, scratch)
      take(UnsafeRawBufferPointer(start: nil, count: 0))
      if count == 0 { return }
      rounds += 1
      precondition(rounds < 10_000, "output without end")
    }
  }

  func check() {
    precondition(session.openStreams >= 0 && session.openStreams <= limits.streams)
    precondition(session.refusal != .internalFault)
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    while let event = scratch.next() {
      precondition(event.tag == 5)
      guard event.stream.number != 0 else { continue }
      precondition(!closed.contains(event.stream), "an event of a stream that is gone")
      note(event, bytes)
    }
  }

  private func note(_ event: PathEvent, _ bytes: UnsafeRawBufferPointer) {
    let phase = phases[event.stream] ?? .open
    switch event.kind {
    case .head(let range, let ends):
      precondition(phase == .open)
      look(at: range)
      phases[event.stream] = ends ? .ended : .body
      if role == .server { answer(event.stream) }
    case .informational(let range):
      precondition(phase == .open && role == .client)
      look(at: range)
    case .data(let start, let count):
      precondition(phase == .body && count > 0 && Int(start) + Int(count) <= bytes.count)
      session.consume(Int(count), of: event.stream)
    case .trailers(let range):
      precondition(phase == .body)
      look(at: range)
      phases[event.stream] = .ended
    case .bodyEnded:
      precondition(phase == .body)
      phases[event.stream] = .ended
    case .writable: send(on: event.stream)
    case .refused: phases[event.stream] = .ended
    case .closed:
      closed.insert(event.stream)
      phases[event.stream] = nil
    case .goAway, .settings: break
    }
  }

  /// Reads all of a list, and holds it to its bounds.
  private func look(at range: PathFieldRange) {
    let list = scratch.fields(range)
    precondition(list.count == range.count && list.count <= limits.headerFields)
    var size = 0
    for index in 0..<list.count {
      size += list.name(index).count + list.value(index).count + HeaderFields.overheadBytes
    }
    precondition(size <= limits.headerListBytes)
    precondition(list.count == 0 || !list.name(0).isEmpty)
  }

  /// Each stream is treated in one of four ways.
  private func answer(_ stream: StreamID) {
    switch stream.number / 2 % 4 {
    case 0: try? session.submitResponse(Self.list([(":status", "204")]).list, on: stream, endsStream: true, scratch)
    case 1:
      try? session.submitInformational(Self.list([(":status", "103")]).list, on: stream, scratch)
      try? session.submitResponse(Self.list([(":status", "200")]).list, on: stream, endsStream: false, scratch)
      send(on: stream)
    case 2: session.reset(stream, .cancel)
    default:
      try? session.submitResponse(Self.list([(":status", "200")]).list, on: stream, endsStream: false, scratch)
      try? session.submitTrailers(Self.list([("x", "y")]).list, on: stream, scratch)
    }
  }

  private func send(on stream: StreamID) {
    var output = PathOutput(memory)
    let sent = body.withUnsafeBytes { session.send($0, on: stream, isLast: true, into: &output, scratch) }
    precondition(sent.taken <= body.count && output.count <= memory.count)
  }

  private struct Fields: ~Copyable {
    var buffer = PathFieldBuffer(bytes: 200, fields: 8)
    var list: PathFieldList { buffer.list }
  }

  private static func list(_ fields: [(StaticString, StaticString)]) -> Fields {
    var list = Fields()
    for (name, value) in fields { precondition(list.buffer.append(name, value)) }
    return list
  }
}
