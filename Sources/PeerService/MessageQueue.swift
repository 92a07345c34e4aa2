internal import Synchronization

/// What waits for one peer. Whoever puts something in never waits: the oldest makes room.
final class MessageQueue: Sendable {
  private struct State {
    var messages: [[UInt8]] = []
    var bytes = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let wake: AsyncStream<Void>.Continuation
  /// Says that something was put in; for one reader.
  let signals: AsyncStream<Void>

  init() { (signals, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

  /// How many older messages had to go; nil where the queue is closed.
  func put(_ message: [UInt8]) -> Int? {
    let dropped: Int? = state.withLock { state in
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
      return dropped
    }
    if dropped != nil { wake.yield() }
    return dropped
  }

  /// All that waits, the oldest first.
  func takeAll() -> [[UInt8]] {
    state.withLock { state in
      defer { (state.messages, state.bytes) = ([], 0) }
      return state.messages
    }
  }

  /// Closes it if nothing waits.
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
    let lost = state.withLock { state in
      defer { state = State(isClosed: true) }
      return state.messages.count
    }
    wake.finish()
    return lost
  }
}
