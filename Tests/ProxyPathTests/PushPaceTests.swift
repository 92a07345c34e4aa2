import Testing

@testable import ProxyPath

@Suite("What the agent pushes is put into force")
struct PushPaceTests {
  @Test("at once where it is the first for a while, and what comes soon after together with what follows it")
  func burst() {
    var pace = PushPace()
    #expect(pace.patience_ms(now_ms: 0) == nil && !pace.take(now_ms: 0, isWaitedFor: false))
    var taken: [UInt64] = []
    for now_ms in 1_000..<2_000 as Range<UInt64> {
      pace.note()
      if pace.take(now_ms: now_ms, isWaitedFor: false) { taken.append(now_ms) }
    }
    #expect(taken == Array(stride(from: 1_000, to: 2_000, by: Int(PushPace.interval_ms))))
    #expect(pace.isPending && pace.patience_ms(now_ms: 1_999) == 1)
    let last = pace.take(now_ms: 2_000, isWaitedFor: false)
    #expect(last && pace.patience_ms(now_ms: 2_000) == nil)
  }

  @Test("at once where a connection waits for it, and the pause begins anew")
  func waited() {
    var pace = PushPace()
    for now_ms in [100, 101, 102] as [UInt64] {
      pace.note()
      let isTaken = pace.take(now_ms: now_ms, isWaitedFor: true)
      #expect(isTaken)
    }
    pace.note()
    #expect(pace.patience_ms(now_ms: 103) == 49)
  }
}
