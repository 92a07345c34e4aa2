/// The live hosts, as membership tells. A host is one of them itself.
struct Members: Sendable {
  private(set) var alive: [OwnerID] = []
  private var positions: [OwnerID: Int] = [:]

  func isAlive(_ owner: OwnerID) -> Bool { positions[owner] != nil }

  /// Whether the owner was not alive before.
  mutating func add(_ owner: OwnerID) -> Bool {
    guard positions[owner] == nil else { return false }
    positions[owner] = alive.count
    alive.append(owner)
    return true
  }

  /// Whether the owner was alive.
  mutating func remove(_ owner: OwnerID) -> Bool {
    guard let position = positions.removeValue(forKey: owner), let last = alive.popLast() else { return false }
    if position < alive.count {
      alive[position] = last
      positions[last] = position
    }
    return true
  }

  /// Up to `count` different live hosts, none of them in `excluded`.
  func sample(_ count: Int, without excluded: [OwnerID], by random: inout Randomness) -> [OwnerID] {
    if alive.count <= 2 * (count + excluded.count) {
      return Array(alive.filter { !excluded.contains($0) }.shuffled(using: &random).prefix(count))
    }
    var picked: [OwnerID] = []
    // More than half of the hosts are free to be picked at every draw, so 8 a host fail once in 256.
    for _ in 0..<8 * count where picked.count < count {
      let candidate = alive[Int(random.next() % UInt64(alive.count))]
      if !excluded.contains(candidate) && !picked.contains(candidate) { picked.append(candidate) }
    }
    return picked
  }
}

/// Steele, Lea and Flood's SplitMix64: which peers are picked, replayable from a seed.
struct Randomness: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }

  /// `mean`, give or take a quarter, so that hosts do not fall into step.
  mutating func jittered(_ mean: UInt64) -> UInt64 { mean - mean / 4 + next() % (mean / 2 + 1) }
}
