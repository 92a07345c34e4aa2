import Balancing
import Testing

@Suite struct RetryBudgetTests {
  static let second: UInt64 = 1_000_000_000

  /// Withdraws until the budget says no, at most 10,000 times; how often it said yes.
  static func drain(_ budget: inout RetryBudget, now_ns: UInt64) -> Int {
    for count in 0..<10_000 where !budget.withdraw(now_ns: now_ns) { return count }
    return 10_000
  }

  @Test("A fresh budget grants the minimum of a whole window, and then no more until the window has passed")
  func minimum() {
    var budget = RetryBudget()
    #expect(budget.balance == 100)
    #expect(Self.drain(&budget, now_ns: 500 * Self.second) == 100)
    #expect(budget.balance == 0)
    #expect(Self.drain(&budget, now_ns: 509 * Self.second) == 0)
    #expect(Self.drain(&budget, now_ns: 511 * Self.second) == 100)
  }

  @Test("A fifth of the requests may be retried besides")
  func ratio() {
    var budget = RetryBudget()
    for _ in 0..<1_000 { budget.deposit(now_ns: 0) }
    #expect(budget.balance == 300)
    #expect(Self.drain(&budget, now_ns: 0) == 300)
    for _ in 0..<4 { budget.deposit(now_ns: 0) }
    #expect(budget.withdraw(now_ns: 0) == false)
    budget.deposit(now_ns: 0)
    #expect(budget.withdraw(now_ns: 0) == true)
    #expect(budget.withdraw(now_ns: 0) == false)
  }

  @Test("Old requests count no longer")
  func forgets() {
    var budget = RetryBudget(minimumPerSecond: 0)
    for _ in 0..<1_000 { budget.deposit(now_ns: 0) }
    #expect(budget.withdraw(now_ns: 9 * Self.second) == true)
    #expect(budget.withdraw(now_ns: 10 * Self.second) == false)
  }

  @Test(
    "Whatever comes when, no window sees more retries than a fifth of its requests and ten a second",
    arguments: 1...20 as ClosedRange<UInt64>
  )
  func property(seed: UInt64) {
    var random = FastRandom(seed: seed)
    var budget = RetryBudget()
    var now: UInt64 = random.below(wide: 1 << 50)
    var requests: [UInt64] = []
    var retries: [UInt64] = []
    var granted = 0
    for _ in 0..<8_000 {
      // Bursts, gaps and lulls longer than the window.
      switch random.below(100) {
      case 0: now += random.below(wide: 15 * Self.second)
      case 1..<20: now += random.below(wide: Self.second / 10)
      default: now += random.below(wide: Self.second / 1_000)
      }
      if random.chance(partsPerMillion: 500_000) {
        budget.deposit(now_ns: now)
        requests.append(now)
      } else if budget.withdraw(now_ns: now) {
        retries.append(now)
        granted += 1
      }
      let start = now < 10 * Self.second ? 0 : now - 10 * Self.second + 1
      requests.removeAll { $0 < start }
      retries.removeAll { $0 < start }
      guard Double(retries.count) <= 100 + 0.2 * Double(requests.count) else {
        Issue.record("\(retries.count) retries for \(requests.count) requests within 10 s")
        return
      }
    }
    #expect(granted > 300)
  }

  @Test("In the long run ten a second are granted, and a fifth of a steady load")
  func steady() {
    var (idle, busy) = (RetryBudget(), RetryBudget())
    var (fromIdle, fromBusy) = (0, 0)
    for step in 0..<100_000 as Range<UInt64> {
      let now = step * 5_000_000
      if idle.withdraw(now_ns: now) { fromIdle += 1 }
      busy.deposit(now_ns: now)
      if busy.withdraw(now_ns: now) { fromBusy += 1 }
    }
    // Retries are counted for a tenth longer than the window, so a tenth less is granted, never more.
    #expect((4_500...5_100).contains(fromIdle), "\(fromIdle)")
    #expect((18_000 + 4_500...20_000 + 5_100).contains(fromBusy), "\(fromBusy)")
  }

  @Test("Odd settings and clocks neither trap nor grant without end")
  func odd() {
    var none = RetryBudget(ratio: -1, minimumPerSecond: 0, window_s: 0)
    none.deposit(now_ns: .max)
    #expect(none.withdraw(now_ns: .max) == false)
    #expect(none.withdraw(now_ns: 0) == false)
    var huge = RetryBudget(ratio: .infinity, minimumPerSecond: .max, window_s: .max)
    huge.deposit(now_ns: 0)
    #expect(huge.withdraw(now_ns: 1) == true)
    var unclear = RetryBudget(ratio: .nan, minimumPerSecond: 1, window_s: 1)
    unclear.deposit(now_ns: 5)
    #expect(Self.drain(&unclear, now_ns: 4) == 1)
  }
}
