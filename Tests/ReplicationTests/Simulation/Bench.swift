import Testing

@testable import Replication

/// Replicas driven by hand: messages go where the test says.
struct Bench {
  var replicas: [Replica]
  var now = Moment(monotonic_ms: 10_000, wall_ms: SimulatedMesh.wallStart_ms)

  init(_ owners: OwnerID...) {
    let now = now
    replicas = owners.enumerated().map { Self.replica($1, seed: UInt64($0), now: now) }
    for index in replicas.indices {
      for owner in owners where owner != replicas[index].owner { _ = replicas[index].memberUp(owner) }
    }
  }

  static func replica(_ owner: OwnerID, seed: UInt64 = 1, stored: [StoredOwner] = [], now: Moment) -> Replica {
    Replica(
      owner: owner,
      credential: SimulatedKeyring.credential(of: owner),
      keyring: SimulatedKeyring(owner: owner),
      seed: seed,
      restoring: stored,
      now: now
    )
  }

  mutating func write(_ index: Int, _ writes: Write...) throws -> [Directive] {
    try replicas[index].write(writes, now: now)
  }

  mutating func receive(_ index: Int, _ message: Message, from peer: Int) -> [Directive] {
    replicas[index].receive(message, from: replicas[peer].owner, now: now)
  }

  /// Delivers all that `directives` of replica `from` send, and what that brings about, until there is no more.
  mutating func deliver(_ directives: [Directive], from: Int) {
    var queue = directives.sent.map { (from, $0.0, $0.1) }
    for _ in 0..<10_000 where !queue.isEmpty {
      let (sender, message, peer) = queue.removeFirst()
      guard let to = replicas.firstIndex(where: { $0.owner == peer }) else { continue }
      queue += receive(to, message, from: sender).sent.map { (to, $0.0, $0.1) }
    }
    #expect(queue.isEmpty)
  }

  /// Both ways of an exchange that replica `from` starts with `to`.
  mutating func exchange(_ from: Int, _ to: Int) {
    deliver([.send(.summary(Summary(buckets: replicas[from].store.buckets)), to: replicas[to].owner)], from: from)
  }
}

extension [Directive] {
  var sent: [(Message, OwnerID)] {
    compactMap { if case .send(let message, let peer) = $0 { (message, peer) } else { nil } }
  }

  var refusals: [Refusal] {
    compactMap { if case .refused(let refusal, _) = $0 { refusal } else { nil } }
  }

  var announcement: Announcement? {
    sent.lazy.compactMap { if case .announcement(let announcement) = $0.0 { announcement } else { nil } }.first
  }

  var isApplying: Bool { contains { if case .applied = $0 { true } else { false } } }
}
