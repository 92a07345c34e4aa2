internal import CNghttp2

extension ClientSession {
  /// Whether there is something to send now: frames, or data that the other side has room for.
  public var wantsOutput: Bool { nghttp2_session_want_write(session) != 0 }

  /// Appends what is to be sent to `bytes` until that has at least `limit_bytes`, or nothing is left; the last frame may
  /// exceed it by `SessionLimits.frame_bytes`. What was appended must be sent.
  public mutating func takeOutput(into bytes: inout [UInt8], limit_bytes: Int) throws(SessionError) {
    while bytes.count < limit_bytes {
      // Unsafe: the bytes are nghttp2's, and valid until it is called again; they are copied before.
      var start: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &start)
      guard count >= 0 else { throw Self.error(CInt(count)) }
      guard count > 0 else { return }
      bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
    }
  }
}
