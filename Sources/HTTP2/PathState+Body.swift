internal import CNghttp2

/// The body bytes that one call of `send` lends: those of one stream, until the call returns.
struct LentBody: BitwiseCopyable {
  /// Their stream; 0 when none are lent.
  var stream: Int32 = 0
  // Unsafe: the caller's bytes, valid within its call. `left` counts down as they are copied out.
  var next: UnsafeRawPointer?
  var left = 0
  /// The stream's sending side ends behind them.
  var isLast = false
  /// The frame that ends it went out.
  var hasEnded = false
}

/// The room for output that one call lends, and what nghttp2 gave that did not fit.
struct OutputRoom: BitwiseCopyable {
  /// Bytes of a frame's head (RFC 9113 section 4.1).
  static let frameHeadBytes = 9
  /// The smallest piece of a body that a frame is made for, where more is left: the rest of a full room is not worth one.
  private static let smallestPieceBytes = 256

  // Unsafe: the caller's memory, valid within its call. `left` counts down as it is filled.
  var next: UnsafeMutableRawPointer?
  var left = 0
  // Unsafe: the rest of a frame in nghttp2's own buffer, valid until it is asked for the next one.
  var chunk: UnsafePointer<UInt8>?
  var chunkLeft = 0

  mutating func put(_ bytes: UnsafeRawPointer, _ count: Int) {
    precondition(count <= left, "what is put fits")
    next?.copyMemory(from: bytes, byteCount: count)
    next = next.map { $0 + count }
    left -= count
  }

  /// How many bytes of a body the next frame may have; nil when there is no room for a frame.
  func piece(of count: Int) -> Int? {
    let most = left - Self.frameHeadBytes
    guard most >= min(count, Self.smallestPieceBytes) else { return nil }
    return min(count, most)
  }
}

extension PathState {
  /// nghttp2 asks how many bytes of a stream's body come next, `most` being what the windows let pass.
  mutating func offerBody(
    of stream: Int32,
    most: Int,
    _ flags: inout UInt32,
    _ session: OpaquePointer?
  ) -> Int {
    guard lent.stream == stream else {
      // Its turn has come, and nobody knows: nghttp2 asks again when it was told of bytes.
      tell(.writable, of: stream, session)
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    guard lent.left > 0 || lent.isLast, let count = room.piece(of: min(lent.left, most)) else {
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    if lent.isLast, count == lent.left { flags |= NGHTTP2_DATA_FLAG_EOF.rawValue }
    return count
  }

  /// nghttp2 wants the frame written that was agreed on just before: its head, and so many bytes of the body.
  mutating func writeBody(of stream: Int32, _ head: UnsafePointer<UInt8>, count: Int) -> PathNext {
    guard lent.stream == stream, count <= lent.left, room.left >= OutputRoom.frameHeadBytes + count else {
      return .fail
    }
    room.put(UnsafeRawPointer(head), OutputRoom.frameHeadBytes)
    guard count > 0, let next = lent.next else { return .proceed }
    room.put(next, count)
    lent.next = next + count
    lent.left -= count
    return .proceed
  }
}
