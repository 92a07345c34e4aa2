import Balancing
import Testing

/// Endpoints that take as long as a test says, on a clock of its own.
private struct SimulatedCluster: LoadTable {
  var service_ns: [UInt64]
  var weights: [UInt32]
  var latencies: [PeakEWMA]
  var requests: [UInt32]
  var now_ns: UInt64 = 0
  /// Requests under way: when each ends, and where it is.
  var underway: [(end_ns: UInt64, start_ns: UInt64, index: Int)] = []

  init(service_ns: [UInt64]) {
    self.service_ns = service_ns
    weights = service_ns.map { _ in 1 }
    latencies = service_ns.map { _ in PeakEWMA(now_ns: 0) }
    requests = service_ns.map { _ in 0 }
  }

  var count: Int { service_ns.count }
  var maximumWeight: UInt32 { weights.max() ?? 1 }
  func weight(_ index: Int) -> UInt32 { weights[index] }
  func isAvailable(_ index: Int) -> Bool { true }
  func pending(_ index: Int) -> UInt32 { requests[index] }
  func cost(_ index: Int, now_ns: UInt64) -> Double {
    latencies[index].cost(pending: requests[index], now_ns: now_ns)
  }

  /// Sends a request every `interval_ns` until `until_ns`; how many went to each endpoint. Service times vary by half.
  mutating func run(_ algorithm: BalancingAlgorithm, interval_ns: UInt64, until_ns: UInt64, seed: UInt64) -> [Int] {
    var random = FastRandom(seed: seed)
    var balancer = Balancer(algorithm)
    var sent = service_ns.map { _ in 0 }
    while now_ns < until_ns {
      now_ns += interval_ns
      for ended in underway where ended.end_ns <= now_ns {
        requests[ended.index] -= 1
        latencies[ended.index].observe(latency_ns: ended.end_ns - ended.start_ns, now_ns: ended.end_ns)
      }
      underway.removeAll { $0.end_ns <= now_ns }
      guard let index = balancer.pick(self, &random, now_ns: now_ns) else { return [] }
      sent[index] += 1
      requests[index] += 1
      let service = service_ns[index] / 2 + random.below(wide: service_ns[index])
      underway.append((now_ns + service, now_ns, index))
    }
    return sent
  }
}

@Suite struct SlowEndpointTests {
  static let ms: UInt64 = 1_000_000

  @Test("One slow endpoint of four gets under a tenth, once it is known under a hundredth", arguments: [1, 2, 3, 4, 5])
  func slow(seed: UInt64) {
    var cluster = SimulatedCluster(service_ns: [2, 2, 100, 2].map { $0 * Self.ms })
    let sent = cluster.run(.peakEWMA, interval_ns: Self.ms, until_ns: 10_000 * Self.ms, seed: seed)
    #expect(Double(sent[2]) < 0.01 * 10_000, "\(sent)")
    #expect(sent.enumerated().allSatisfy { $0 == 2 || $1 > 2_500 }, "\(sent)")
    // Chance alone would send a quarter.
    var blind = SimulatedCluster(service_ns: cluster.service_ns)
    #expect(blind.run(.random, interval_ns: Self.ms, until_ns: 10_000 * Self.ms, seed: seed)[2] > 2_000)
  }

  @Test("By pending requests alone it gets under a tenth, for it holds on to what it has", arguments: [1, 2, 3])
  func leastRequest(seed: UInt64) {
    var cluster = SimulatedCluster(service_ns: [2, 2, 100, 2].map { $0 * Self.ms })
    let sent = cluster.run(.leastRequest, interval_ns: Self.ms, until_ns: 10_000 * Self.ms, seed: seed)
    #expect(sent[2] < 1_000, "\(sent)")
  }

  @Test("An endpoint that was slow gets its share again when it is fast", arguments: [1, 2, 3])
  func recovers(seed: UInt64) {
    var cluster = SimulatedCluster(service_ns: [5, 5, 500, 5].map { $0 * Self.ms })
    _ = cluster.run(.peakEWMA, interval_ns: 5 * Self.ms, until_ns: 5_000 * Self.ms, seed: seed)
    cluster.service_ns[2] = 5 * Self.ms
    _ = cluster.run(.peakEWMA, interval_ns: 5 * Self.ms, until_ns: 120_000 * Self.ms, seed: seed)
    let sent = cluster.run(.peakEWMA, interval_ns: 5 * Self.ms, until_ns: 240_000 * Self.ms, seed: seed)
    #expect(sent[2] > sent.reduce(0, +) / 8, "\(sent)")
  }

  @Test("A new endpoint among fast ones is not flooded, and finds its share", arguments: [1, 2, 3])
  func newcomer(seed: UInt64) {
    var cluster = SimulatedCluster(service_ns: [5, 5, 5, 5].map { $0 * Self.ms })
    _ = cluster.run(.peakEWMA, interval_ns: 5 * Self.ms, until_ns: 60_000 * Self.ms, seed: seed)
    cluster.latencies[3] = PeakEWMA(now_ns: cluster.now_ns)
    let first = cluster.run(.peakEWMA, interval_ns: Self.ms, until_ns: 61_000 * Self.ms, seed: seed)
    #expect(first[3] < 250, "\(first)")
    let later = cluster.run(.peakEWMA, interval_ns: 5 * Self.ms, until_ns: 240_000 * Self.ms, seed: seed)
    #expect(later[3] > later.reduce(0, +) / 8, "\(later)")
  }

  @Test(
    "Of two with weights 1 and 9, a busy pair sends the lighter one 1 to 19 %, not half",
    arguments: [BalancingAlgorithm.peakEWMA, .leastRequest],
    [1, 2, 3] as [UInt64]
  )
  func weights(algorithm: BalancingAlgorithm, seed: UInt64) {
    var cluster = SimulatedCluster(service_ns: [20, 20].map { $0 * Self.ms })
    cluster.weights = [1, 9]
    let sent = cluster.run(algorithm, interval_ns: Self.ms, until_ns: 10_000 * Self.ms, seed: seed)
    #expect((100...1_950).contains(sent[0]), "\(sent)")
  }
}
