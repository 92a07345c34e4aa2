internal import CNghttp2

extension SessionState {
  /// A frame has come whole.
  ///
  /// Unsafe: `frame` is nghttp2's and read only within its callback. It is a union, of which the member that its type names is
  /// the valid one.
  func receive(_ frame: UnsafePointer<nghttp2_frame>, _ session: OpaquePointer?) {
    let head = frame.pointee.hd
    switch head.type {
    case FrameType.headers:
      guard !endHeaders(head.stream_id, endsStream: head.flags & FrameType.endStreamFlag != 0) else { return }
      nghttp2_submit_rst_stream(
        session,
        UInt8(NGHTTP2_FLAG_NONE.rawValue),
        head.stream_id,
        ErrorCode.enhanceYourCalm.rawValue
      )
    case FrameType.data where head.flags & FrameType.endStreamFlag != 0:
      endBody(head.stream_id)
    case FrameType.settings where head.flags & FrameType.acknowledgementFlag == 0:
      events.append(.settings)
    case FrameType.goAway:
      let goAway = frame.pointee.goaway
      events.append(.goAway(lastStream: StreamID(goAway.last_stream_id), ErrorCode(rawValue: goAway.error_code)))
    default:
      break
    }
  }
}
