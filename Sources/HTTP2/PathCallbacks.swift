internal import CNghttp2

// Unsafe: nghttp2 keeps the address of a session's `PathState` as a pointer without a type. `PathSession` frees it after it has
// deleted nghttp2's session, and callbacks run only within calls on that session, on the thread that makes them.
private func state(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<PathState>? {
  context?.assumingMemoryBound(to: PathState.self)
}

private let proceed = PathNext.proceed.status
private let failSession = PathNext.fail.status

/// The callbacks of every session of the data path, made once: nghttp2 copies them into each session.
enum PathCallbacks {
  // Unsafe: written once, under the lock of a global's first use, and only read after; never freed. nil without memory.
  nonisolated(unsafe) static let all: OpaquePointer? = {
    var made: OpaquePointer?
    guard nghttp2_session_callbacks_new(&made) == 0, let callbacks = made else { return nil }
    setReceiving(callbacks)
    setHeaders(callbacks)
    setSending(callbacks)
    return callbacks
  }()

  private static func setReceiving(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { session, head, context in
      guard let head, let state = state(context) else { return failSession }
      state.pointee.begin(head.pointee, session)
      return proceed
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { session, _, stream, start, count, context in
      guard let start, let state = state(context) else { return failSession }
      return state.pointee.addData(stream, UnsafeRawPointer(start), count: count, session).status
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { session, frame, context in
      guard let frame, let state = state(context) else { return failSession }
      state.pointee.receive(frame, session)
      return proceed
    }
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { session, frame, code, context in
      guard let frame, let state = state(context) else { return failSession }
      state.pointee.refuseInvalid(frame, code, session)
      return proceed
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { session, stream, code, context in
      guard let state = state(context) else { return failSession }
      state.pointee.close(stream, code, session)
      return proceed
    }
  }

  private static func setHeaders(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
      guard let frame, let state = state(context) else { return failSession }
      if frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST { state.pointee.openStreams += 1 }
      state.pointee.beginList(frame.pointee.hd.stream_id)
      return proceed
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      session,
      _,
      name,
      nameCount,
      value,
      valueCount,
      flags,
      context in
      guard let state = state(context) else { return failSession }
      return state.pointee.addField(
        name,
        nameCount,
        value,
        valueCount,
        isSensitive: flags & UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue) != 0,
        session
      ).status
    }
  }

  private static func setSending(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { session, frame, context in
      guard let frame, let state = state(context) else { return failSession }
      state.pointee.sent(frame, session)
      return proceed
    }
    nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, head, count, _, context in
      guard let frame, let head, let state = state(context) else { return failSession }
      return state.pointee.writeBody(of: frame.pointee.hd.stream_id, head, count: count).status
    }
  }

  /// nghttp2 asks for a body; see `PathState.offerBody`.
  static let body: nghttp2_data_source_read_callback = { session, stream, _, most, flags, _, context in
    guard let flags, let state = state(context) else { return Int(failSession) }
    return state.pointee.offerBody(of: stream, most: most, &flags.pointee, session)
  }
}
