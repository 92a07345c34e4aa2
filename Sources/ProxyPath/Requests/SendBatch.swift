internal import Kernel
internal import Reactor

/// Small messages of one turn, sent together at its end.
///
/// Sent one by one between the reads, each would wake a program on another core that has only that one to do, and sleeps
/// again before the next: a wake-up costs the sender more than the message. Together, the program that the first one woke
/// finds the others waiting.
struct SendBatch: ~Copyable {
  /// Messages above this are sent at once: copying them would cost more than it saves.
  static let largest = 4096
  /// Messages that wait at most; then they are sent, whatever else there is to read, so that nobody waits for the turn of
  /// a busy worker to end.
  static let limit = 64

  private let slots: UnsafeMutablePointer<Slot>
  private(set) var clientCount = 0
  private(set) var upstreamCount = 0

  init() {
    slots = .allocate(capacity: 2 * Self.limit)
    slots.initialize(repeating: .nowhere, count: 2 * Self.limit)
  }

  deinit { slots.deallocate() }

  var isFull: Bool { clientCount &+ upstreamCount >= Self.limit }

  /// Notes a client that has a message, unless there are too many.
  mutating func add(client slot: Slot) -> Bool {
    guard clientCount < Self.limit else { return false }
    slots[clientCount] = slot
    clientCount &+= 1
    return true
  }

  /// Notes a connection to an endpoint that has a message, unless there are too many.
  mutating func add(upstream slot: Slot) -> Bool {
    guard upstreamCount < Self.limit else { return false }
    slots[Self.limit &+ upstreamCount] = slot
    upstreamCount &+= 1
    return true
  }

  /// The client noted at `index`, which is below `clientCount`.
  func client(_ index: Int) -> Slot { slots[index] }

  /// The connection noted at `index`, which is below `upstreamCount`.
  func upstream(_ index: Int) -> Slot { slots[Self.limit &+ index] }

  /// Their messages are sent.
  mutating func forgetClients() { clientCount = 0 }

  /// Their messages are sent.
  mutating func forgetUpstreams() { upstreamCount = 0 }
}

extension Worker {
  /// Sends what the turn has composed.
  func sendBatch() {
    // Sending may compose further messages, where one fails: they go with the next batch.
    var index = 0
    while index < http.batch.upstreamCount {
      sendPosted(to: http.batch.upstream(index))
      index &+= 1
    }
    http.batch.forgetUpstreams()
    index = 0
    while index < http.batch.clientCount {
      let slot = http.batch.client(index)
      index &+= 1
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
    http.batch.forgetClients()
  }

  private func sendPosted(to slot: Slot) {
    guard let upstream = http.upstreams.pointer(slot), upstream.pointee.isPosted,
      let client = http.clients.pointer(upstream.pointee.client),
      let exchange = http.exchanges.pointer(client.pointee.exchange), exchange.pointee.upstream == slot
    else { return }
    let owner = upstream.pointee.client
    guard case .failed(let code) = sendPosted(exchange, upstream) else { return }
    if case .again = requestFailed(client, owner, exchange, upstream, code: code) { serveClient(owner) }
  }

  /// Sends a request that waited for the end of the turn. It lies where it is kept for another try.
  func sendPosted(
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> SendOutcome {
    upstream.pointee.isPosted = false
    return upstream.pointee.backlog.send(exchange.pointee.replay.content, to: &upstream.pointee.side, &pool)
  }
}
