import Balancing
import Testing

@Suite struct PeakEWMATests {
  static let ms: UInt64 = 1_000_000
  static let second: UInt64 = 1_000_000_000

  @Test("A peak is taken at once")
  func peak() {
    var latency = PeakEWMA(now_ns: 0)
    latency.observe(latency_ns: 5 * Self.second, now_ns: 7)
    #expect(latency.value(now_ns: 7) == 5e9)
  }

  @Test(
    "After one decay time of fast answers a peak has lost 63 %, however often they came",
    arguments: [1, 10, 1_000]
  )
  func decays(answers: UInt64) {
    var latency = PeakEWMA(initial_ns: 0, now_ns: 0)
    latency.observe(latency_ns: Self.second, now_ns: 0)
    for answer in 1...answers { latency.observe(latency_ns: Self.ms, now_ns: answer * 10 * Self.second / answers) }
    let expected = 1e6 + (1e9 - 1e6) * 0.367_879_441
    #expect(abs(latency.value(now_ns: 10 * Self.second) / expected - 1) < 1e-5)
  }

  @Test("Without answers the average falls towards zero, so that a slow endpoint is tried again")
  func forgets() {
    var latency = PeakEWMA(now_ns: 0)
    latency.observe(latency_ns: Self.second, now_ns: 0)
    var before = latency.value(now_ns: 0)
    for second in 1...100 {
      let now = latency.value(now_ns: UInt64(second) * Self.second)
      #expect(abs(now / before - 0.904_837_418) < 1e-5)
      before = now
    }
    #expect(latency.value(now_ns: .max) == 0)
  }

  @Test("Before its first answer an endpoint is as slow as was said, from the time it was learned about")
  func initial() {
    let latency = PeakEWMA(initial_ns: 50, now_ns: 1_000 * Self.second)
    #expect(latency.value(now_ns: 1_000 * Self.second) == 50)
    #expect(PeakEWMA(now_ns: 9).value(now_ns: 9) == 30e6)
  }

  @Test("Pending requests count even where the average has fallen to nothing")
  func pending() {
    var latency = PeakEWMA(now_ns: 0)
    latency.observe(latency_ns: 100 * Self.ms, now_ns: 0)
    #expect(latency.cost(pending: 0, now_ns: 0) == 100e6)
    #expect(latency.cost(pending: 3, now_ns: 0) == 400e6)
    #expect(latency.cost(pending: 3, now_ns: .max) > latency.cost(pending: 2, now_ns: .max))
    #expect(latency.cost(pending: .max, now_ns: .max).isFinite)
  }

  @Test("A clock that goes backwards changes nothing, and neither does a decay time of 0")
  func oddClocks() {
    var latency = PeakEWMA(now_ns: 10 * Self.second)
    latency.observe(latency_ns: 40 * Self.ms, now_ns: Self.second)
    #expect(latency.value(now_ns: 0) == 40e6)
    latency.observe(latency_ns: 10 * Self.ms, now_ns: 0)
    #expect(latency.value(now_ns: 10 * Self.second) == 40e6)
    var hasty = PeakEWMA(decay_ns: 0, now_ns: 0)
    hasty.observe(latency_ns: Self.ms, now_ns: Self.second)
    #expect(hasty.value(now_ns: Self.second) == 1e6)
    #expect(hasty.value(now_ns: 2 * Self.second) == 0)
  }
}
