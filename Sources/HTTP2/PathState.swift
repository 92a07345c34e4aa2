internal import CNghttp2

/// What nghttp2's callbacks read and write of one connection of the data path. It lies in memory of its own, of which they get
/// the address, and holds nothing that is counted: no callback touches a reference count.
struct PathState: BitwiseCopyable {
  let limits: SessionLimits
  let isServer: Bool
  /// The caller's name for the session, which all its events have.
  let tag: UInt64
  /// For frames that do nothing.
  var control: ControlBudget
  /// For resets by a client, and those that it provokes.
  var resets: ControlBudget
  /// For responses before the final ones: each request brings the server some.
  var informational: ControlBudget
  /// The caller's clock, as it said last.
  var now_ms: UInt64 = 0
  /// Why the connection ends.
  var refusal = PathRefusal.none
  /// Streams of which the end was not told.
  var openStreams = 0
  /// Where among its frames the other side is.
  var position: FramePosition
  /// The header list that arrives.
  var arriving = ArrivingList()
  /// The body that `send` lends.
  var lent = LentBody()
  /// The room that a sending call lends.
  var room = OutputRoom()
  /// Resets of the caller's that nghttp2 has still to send: those are held against nobody.
  var ownResets = 0
  /// The caller ended the connection with a code of its own.
  var isGoodbyeOurs = false
  /// The stream whose reset is being received, or sent: why its end is told next.
  var resetByPeer: Int32 = 0
  var resetHere: Int32 = 0

  /// nghttp2 was told to stop in this call, also where it had no bytes left.
  var hasPaused = false

  // Unsafe: valid within one call on the session, which sets it at its beginning and clears it at its end.
  var scratch: UnsafeMutablePointer<PathScratchStore>?
  // Unsafe: the bytes of one `receive`, valid within it.
  var input: UnsafeRawBufferPointer?
  /// Where in the scratch this call told of settings and of a goodbye: later ones of the same call take their place.
  var settingsEvent: Int?
  var goAwayEvent: Int?

  init(_ limits: SessionLimits, isServer: Bool, tag: UInt64) {
    self.limits = limits
    self.isServer = isServer
    self.tag = tag
    position = FramePosition(isServer: isServer)
    control = ControlBudget(limits)
    resets = ControlBudget(most: limits.resets, perSecond: limits.resetsPerSecond)
    informational = ControlBudget(most: limits.streams * limits.informationalResponses, perSecond: 0)
  }

  /// Tells the caller something of a stream.
  mutating func tell(_ kind: PathEvent.Kind, of stream: Int32, _ session: OpaquePointer?) {
    let user = UInt64(UInt(bitPattern: nghttp2_session_get_stream_user_data(session, stream)))
    if scratch?.pointee.append(PathEvent(tag: tag, user: user, stream: StreamID(stream), kind: kind)) == nil {
      // The scratch is measured so that this cannot be. Were it otherwise, a caller that misses an event could not go on.
      end(.internalFault, .internalError, session)
    }
  }

  /// Tells of the other side's settings, those of the last frame where it sent several.
  mutating func tellSettings(_ session: OpaquePointer?) {
    let settings = PathSettings(
      streams: nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
      takesExtendedConnect: nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1
    )
    let event = PathEvent(tag: tag, user: 0, stream: StreamID(0), kind: .settings(settings))
    settingsEvent = tellOnce(event, at: settingsEvent)
  }

  /// Tells of a goodbye, the last where there are several.
  mutating func tellGoAway(_ lastStream: Int32, _ code: UInt32) {
    let kind = PathEvent.Kind.goAway(lastStream: StreamID(lastStream), ErrorCode(rawValue: code))
    goAwayEvent = tellOnce(PathEvent(tag: tag, user: 0, stream: StreamID(0), kind: kind), at: goAwayEvent)
  }

  private func tellOnce(_ event: PathEvent, at index: Int?) -> Int? {
    guard let index else { return scratch?.pointee.append(event) }
    scratch?.pointee.replace(index, event)
    return index
  }

  /// Ends the connection for what the other side did: nghttp2 reads no further, and says goodbye.
  mutating func end(_ reason: PathRefusal, _ code: ErrorCode, _ session: OpaquePointer?) {
    if refusal == .none { refusal = reason }
    nghttp2_session_terminate_session(session, code.rawValue)
  }

  /// Resets one stream for what the other side did, and says so.
  mutating func refuse(_ stream: Int32, _ reason: PathRefusal, _ session: OpaquePointer?) {
    tell(.refused(reason), of: stream, session)
    nghttp2_submit_rst_stream(
      session,
      UInt8(NGHTTP2_FLAG_NONE.rawValue),
      stream,
      ErrorCode.enhanceYourCalm.rawValue
    )
  }
}
