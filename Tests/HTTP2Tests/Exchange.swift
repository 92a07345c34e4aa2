import WeftTestKit

@testable import HTTP2

/// A session, and a server whose frames the test writes.
final class Exchange {
  private var session: ClientSession
  var now_ms: UInt64 = 1000

  /// A session whose own first frames are taken, and to which the server's settings came.
  init(_ limits: SessionLimits = SessionLimits(), greeted: Bool = true) throws {
    session = try ClientSession(limits: limits)
    guard greeted else { return }
    _ = try output()
    _ = try receive(HTTP2Frame(HTTP2Frame.settings))
    _ = try output()
  }

  /// Begins a request that the server sees.
  func request(endsStream: Bool = true) throws -> UInt32 {
    let stream = try session.request(Self.fields, endsStream: endsStream)
    return UInt32(stream.number)
  }

  static let fields = HeaderFields([
    (":method", "POST"), (":scheme", "http"), (":path", "/a.B/C"), (":authority", "localhost"),
  ])

  /// The session's events of these frames.
  func receive(_ frames: HTTP2Frame...) throws -> [SessionEvent] {
    try receive(frames.flatMap(\.bytes))
  }

  func receive(_ bytes: [UInt8]) throws -> [SessionEvent] {
    // Those of what was sent come before.
    let earlier = session.takeEvents()
    try bytes.withUnsafeBytes { try session.receive($0, now_ms: now_ms) }
    return earlier + session.takeEvents()
  }

  /// What the session sends.
  func output() throws -> [HTTP2Frame] {
    var bytes: [UInt8] = []
    try session.takeOutput(into: &bytes, limit_bytes: .max)
    return HTTP2Frame.all(in: bytes)
  }

  var wantsInput: Bool { session.wantsInput }
  var fault: SessionError? { session.fault }
  func takeEvents() -> [SessionEvent] { session.takeEvents() }
  func pendingBytes(on stream: StreamID) -> Int { session.pendingBytes(on: stream) }
  func reset(_ stream: StreamID, _ code: ErrorCode) { session.reset(stream, code) }
  func send(_ bytes: [UInt8], on stream: StreamID, endsStream: Bool = false) throws {
    try bytes.withUnsafeBytes { try session.send($0, on: stream, endsStream: endsStream) }
  }

  /// Whether these frames end the session: at once, or by its goodbye.
  func isEnded(by bytes: [UInt8]) throws -> Bool {
    if failure(of: bytes) != nil { return true }
    _ = try output()
    return !wantsInput
  }

  /// The error that these frames make the session fail with.
  func failure(of bytes: [UInt8]) -> SessionError? {
    do {
      _ = try receive(bytes)
      return nil
    } catch {
      return error as? SessionError
    }
  }
}

extension [HTTP2Frame] {
  /// The codes by which streams were reset.
  var resets: [ErrorCode] { codes(HTTP2Frame.reset, at: 0) }
  /// The codes of goodbyes.
  var goodbyes: [ErrorCode] { codes(HTTP2Frame.goAway, at: 4) }

  private func codes(_ type: UInt8, at offset: Int) -> [ErrorCode] {
    filter { $0.type == type }.map { frame in
      ErrorCode(rawValue: frame.payload[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }
  }
}
