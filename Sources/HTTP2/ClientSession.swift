internal import CNghttp2

/// The client's side of one HTTP/2 connection (RFC 9113): bytes in, events out, and bytes out. It has no descriptor, thread
/// or clock; nghttp2 frames, and answers pings and settings.
///
/// A session that failed stays failed: `receive` throws, and the connection under it is of no more use.
public struct ClientSession: ~Copyable {
  // Unsafe: nghttp2's session, an opaque pointer made by `make` and freed once, by `deinit`. It holds a pointer to `state`
  // without owning it, so `state` must live longer: this struct owns both, and `deinit` extends its life beyond the freeing.
  let session: OpaquePointer
  let state: SessionState

  /// A session whose first bytes (the preface and settings) wait to be taken.
  public init(limits: SessionLimits = SessionLimits()) throws(SessionError) {
    let state = SessionState(limits)
    session = try Self.make(state)
    self.state = state
  }

  deinit { withExtendedLifetime(state) { nghttp2_session_del(session) } }

  /// Reads what the other side sent, `now_ms` being any clock that does not go back. Take the events before the next call:
  /// those that are `.data` point into `bytes`.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer, now_ms: UInt64) throws(SessionError) {
    if isFailed, let fault = state.fault { throw fault }
    precondition(state.events.isEmpty, "events must be taken before more is received")
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    state.now_ms = now_ms
    state.input = bytes
    // Unsafe: nghttp2 reads `bytes` within this call only, and `input` is dropped when it returns.
    let count = nghttp2_session_mem_recv(session, start.assumingMemoryBound(to: UInt8.self), bytes.count)
    state.input = nil
    guard count < 0 else { return }
    let fault = state.fault ?? Self.error(CInt(count))
    state.fault = fault
    isFailed = true
    throw fault
  }

  /// What happened since the last call, in order.
  public mutating func takeEvents() -> [SessionEvent] {
    guard !state.events.isEmpty else { return [] }
    let events = state.events
    state.events = []
    return events
  }

  /// Whether more bytes from the other side mean anything. Once false it stays so: close when there is no more output. Where
  /// the other side broke the protocol, it is so once the goodbye that says why was taken as output.
  public var wantsInput: Bool { !isFailed && nghttp2_session_want_read(session) != 0 }

  /// Why the session ended before its time, or a stream of it; nil where nothing was wrong.
  public var fault: SessionError? { state.fault }

  /// nghttp2 may not be asked to read again after it has failed.
  private(set) var isFailed = false

  static func error(_ code: CInt) -> SessionError {
    switch code {
    case NGHTTP2_ERR_NOMEM.rawValue: .outOfMemory
    case NGHTTP2_ERR_FLOODED.rawValue: .flooded
    default: .protocolViolation(nghttpText(code))
    }
  }
}
