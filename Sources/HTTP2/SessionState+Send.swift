internal import CNghttp2

extension SessionState {
  /// Moves waiting bytes of the stream to `buffer`, and says in `flags` whether they were the last.
  func read(_ stream: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ flags: inout UInt32) -> Int {
    guard var record = streams.removeValue(forKey: stream) else {
      return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
    }
    defer { streams[stream] = record }
    let count = record.pending.move(to: buffer)
    if record.isFinished, record.pending.count == 0 {
      flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
    } else if count == 0 {
      record.isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    return count
  }
}
