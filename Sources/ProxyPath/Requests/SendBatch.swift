internal import Kernel
internal import Reactor

/// Small messages of one turn, sent together at its end.
///
/// Sent one by one between the reads, each would wake a program on another core that has only that one to do, and sleeps
/// again before the next: a wake-up costs the sender more than the message. Together, the program that the first one woke
/// finds the others waiting.
struct SendBatch {
  /// Messages above this are sent at once: copying them would cost more than it saves.
  static let largest = 4096
  /// Messages that wait at most; then they are sent, whatever else there is to read, so that nobody waits for the turn of
  /// a busy worker to end.
  static let limit = 64

  var clients: [Slot] = []
  var upstreams: [Slot] = []

  var isFull: Bool { clients.count + upstreams.count >= Self.limit }
}

extension Worker {
  /// Sends what the turn has composed.
  func sendBatch() {
    // Sending may compose further messages, where one fails: they go with the next batch.
    var index = 0
    while index < http.batch.upstreams.count {
      let slot = http.batch.upstreams[index]
      index += 1
      guard let upstream = http.upstreams.pointer(slot), upstream.pointee.isPosted else { continue }
      upstream.pointee.isPosted = false
      if case .failed = upstream.pointee.backlog.flush(to: &upstream.pointee.side, &pool) {
        serveClient(upstream.pointee.client)
      }
    }
    http.batch.upstreams.removeAll(keepingCapacity: true)
    index = 0
    while index < http.batch.clients.count {
      let slot = http.batch.clients[index]
      index += 1
      guard let client = http.clients.pointer(slot), client.pointee.isPosted else { continue }
      client.pointee.isPosted = false
      switch client.pointee.backlog.flush(to: &client.pointee.side, &pool) {
      case .failed: serveClient(slot)
      case .sent
      where client.pointee.phase != .awaiting || !client.pointee.held.isEmpty || client.pointee.side.isReadable:
        serveClient(slot)
      case .sent, .waiting: break
      }
    }
    http.batch.clients.removeAll(keepingCapacity: true)
  }
}
