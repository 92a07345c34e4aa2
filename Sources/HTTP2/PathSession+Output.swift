internal import CNghttp2

extension PathSession {
  /// Whether there is something to send now: frames, or streams whose turn to write has come.
  public var wantsOutput: Bool {
    state.pointee.room.chunkLeft > 0 || !isFailed && nghttp2_session_want_write(session) != 0
  }

  /// Adds to `output` what is to be sent, as many frames as fit. What was added must be sent, and in this order. It may end
  /// streams or find room for their bodies: their events are added to `scratch`. Where too many events wait there already it
  /// does nothing.
  public mutating func takeOutput(into output: inout PathOutput, _ scratch: PathScratch) {
    precondition(scratch.store.pointee.fits(state.pointee.limits), "the scratch is of smaller limits")
    guard scratch.store.pointee.makeRoom() else { return }
    withExtendedLifetime(scratch) {
      state.pointee.scratch = scratch.store
      state.pointee.room.next = output.memory.baseAddress.map { $0 + output.count }
      state.pointee.room.left = output.memory.count - output.count
      pump()
      output.count = output.memory.count - state.pointee.room.left
      state.pointee.room.next = nil
      state.pointee.room.left = 0
      state.pointee.scratch = nil
    }
  }

  /// The same for room of which nothing is filled yet; returns how much is now.
  public mutating func takeOutput(into memory: UnsafeMutableRawBufferPointer, _ scratch: PathScratch) -> Int {
    var output = PathOutput(memory)
    takeOutput(into: &output, scratch)
    return output.count
  }

  /// Moves frames from nghttp2 to the room until one of them is exhausted. DATA frames are written by the callback.
  private mutating func pump() {
    while true {
      if state.pointee.room.chunkLeft > 0, !putChunk() { return }
      guard state.pointee.room.left > 0, !isFailed else { return }
      var start: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &start)
      guard count > 0 else {
        if count < 0 { fail(CInt(count)) }
        return
      }
      state.pointee.room.chunk = start
      state.pointee.room.chunkLeft = count
    }
  }

  /// Moves what is left of a frame to the room; false when not all of it fits.
  private func putChunk() -> Bool {
    let count = min(state.pointee.room.chunkLeft, state.pointee.room.left)
    guard let chunk = state.pointee.room.chunk, count > 0 else { return false }
    state.pointee.room.put(UnsafeRawPointer(chunk), count)
    state.pointee.room.chunk = chunk + count
    state.pointee.room.chunkLeft -= count
    return state.pointee.room.chunkLeft == 0
  }
}
