internal import CNghttp2

extension PathState {
  /// A frame begins. Where it is one too many of its kind, the connection ends.
  mutating func begin(_ head: nghttp2_frame_hd, _ session: OpaquePointer?) {
    if head.type == FrameType.continuation {
      arriving.continuations += 1
      if arriving.continuations > limits.continuations { end(.continuationFlood, .enhanceYourCalm, session) }
      return
    }
    // Whatever arrived before will not be whole: its stream was reset meanwhile.
    forgetList()
    if head.type == FrameType.reset {
      receiveReset(head.stream_id, session)
    } else if head.isControl, !control.spend(now_ms: now_ms) {
      end(.controlFlood, .enhanceYourCalm, session)
    }
  }

  /// A client may give its requests up, but not without end. A server can reset only what it was asked; others do nothing.
  private mutating func receiveReset(_ stream: Int32, _ session: OpaquePointer?) {
    if isServer {
      if !resets.spend(now_ms: now_ms) { end(.resetFlood, .enhanceYourCalm, session) }
    } else if nghttp2_session_find_stream(session, stream) == nil, !control.spend(now_ms: now_ms) {
      end(.controlFlood, .enhanceYourCalm, session)
    }
  }

  /// A frame has come whole, and has no fault.
  ///
  /// Unsafe: `frame` is nghttp2's and read only within its callback. It is a union, of which the member that its type names is
  /// the valid one.
  mutating func receive(_ frame: UnsafePointer<nghttp2_frame>, _ session: OpaquePointer?) {
    let head = frame.pointee.hd
    let endsStream = head.flags & FrameType.endStreamFlag != 0
    switch head.type {
    case FrameType.headers:
      let isRequest = frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST
      endList(head.stream_id, isRequest: isRequest, endsStream: endsStream, session)
    case FrameType.data where endsStream: tell(.bodyEnded, of: head.stream_id, session)
    case FrameType.data where frame.pointee.data.isPaddingAlone:
      if !control.spend(now_ms: now_ms) { end(.controlFlood, .enhanceYourCalm, session) }
    case FrameType.settings where head.flags & FrameType.acknowledgementFlag == 0: tellSettings(session)
    case FrameType.goAway: tellGoAway(frame.pointee.goaway.last_stream_id, frame.pointee.goaway.error_code)
    case FrameType.reset: resetByPeer = head.stream_id
    default: break
    }
  }

  /// nghttp2 found a fault in a frame, and resets its stream or ends the connection.
  mutating func refuseInvalid(_ frame: UnsafePointer<nghttp2_frame>, _ code: CInt, _ session: OpaquePointer?) {
    let stream = frame.pointee.hd.stream_id
    let reason = PathRefusal(nghttp2: code)
    if arriving.stream == stream { forgetList() }
    if stream != 0, nghttp2_session_find_stream(session, stream) != nil {
      tell(.refused(reason), of: stream, session)
    } else if reason == .tooManyStreams {
      // No stream was opened for it, so that nothing else bounds how many resets wait for the other side to read.
      ownResets += 1
      if !resets.spend(now_ms: now_ms) { end(.resetFlood, .enhanceYourCalm, session) }
    } else if isServer, frame.pointee.hd.type == FrameType.headers, openStreams >= limits.streams, refusal == .none {
      // A client that knew the bound and went beyond it: nghttp2 ends the connection, and has no code of its own for it.
      refusal = .tooManyStreams
    }
  }

  /// A piece of a body that lies at `start`.
  mutating func addData(
    _ stream: Int32,
    _ start: UnsafeRawPointer,
    count: Int,
    _ session: OpaquePointer?
  ) -> PathNext {
    // nghttp2 gives nothing that is not within what it was given; a range that is not must not be made of it.
    guard let scratch, let base = input?.baseAddress, let inputCount = input?.count, start >= base else { return .fail }
    let offset = start - base
    guard count <= inputCount - offset else { return .fail }
    tell(.data(start: UInt32(offset), count: UInt32(count)), of: stream, session)
    guard scratch.pointee.mustPause else { return .proceed }
    hasPaused = true
    return .pause
  }

  /// The stream is gone.
  mutating func close(_ stream: Int32, _ code: UInt32, _ session: OpaquePointer?) {
    let end: PathEnd =
      if resetByPeer == stream {
        .resetByPeer
      } else if resetHere == stream {
        .resetHere
      } else {
        code == ErrorCode.noError.rawValue ? .complete : .notBegun
      }
    resetByPeer = 0
    resetHere = 0
    if end == .complete { resets.earn() }
    if lent.stream == stream { lent.stream = 0 }
    openStreams -= 1
    tell(.closed(ErrorCode(rawValue: code), end), of: stream, session)
  }

  /// A frame of ours went out.
  mutating func sent(_ frame: UnsafePointer<nghttp2_frame>, _ session: OpaquePointer?) {
    let head = frame.pointee.hd
    switch head.type {
    case FrameType.reset:
      resetHere = head.stream_id
      if ownResets > 0 {
        ownResets -= 1
      } else if isServer, !resets.spend(now_ms: now_ms) {
        // It was the client that made us (CVE-2025-8671).
        end(.resetFlood, .enhanceYourCalm, session)
      }
    case FrameType.goAway:
      // nghttp2 ends the connection by itself where the other side breaks the protocol.
      let code = ErrorCode(rawValue: frame.pointee.goaway.error_code)
      if code != .noError, refusal == .none, !isGoodbyeOurs { refusal = PathRefusal(goodbye: code) }
    case FrameType.data where head.flags & FrameType.endStreamFlag != 0 && head.stream_id == lent.stream:
      lent.hasEnded = true
    default: break
    }
  }
}
