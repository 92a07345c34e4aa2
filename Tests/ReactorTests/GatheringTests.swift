import Testing

@testable import Reactor

@Suite("Events gather")
struct GatheringTests {
  /// A loop whose turns all take `busy_ns` and then wait for `idle_ns`; whether it wants to pause after the last.
  private func pauses(busy_ns: UInt64, idle_ns: UInt64, events: Int = 2, turns: Int = 200) -> Bool {
    var now_ns: UInt64 = 1_000_000
    var gathering = Gathering(now_ns: now_ns)
    var wants = false
    for _ in 0..<turns {
      now_ns += idle_ns
      gathering.begin(now_ns: now_ns)
      now_ns += busy_ns
      wants = gathering.end(events: events, now_ns: now_ns)
    }
    return wants
  }

  @Test("where the loop is at work for more than half of its time, pauses counted as rest")
  func busy() {
    #expect(pauses(busy_ns: 20_000, idle_ns: 0))
    #expect(pauses(busy_ns: 20_000, idle_ns: 15_000))
    #expect(!pauses(busy_ns: 20_000, idle_ns: 25_000))
    #expect(!pauses(busy_ns: 20_000, idle_ns: 1_000_000))
  }

  @Test("not where a turn had events enough, or none, or was long because of one of them")
  func worthIt() {
    #expect(!pauses(busy_ns: 20_000, idle_ns: 0, events: 8))
    #expect(!pauses(busy_ns: 20_000, idle_ns: 0, events: 0))
    #expect(!pauses(busy_ns: 100_000, idle_ns: 0))
    #expect(pauses(busy_ns: 99_000, idle_ns: 0))
  }

  @Test("not for the first event after a rest, however busy the loop was before it, and soon again under load")
  func rest() {
    var now_ns: UInt64 = 1_000_000
    var gathering = Gathering(now_ns: now_ns)
    func turn(after idle_ns: UInt64) -> Bool {
      now_ns += idle_ns
      gathering.begin(now_ns: now_ns)
      now_ns += 20_000
      return gathering.end(events: 1, now_ns: now_ns)
    }
    for _ in 0..<100 { _ = turn(after: 0) }
    #expect(turn(after: 0))
    #expect(!turn(after: 5_000_000))
    #expect((0..<100).contains { _ in turn(after: 0) })
  }
}
