internal import CNghttp2

extension ClientSession {
  /// An nghttp2 session with this module's callbacks and bounds, its settings submitted; the caller owns it.
  static func make(_ state: SessionState) throws(SessionError) -> OpaquePointer {
    var options: OpaquePointer?
    guard nghttp2_option_new(&options) == 0, let options else { throw .outOfMemory }
    defer { nghttp2_option_del(options) }
    set(options, state.limits)

    // Unsafe: the context that callbacks get; `SessionCallbacks` says why it outlives its use.
    let context = Unmanaged.passUnretained(state).toOpaque()
    var session: OpaquePointer?
    let status = SessionCallbacks.with { nghttp2_session_client_new2(&session, $0, context, options) }
    guard status == 0, let session else { throw .outOfMemory }
    guard submitSettings(session, state.limits) else {
      nghttp2_session_del(session)
      throw .outOfMemory
    }
    return session
  }

  private static func set(_ options: OpaquePointer, _ limits: SessionLimits) {
    nghttp2_option_set_max_outbound_ack(options, limits.unreadAcknowledgements)
    nghttp2_option_set_max_settings(options, limits.settingsEntries)
    // nghttp2 counts one each time that it is given a part of a CONTINUATION frame's head, so that this is only the bound
    // for lists that are skipped. The frames of others are counted as they begin.
    nghttp2_option_set_max_continuations(options, limits.continuations * OutputRoom.frameHeadBytes)
    // Nothing is ever pushed to us: it is switched off below.
    nghttp2_option_set_max_reserved_remote_streams(options, 0)
    // Closed streams would only be kept for priorities, which this client does not use.
    nghttp2_option_set_no_closed_streams(options, 1)
  }

  /// Our settings and the connection's window; false without memory.
  private static func submitSettings(_ session: OpaquePointer, _ limits: SessionLimits) -> Bool {
    let settings: [(nghttp2_settings_id, UInt32)] = [
      (NGHTTP2_SETTINGS_ENABLE_PUSH, 0),
      (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0),
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(limits.streamWindow_bytes)),
      (NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frame_bytes),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(limits.headerListBytes)),
    ]
    let entries = settings.map { nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: $0.1) }
    let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    return nghttp2_submit_settings(session, none, entries, entries.count) == 0
      && nghttp2_session_set_local_window_size(session, none, 0, limits.connectionWindow_bytes) == 0
  }
}
