import Testing

@testable import HTTP2

@Suite struct ControlBudgetTests {
  private func budget(_ frames: Int, perSecond: Int) -> ControlBudget {
    var limits = SessionLimits()
    limits.controlFrames = frames
    limits.controlFramesPerSecond = perSecond
    return ControlBudget(limits)
  }

  @Test("It holds its number, fills with time, and never above its number")
  func refills() {
    var budget = budget(3, perSecond: 10)
    for _ in 0..<3 { #expect(budget.spend(now_ms: 0)) }
    #expect(!budget.spend(now_ms: 99))
    #expect(budget.spend(now_ms: 100))
    #expect(!budget.spend(now_ms: 100))
    for _ in 0..<3 { #expect(budget.spend(now_ms: .max)) }
    #expect(!budget.spend(now_ms: .max))
  }

  @Test("A clock that goes back gives nothing")
  func clockBack() {
    var budget = budget(1, perSecond: 1)
    #expect(budget.spend(now_ms: 5000))
    #expect(!budget.spend(now_ms: 0))
    #expect(!budget.spend(now_ms: 5999))
    #expect(budget.spend(now_ms: 6000))
  }
}
