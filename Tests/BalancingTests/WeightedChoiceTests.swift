import Balancing
import Testing

@Suite struct WeightedChoiceTests {
  @Test(
    "Over 100,000 draws each backend gets its weight within 2 %",
    arguments: [[1, 1], [9, 1], [100, 0, 300, 600], [1_000_000, 1_000_000, 2_000_000], [.max, .max, .max]]
      as [[UInt32]],
    [1, 2, 3] as [UInt64]
  )
  func shares(weights: [UInt32], seed: UInt64) {
    var random = FastRandom(seed: seed)
    let choice = WeightedChoice(weights)
    var counts = Array(repeating: 0, count: weights.count)
    for _ in 0..<100_000 { choice.pick(&random).map { counts[$0] += 1 } }
    #expect(counts.reduce(0, +) == 100_000)
    let total = weights.reduce(0.0) { $0 + Double($1) }
    for (count, weight) in zip(counts, weights) {
      #expect(abs(Double(count) / 100_000 - Double(weight) / total) < 0.02)
    }
  }

  @Test("A backend of weight 0 is never chosen, wherever it stands")
  func zero() {
    var random = FastRandom(seed: 4)
    let choice = WeightedChoice([0, 3, 0, 0, 1, 0])
    for _ in 0..<10_000 {
      let chosen = choice.pick(&random)
      #expect(chosen == 1 || chosen == 4)
    }
  }

  @Test("Without a backend or with weights of 0 alone there is no choice")
  func none() {
    var random = FastRandom(seed: 4)
    #expect(WeightedChoice([]).pick(&random) == nil)
    #expect(WeightedChoice([0, 0]).pick(&random) == nil)
    #expect(WeightedChoice([5]).pick(&random) == 0)
  }
}
