import Testing

@testable import Reactor

@Suite("Events gather")
struct GatheringTests {
  /// A loop that has had a turn of `events` every `every_ns` for some milliseconds.
  private func loop(events: Int, every_ns: UInt64) -> Gathering {
    var now_ns: UInt64 = 1_000_000
    var gathering = Gathering(now_ns: now_ns)
    for _ in 0..<(5_000_000 / every_ns) {
      now_ns += every_ns
      gathering.note(events: events, now_ns: now_ns)
    }
    return gathering
  }

  @Test("where events come fast and several requests are under way")
  func load() {
    #expect(loop(events: 2, every_ns: 25_000).isWorthwhile(underWay: 4))
    #expect(loop(events: 11, every_ns: 100_000).isWorthwhile(underWay: 1_000))
  }

  @Test("not for a lone client, however fast it asks")
  func lone() {
    for underWay in 0...3 { #expect(!loop(events: 1, every_ns: 10_000).isWorthwhile(underWay: underWay)) }
  }

  @Test("not where the pause would gather next to none: many requests under way, few events")
  func slow() {
    #expect(!loop(events: 1, every_ns: 20_000).isWorthwhile(underWay: 1_000))
    #expect(!loop(events: 2, every_ns: 1_000_000).isWorthwhile(underWay: 1_000))
  }

  @Test("not after a turn that had events enough, or none")
  func worthIt() {
    #expect(!loop(events: 12, every_ns: 25_000).isWorthwhile(underWay: 32))
    var gathering = loop(events: 2, every_ns: 25_000)
    gathering.note(events: 0, now_ns: 6_000_001)
    #expect(!gathering.isWorthwhile(underWay: 32))
  }

  @Test("not for the first events after a rest, and again within milliseconds under load")
  func rest() {
    var now_ns: UInt64 = 10_000_000
    var gathering = Gathering(now_ns: now_ns)
    func turn(after_ns: UInt64) -> Bool {
      now_ns += after_ns
      gathering.note(events: 2, now_ns: now_ns)
      return gathering.isWorthwhile(underWay: 16)
    }
    for _ in 0..<100 { _ = turn(after_ns: 25_000) }
    #expect(turn(after_ns: 25_000))
    #expect(!turn(after_ns: 5_000_000))
    #expect((0..<80).contains { _ in turn(after_ns: 25_000) })
  }
}
