@testable import Replication

/// How messages fare: lost, doubled, late, and thereby out of order.
struct SimulatedNetwork {
  /// In a thousand messages.
  var lossPerMille: UInt64 = 10
  var duplicationPerMille: UInt64 = 0
  /// Of the fastest message. Others take up to `jitter_ms` longer, and one in a hundred ten times as long.
  var latency_ms: UInt64 = 5
  var jitter_ms: UInt64 = 45
  /// Between losing sight of a host and membership saying so, and the other way round.
  var detection_ms: UInt64 = 4_000
  /// Every message is encoded and decoded on its way.
  var encodes = true

  /// When copies of a message arrive after it is sent; none if it is lost.
  func delays(_ random: inout Randomness) -> [UInt64] {
    guard random.next() % 1_000 >= lossPerMille else { return [] }
    let copies = random.next() % 1_000 < duplicationPerMille ? 2 : 1
    return (0..<copies).map { _ in
      let delay = latency_ms + random.next() % (jitter_ms + 1)
      return random.next() % 100 == 0 ? delay * 10 : delay
    }
  }
}

/// What went over the network.
struct Traffic {
  var messages = 0
  var bytes = 0
  var lost = 0
  var largestMessage = 0

  mutating func add(_ size: Int) {
    messages += 1
    bytes += size
    largestMessage = max(largestMessage, size)
  }
}
