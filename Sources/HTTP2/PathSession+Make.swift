internal import CNghttp2

extension PathSession {
  /// An nghttp2 session with this module's callbacks and bounds, its settings submitted; the caller owns it. nil without
  /// memory.
  static func make(
    _ role: Role,
    _ limits: SessionLimits,
    _ state: UnsafeMutablePointer<PathState>,
    memory: UnsafeMutablePointer<nghttp2_mem>?
  ) -> OpaquePointer? {
    var options: OpaquePointer?
    guard let callbacks = PathCallbacks.all, nghttp2_option_new(&options) == 0, let options else { return nil }
    defer { nghttp2_option_del(options) }
    set(options, limits)
    var session: OpaquePointer?
    let status =
      switch role {
      case .client: nghttp2_session_client_new3(&session, callbacks, state, options, memory)
      case .server: nghttp2_session_server_new3(&session, callbacks, state, options, memory)
      }
    guard status == 0, let session else { return nil }
    guard submitSettings(session, role, limits) else {
      nghttp2_session_del(session)
      return nil
    }
    return session
  }

  private static func set(_ options: OpaquePointer, _ limits: SessionLimits) {
    // Windows open as the caller passes bytes on, so that a slow reader at one end slows the sender at the other.
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_max_outbound_ack(options, limits.unreadAcknowledgements)
    nghttp2_option_set_max_settings(options, limits.settingsEntries)
    // nghttp2 counts one each time that it is given a part of a CONTINUATION frame's head, so that this is only the bound
    // for lists that are skipped. The frames of others are counted by `PathState.begin`.
    nghttp2_option_set_max_continuations(options, limits.continuations * OutputRoom.frameHeadBytes)
    nghttp2_option_set_max_reserved_remote_streams(options, 0)
    nghttp2_option_set_no_closed_streams(options, 1)
    // What came within the bounds goes on, with a few fields more; `PathSession.measure` refuses what is larger.
    nghttp2_option_set_max_send_header_block_length(options, outgoingListBytes(limits) * 2)
    // Ours is told the time and counts what a client provokes as well; nghttp2's own budget asks the system's clock.
    nghttp2_option_set_stream_reset_rate_limit(options, 1 << 62, 1 << 32)
  }

  /// The largest list that is sent: the largest that is taken and 16 KiB for what a proxy adds.
  static func outgoingListBytes(_ limits: SessionLimits) -> Int { limits.headerListBytes + (16 << 10) }

  /// Our settings and the connection's window; false without memory.
  private static func submitSettings(_ session: OpaquePointer, _ role: Role, _ limits: SessionLimits) -> Bool {
    var settings: [(nghttp2_settings_id, UInt32)] = [
      (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, UInt32(limits.streamWindow_bytes)),
      (NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frame_bytes),
      (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, UInt32(limits.headerListBytes)),
      // Nobody's priorities are kept or followed (RFC 9218 section 2.1); nghttp2 then keeps no tree of streams.
      (NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1),
    ]
    switch role {
    case .client: settings += [(NGHTTP2_SETTINGS_ENABLE_PUSH, 0), (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0)]
    case .server:
      settings.append((NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, UInt32(limits.streams)))
      if limits.takesExtendedConnect { settings.append((NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1)) }
    }
    let entries = settings.map { nghttp2_settings_entry(settings_id: Int32($0.0.rawValue), value: $0.1) }
    let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    return nghttp2_submit_settings(session, none, entries, entries.count) == 0
      && nghttp2_session_set_local_window_size(session, none, 0, limits.connectionWindow_bytes) == 0
  }
}
