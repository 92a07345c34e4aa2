internal import CNghttp2

// nghttp2 knows the session's state as a pointer without a type. It is that of a `SessionState` which `ClientSession` keeps
// alive until after it has deleted the nghttp2 session, and callbacks run only within calls on that session, on the thread
// that makes them. So reading the pointer back as an unretained reference is safe wherever this is called.
private func state(_ context: UnsafeMutableRawPointer?) -> SessionState? {
  context.map { Unmanaged<SessionState>.fromOpaque($0).takeUnretainedValue() }
}

private let proceed: CInt = 0
private let failSession: CInt = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
private let ignoreRestOfHeaders: CInt = NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue

/// The callbacks that a session needs, as nghttp2 takes them. nghttp2 copies them, so they are freed when it has.
enum SessionCallbacks {
  /// Calls `body` with the callbacks; nil without memory for them.
  static func with<Result>(_ body: (OpaquePointer) -> Result) -> Result? {
    var made: OpaquePointer?
    guard nghttp2_session_callbacks_new(&made) == 0, let callbacks = made else { return nil }
    defer { nghttp2_session_callbacks_del(callbacks) }
    setReceiving(callbacks)
    setHeaders(callbacks)
    setEnds(callbacks)
    return body(callbacks)
  }

  private static func setReceiving(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, head, context in
      guard let head = head?.pointee, let state = state(context) else { return proceed }
      state.continuations = head.type == FrameType.continuation ? state.continuations + 1 : 0
      if state.continuations > state.limits.continuations {
        state.fault = .flooded
        return failSession
      }
      guard head.isControl, !state.budget.spend(now_ms: state.now_ms) else { return proceed }
      state.fault = .flooded
      return failSession
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, start, count, context in
      guard let start, let state = state(context) else { return proceed }
      return state.addData(stream, UnsafeRawPointer(start), count: count) ? proceed : failSession
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { session, frame, context in
      guard let frame, let state = state(context) else { return proceed }
      state.receive(frame, session)
      return proceed
    }
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, _, reason, context in
      state(context)?.fault = .protocolViolation(nghttpText(reason))
      return proceed
    }
  }

  private static func setHeaders(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      session,
      frame,
      name,
      nameCount,
      value,
      valueCount,
      _,
      context in
      guard let frame, let state = state(context) else { return proceed }
      let stream = frame.pointee.hd.stream_id
      let isTaken = state.add(
        UnsafeBufferPointer(start: name, count: nameCount),
        UnsafeBufferPointer(start: value, count: valueCount),
        to: stream
      )
      if isTaken { return proceed }
      nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, ErrorCode.enhanceYourCalm.rawValue)
      return ignoreRestOfHeaders
    }
  }

  private static func setEnds(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
      state(context)?.close(stream, ErrorCode(rawValue: code))
      return proceed
    }
    // A request that could not be sent, since the other side said goodbye before, has no stream that could close.
    // One that was reset before it was sent has, and closes with the code of the reset.
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, reason, context in
      guard let frame, frame.pointee.hd.type == FrameType.headers else { return proceed }
      guard reason != NGHTTP2_ERR_STREAM_CLOSING.rawValue else { return proceed }
      state(context)?.close(frame.pointee.hd.stream_id, .refusedStream)
      return proceed
    }
    // nghttp2 ends the connection by itself where the other side breaks the protocol.
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
      guard let frame, frame.pointee.hd.type == FrameType.goAway, let state = state(context) else { return proceed }
      let code = ErrorCode(rawValue: frame.pointee.goaway.error_code)
      if code != .noError, state.fault == nil { state.fault = .protocolViolation(code.description) }
      return proceed
    }
  }
}

/// nghttp2's own words for one of its codes.
func nghttpText(_ code: CInt) -> String { nghttp2_strerror(code).map { String(cString: $0) } ?? "code \(code)" }
