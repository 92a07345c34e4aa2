internal import Synchronization

/// What waits for one peer. Whoever puts something in never waits: the oldest makes room.
final class MessageQueue: Sendable {
  private struct State {
    var messages: [[UInt8]] = []
    var bytes = 0
    var isClosed = false
    var reader: AsyncStream<Void>.Continuation?
  }

  private let state = Mutex(State())

  /// Says that something waits: at once where it does already, and from now on. Each call has a stream of its own and ends
  /// the one before, since a stream whose reader was cancelled says nothing any more. It ends with the queue.
  func signals() -> AsyncStream<Void> {
    let (signals, reader) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let (former, isClosed) = state.withLock { state in
      defer { state.reader = state.isClosed ? nil : reader }
      if !state.messages.isEmpty { reader.yield() }
      return (state.reader, state.isClosed)
    }
    former?.finish()
    if isClosed { reader.finish() }
    return signals
  }

  /// How many older messages had to go; nil where the queue is closed.
  func put(_ message: [UInt8]) -> Int? {
    let put: (dropped: Int, reader: AsyncStream<Void>.Continuation?)? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.messages.append(message)
      state.bytes += message.count
      var dropped = 0
      while state.messages.count - dropped > 1,
        state.messages.count - dropped > PeerLimit.queuedMessages || state.bytes > PeerLimit.queuedBytes
      {
        state.bytes -= state.messages[dropped].count
        dropped += 1
      }
      state.messages.removeFirst(dropped)
      return (dropped, state.reader)
    }
    put?.reader?.yield()
    return put?.dropped
  }

  /// The oldest that waits. One at a time: what breaks a stream costs one message, and the others wait for the next.
  func take() -> [UInt8]? {
    state.withLock { state in
      guard !state.messages.isEmpty else { return nil }
      let message = state.messages.removeFirst()
      state.bytes -= message.count
      return message
    }
  }

  /// Closes it if nothing waits; true also where it was closed before.
  func closeIfEmpty() -> Bool {
    state.withLock { state in
      guard state.messages.isEmpty else { return false }
      state.isClosed = true
      return true
    }
  }

  /// Closes it; how many messages were lost.
  @discardableResult
  func close() -> Int {
    let (lost, reader) = state.withLock { state in
      defer { state = State(isClosed: true) }
      return (state.messages.count, state.reader)
    }
    reader?.finish()
    return lost
  }
}
