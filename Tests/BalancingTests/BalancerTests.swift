import Balancing
import Testing

@Suite struct BalancerTests {
  static let seeds: [UInt64] = [1, 2, 3]

  /// How often each endpoint was chosen in `draws` choices.
  static func counts(
    _ algorithm: BalancingAlgorithm,
    _ table: ListedEndpoints,
    draws: Int = 100_000,
    seed: UInt64
  ) -> [Int] {
    var random = FastRandom(seed: seed)
    var balancer = Balancer(algorithm)
    var counts = Array(repeating: 0, count: table.count)
    for _ in 0..<draws { balancer.pick(table, &random, now_ns: 0).map { counts[$0] += 1 } }
    return counts
  }

  @Test(
    "Whatever the table, none that is out is chosen while one is available, and some one is",
    arguments: BalancingAlgorithm.allCases,
    seeds
  )
  func available(algorithm: BalancingAlgorithm, seed: UInt64) {
    var random = FastRandom(seed: seed)
    var balancer = Balancer(algorithm)
    for _ in 0..<3_000 {
      let size = [0, 1, 2, 3, 8, 60][Int(random.below(6))]
      let table = ListedEndpoints(count: size, outOfTen: random.below(11), &random)
      let usable = table.usable
      let failed = Int(random.below(8)) - 1
      for _ in 0..<5 {
        let chosen = balancer.pick(table, &random, now_ns: 0)
        let retried = balancer.pick(table, &random, now_ns: 0, excluding: failed)
        let others = usable.filter { $0 != failed }
        guard chosen.map(usable.contains) ?? usable.isEmpty,
          retried.map((others.isEmpty ? usable : others).contains) ?? usable.isEmpty
        else {
          Issue.record("chose \(chosen as Any), then \(retried as Any), of \(usable) without \(failed)")
          return
        }
      }
    }
  }

  @Test("Where all are out, the least bad is still one with a weight", arguments: BalancingAlgorithm.allCases)
  func leastBad(algorithm: BalancingAlgorithm) {
    var random = FastRandom(seed: 6)
    var balancer = Balancer(algorithm)
    let table = ListedEndpoints([
      .init(isAvailable: false), .init(isAvailable: false, weight: 0), .init(isAvailable: false),
    ])
    #expect(balancer.pick(table, &random, now_ns: 0) == nil)
    let chosen = (0..<200).map { _ in balancer.pickLeastBad(table, &random, now_ns: 0) }
    #expect(Set(chosen) == [0, 2])
    #expect(balancer.pickLeastBad(ListedEndpoints(weights: [0, 0]), &random, now_ns: 0) == nil)
    #expect(balancer.pickLeastBad(ListedEndpoints([]), &random, now_ns: 0) == nil)
  }

  @Test("Of two, the one that costs less is always chosen; by pending requests, the one with fewer")
  func cheaper() {
    let table = ListedEndpoints([.init(pending: 1, cost: 9), .init(pending: 2, cost: 8)])
    for seed in Self.seeds {
      #expect(Self.counts(.peakEWMA, table, draws: 1_000, seed: seed) == [0, 1_000])
      #expect(Self.counts(.leastRequest, table, draws: 1_000, seed: seed) == [1_000, 0])
    }
  }

  @Test("The dearest of many is never chosen, for two different ones are compared", arguments: seeds)
  func distinct(seed: UInt64) {
    var table = ListedEndpoints(Array(repeating: .init(), count: 8))
    table.endpoints[5].cost = 2
    table.endpoints[5].pending = 1
    for algorithm in [BalancingAlgorithm.peakEWMA, .leastRequest] {
      let counts = Self.counts(algorithm, table, draws: 10_000, seed: seed)
      #expect(counts[5] == 0)
      #expect(counts.enumerated().allSatisfy { $0 == 5 || abs($1 - 1_428) < 180 }, "\(counts)")
    }
  }

  @Test("Equal endpoints get equal shares, also where others are out", arguments: BalancingAlgorithm.allCases, seeds)
  func equalShares(algorithm: BalancingAlgorithm, seed: UInt64) {
    var table = ListedEndpoints(Array(repeating: .init(), count: 50))
    for out in 3..<47 { table.endpoints[out].isAvailable = false }
    let counts = Self.counts(algorithm, table, draws: 60_000, seed: seed)
    // Taken in turn, those that follow a gap must not inherit its share; drawn, five standard deviations are 456.
    for index in table.usable where algorithm != .roundRobin { #expect(abs(counts[index] - 10_000) < 457) }
    if algorithm == .roundRobin { #expect(table.usable.allSatisfy { counts[$0] == 10_000 }) }
  }

  @Test(
    "At equal cost each gets its weight within 2 %, also where the heaviest is out",
    arguments: BalancingAlgorithm.allCases,
    [[1, 9], [0, 1, 2, 3, 4], [1, 1, 1, 1_000], [1, 2, 3]] as [[UInt32]]
  )
  func weights(algorithm: BalancingAlgorithm, weights: [UInt32]) {
    let table = ListedEndpoints(weights: weights)
    expectShares(of: table, algorithm, seed: 1)
    var without = ListedEndpoints(weights: weights + [50_000])
    without.endpoints[weights.count].isAvailable = false
    // In turn, a round in which nobody is served by weight serves the next: equal shares, said in `Balancer.next`.
    if algorithm != .roundRobin { expectShares(of: without, algorithm, seed: 2) }
  }

  private func expectShares(of table: ListedEndpoints, _ algorithm: BalancingAlgorithm, seed: UInt64) {
    let counts = Self.counts(algorithm, table, seed: seed)
    let total = table.usable.reduce(0.0) { $0 + Double(table.endpoints[$1].weight) }
    for index in table.endpoints.indices {
      let share = table.usable.contains(index) ? Double(table.endpoints[index].weight) / total : 0
      #expect(abs(Double(counts[index]) / 100_000 - share) < 0.02, "\(counts)")
    }
  }

  @Test("In turn, the same one does not come twice in a row, and workers begin at different ones")
  func inTurn() {
    let table = ListedEndpoints(Array(repeating: .init(), count: 5))
    var firsts: Set<Int?> = []
    for seed in 0..<50 as Range<UInt64> {
      var random = FastRandom(seed: seed)
      var balancer = Balancer(.roundRobin)
      let chosen = (0..<10).map { _ in balancer.pick(table, &random, now_ns: 0) ?? -1 }
      #expect(zip(chosen, chosen.dropFirst()).allSatisfy { ($0 + 1) % 5 == $1 })
      firsts.insert(chosen.first)
    }
    #expect(firsts.count == 5)
  }

  @Test("In turn, a table that shrinks between two choices is no trouble")
  func shrinks() {
    var random = FastRandom(seed: 1)
    var balancer = Balancer(.roundRobin)
    for count in [50, 3, 1, 0, 2, 70, 1] {
      let table = ListedEndpoints(Array(repeating: .init(), count: count))
      for _ in 0..<7 {
        let chosen = balancer.pick(table, &random, now_ns: 0)
        #expect(chosen.map { $0 < count } ?? (count == 0))
      }
    }
  }
}
