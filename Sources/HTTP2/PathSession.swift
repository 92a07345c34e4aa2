internal import CNghttp2

/// One HTTP/2 connection of the data path, of either role (RFC 9113): bytes in, events out, bytes out. It has no descriptor,
/// thread or clock, and allocates nothing of its own for an event, a stream or a body; nghttp2 frames and keeps the windows.
///
/// Events go to the `PathScratch` that a call is given. A session that failed stays failed: `refusal` says why, and the
/// connection under it is of no more use once what `takeOutput` gives was sent.
public struct PathSession: ~Copyable {
  /// Which side of the connection it is.
  public enum Role: Sendable { case client, server }

  // Unsafe: nghttp2's session, and the state that it knows the address of; both made by `init` and freed once, by `deinit`, the
  // session first, for its callbacks use the state.
  let session: OpaquePointer
  let state: UnsafeMutablePointer<PathState>
  /// nghttp2 may not be asked to read or write again after it has failed.
  private(set) var isFailed = false

  /// A session whose first bytes (a client's preface, and settings) wait to be taken. Its events carry `tag`.
  public init(role: Role, limits: SessionLimits = .path, tag: UInt64 = 0) throws(PathRefusal) {
    try self.init(role: role, limits: limits, tag: tag, memory: nil)
  }

  /// The same with another allocator than malloc, which tests count with; nghttp2 copies it.
  init(
    role: Role,
    limits: SessionLimits,
    tag: UInt64,
    memory: UnsafeMutablePointer<nghttp2_mem>?
  ) throws(PathRefusal) {
    let state = UnsafeMutablePointer<PathState>.allocate(capacity: 1)
    state.initialize(to: PathState(limits, isServer: role == .server, tag: tag))
    guard let session = Self.make(role, limits, state, memory: memory) else {
      state.deallocate()
      throw .outOfMemory
    }
    self.session = session
    self.state = state
  }

  deinit {
    nghttp2_session_del(session)
    state.pointee.freeList()
    state.deallocate()
  }

  /// What became of bytes that were handed in.
  public struct Received: BitwiseCopyable, Sendable {
    /// How many of them are done with.
    public let taken: Int
    /// There was no room for more events: take them, and call again with the rest, also where that is empty.
    public let isPaused: Bool
  }

  /// Reads what the other side sent, `now_ms` being any clock that does not go back. Take the events before the next call, of
  /// any session that has the same scratch: those that are `.data` point into `bytes`, and lists are forgotten by it.
  public mutating func receive(
    _ bytes: UnsafeRawBufferPointer,
    now_ms: UInt64,
    _ scratch: PathScratch
  ) -> Received {
    guard !isFailed else { return Received(taken: bytes.count, isPaused: false) }
    precondition(scratch.store.pointee.fits(state.pointee.limits), "the scratch is of smaller limits")
    guard scratch.store.pointee.begin() else { return Received(taken: 0, isPaused: true) }
    let count = withExtendedLifetime(scratch) {
      state.pointee.now_ms = now_ms
      state.pointee.scratch = scratch.store
      state.pointee.input = bytes
      state.pointee.settingsEvent = nil
      state.pointee.goAwayEvent = nil
      state.pointee.hasPaused = false
      state.pointee.takeUpList()
      // Unsafe: nghttp2 reads `bytes` within this call only; no bytes are allowed to have no address.
      let count = nghttp2_session_mem_recv(
        session,
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
        bytes.count
      )
      state.pointee.keepList()
      state.pointee.input = nil
      state.pointee.scratch = nil
      return count
    }
    guard count >= 0 else {
      fail(CInt(count))
      return Received(taken: bytes.count, isPaused: false)
    }
    state.pointee.position.advance(over: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    return Received(taken: count, isPaused: state.pointee.hasPaused)
  }

  /// nghttp2 returned an error that ends the session.
  mutating func fail(_ code: CInt) {
    isFailed = true
    if state.pointee.refusal == .none { state.pointee.refusal = PathRefusal(nghttp2: code) }
  }

  /// Why the connection is refused; `.none` while nothing is wrong.
  public var refusal: PathRefusal { state.pointee.refusal }

  /// Whether more bytes from the other side mean anything. Once false it stays so: close when there is no more output.
  public var wantsInput: Bool { !isFailed && nghttp2_session_want_read(session) != 0 }

  /// Streams whose end was not told yet.
  public var openStreams: Int { state.pointee.openStreams }

  /// Whether a header list has begun to arrive and is not whole: what a worker's timer for slow heads asks.
  public var isHeaderListOpen: Bool { state.pointee.position.isInList }

  /// How many have come whole; the number begins anew at its end.
  public var headerLists: UInt32 { state.pointee.position.lists }

  /// Whether anything has begun to arrive and is not whole: a preface, a frame, a header list of several. Who says nothing more
  /// then is not idle: nothing else can come on the connection.
  public var isAmidst: Bool { state.pointee.position.isAmidst }

  /// Whether a whole frame has come yet, which is the other side's settings (RFC 9113 section 3.4).
  public var hasHeard: Bool { state.pointee.position.hasFrame }
}
