import Testing

@testable import HTTP2

@Suite struct ControlBudgetTests {
  /// Which of the frames that come at these times are allowed.
  private func allowed(_ frames: Int, perSecond: Int, at times_ms: [UInt64]) -> [Bool] {
    var limits = SessionLimits()
    limits.controlFrames = frames
    limits.controlFramesPerSecond = perSecond
    var budget = ControlBudget(limits)
    return times_ms.map { budget.spend(now_ms: $0) }
  }

  @Test("It holds its number, fills with time, and never above its number")
  func refills() {
    let seen = allowed(3, perSecond: 10, at: [0, 0, 0, 99, 100, 100, .max, .max, .max, .max])
    #expect(seen == [true, true, true, false, true, false, true, true, true, false])
  }

  @Test("A clock that goes back gives nothing")
  func clockBack() {
    #expect(allowed(1, perSecond: 1, at: [5000, 0, 5999, 6000]) == [true, false, false, true])
  }
}
