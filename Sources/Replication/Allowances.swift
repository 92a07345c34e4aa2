/// What each peer may still send and ask for in this second.
struct Allowances: Sendable {
  private struct Use {
    var messages = 0
    var servedBytes = 0
  }

  private var second: UInt64 = 0
  private var uses: [OwnerID: Use] = [:]
  /// Announcements that may still be made in this second, to whomever.
  private var relays = ReplicationLimits.relaysPerSecond

  mutating func advance(to now: Moment) {
    guard now.monotonic_ms / 1_000 != second else { return }
    second = now.monotonic_ms / 1_000
    uses.removeAll(keepingCapacity: true)
    relays = ReplicationLimits.relaysPerSecond
  }

  /// Whether the peer may send one more message.
  mutating func takeMessage(from peer: OwnerID) -> Bool {
    // Peers have authenticated themselves, so more of them than owners is a flood too.
    guard uses[peer] != nil || uses.count < ReplicationLimits.owners else { return false }
    uses[peer, default: Use()].messages += 1
    return uses[peer, default: Use()].messages <= ReplicationLimits.peerMessagesPerSecond
  }

  /// Bytes that may be sent to the peer on its request.
  func servable(to peer: OwnerID) -> Int {
    ReplicationLimits.peerServedBytesPerSecond - (uses[peer]?.servedBytes ?? 0)
  }

  mutating func served(_ bytes: Int, to peer: OwnerID) { uses[peer, default: Use()].servedBytes += bytes }

  mutating func takeRelay() -> Bool {
    guard relays > 0 else { return false }
    relays -= 1
    return true
  }
}
