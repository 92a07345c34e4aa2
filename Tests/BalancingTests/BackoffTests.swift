import Balancing
import Testing

@Suite struct BackoffTests {
  @Test(
    "A wait lies between half the base and the base doubled with each attempt, and comes near both",
    arguments: 0...8,
    [1, 2, 3] as [UInt64]
  )
  func bounds(attempt: Int, seed: UInt64) {
    var random = FastRandom(seed: seed)
    let base: UInt64 = 25_000_000
    let most = base << UInt64(attempt)
    let waits = (0..<10_000).map { _ in Backoff.delay_ns(attempt: attempt, base_ns: base, random: &random) }
    #expect(waits.allSatisfy { (base / 2...most).contains($0) })
    let span = most - base / 2
    #expect((waits.min() ?? .max) < base / 2 + span / 100)
    #expect((waits.max() ?? 0) > most - span / 100)
  }

  @Test("No wait is longer than the longest, however many attempts there were")
  func capped() {
    var random = FastRandom(seed: 1)
    for attempt in [9, 10, 62, 63, 64, 1_000, .max] {
      let waits = (0..<1_000).map { _ in Backoff.delay_ns(attempt: attempt, base_ns: 25_000_000, random: &random) }
      #expect(waits.allSatisfy { (12_500_000...Backoff.longest_ns).contains($0) })
      #expect((waits.max() ?? 0) > Backoff.longest_ns * 9 / 10)
    }
  }

  @Test("Odd arguments neither trap nor exceed the longest wait")
  func odd() {
    var random = FastRandom(seed: 1)
    #expect(Backoff.delay_ns(attempt: 5, base_ns: 0, random: &random) == 0)
    #expect(Backoff.delay_ns(attempt: 0, base_ns: .max, random: &random) == Backoff.longest_ns)
    #expect((5...10).contains(Backoff.delay_ns(attempt: -3, base_ns: 10, random: &random)))
    #expect(Backoff.delay_ns(attempt: 3, base_ns: 10, longest_ns: 0, random: &random) == 0)
    _ = Backoff.delay_ns(attempt: 0, base_ns: 1, longest_ns: .max, random: &random)
    _ = Backoff.delay_ns(attempt: .max, base_ns: .max, longest_ns: .max, random: &random)
  }
}
