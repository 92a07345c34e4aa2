internal import CNghttp2

extension PathSession {
  /// Ends the stream at once, in both directions; `.closed` comes when that was sent. What was not sent of it never is. One
  /// that is gone stays so.
  public mutating func reset(_ stream: StreamID, _ code: ErrorCode) {
    guard !isFailed else { return }
    let waiting = nghttp2_session_get_outbound_queue_size(session)
    nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.number, code.rawValue)
    // nghttp2 adds none where one waits already, or the request never went out.
    if nghttp2_session_get_outbound_queue_size(session) > waiting { state.pointee.ownResets += 1 }
  }

  /// Of a server: says that a goodbye is coming, while requests that are on their way are still taken (RFC 9113 section 6.8).
  /// `goAway` is to follow after a round trip.
  public mutating func announceShutdown() {
    guard !isFailed else { return }
    nghttp2_submit_shutdown_notice(session)
  }

  /// Says goodbye: what is open goes on, what begins behind `lastStream` is refused. nil stands for the last stream of the
  /// other side that was looked at. The session is over when its streams are.
  public mutating func goAway(lastStream: StreamID? = nil, _ code: ErrorCode = .noError) {
    guard !isFailed else { return }
    if code != .noError { state.pointee.isGoodbyeOurs = true }
    let last = lastStream ?? lastPeerStream
    nghttp2_submit_goaway(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last.number, code.rawValue, nil, 0)
  }

  /// Says goodbye and gives up what is open: once that was sent, the connection is to be closed.
  public mutating func terminate(_ code: ErrorCode = .noError) {
    guard !isFailed else { return }
    if code != .noError { state.pointee.isGoodbyeOurs = true }
    nghttp2_session_terminate_session(session, code.rawValue)
  }

  /// The last stream of the other side that was looked at; 0 when there was none.
  public var lastPeerStream: StreamID { StreamID(nghttp2_session_get_last_proc_stream_id(session)) }
}
