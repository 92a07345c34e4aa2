import Journal
import Testing

@Suite struct RateLimiterTests {
  static let second: UInt64 = 1_000_000_000

  @Test("A flood of successes leaves room for denials")
  func reserve() {
    var limiter = RateLimiter(.init(burst: 100, perSecond: 10, reserve: 20))
    let routine = (0..<1000).filter { _ in limiter.admit(.routine, now_ns: 5) }.count
    #expect(routine == 80)
    let important = (0..<1000).filter { _ in limiter.admit(.important, now_ns: 5) }.count
    #expect(important == 20)
    #expect(limiter.admit(.vital, now_ns: 5) == true)
  }

  @Test("In no 30 seconds do the defaults let through as many as journald would cut off")
  func belowJournald() {
    var limiter = RateLimiter()
    var admitted = 0
    for millisecond in 0..<30_000 as Range<UInt64> {
      while limiter.admit(.important, now_ns: millisecond * 1_000_000) { admitted += 1 }
    }
    #expect(admitted > 9_000)
    #expect(admitted < 10_000)
  }

  @Test("What was dropped is told once an interval, and once only")
  func summaries() {
    var limiter = RateLimiter(.init(burst: 1, perSecond: 0, reserve: 0, summaryInterval_ns: 10 * Self.second))
    #expect(limiter.summary(now_ns: 0) == nil)
    _ = limiter.admit(.important, now_ns: 0)
    _ = limiter.admit(.routine, now_ns: 0)
    _ = limiter.admit(.important, now_ns: 0)
    limiter.note(dropped: 5)
    let first = limiter.summary(now_ns: 1)
    #expect(first?.routine == 6)
    #expect(first?.important == 1)
    #expect(first?.total == 7)
    _ = limiter.admit(.routine, now_ns: 2)
    #expect(limiter.summary(now_ns: 9 * Self.second) == nil)
    #expect(limiter.summary(now_ns: 11 * Self.second)?.total == 1)
    #expect(limiter.summary(now_ns: 60 * Self.second) == nil)
  }

  @Test("The summary entry says how many were dropped")
  func summaryEntry() {
    var limiter = RateLimiter()
    limiter.note(dropped: 3)
    limiter.note(dropped: 2, importance: .important)
    var entry = JournalEntry(identifier: "w")
    if let summary = limiter.summary(now_ns: 0) { entry.startSummary(summary) }
    #expect(entry.fields.contains(.init("MESSAGE", "5 entries dropped, 2 of them denials or errors")))
    #expect(entry.fields.contains(.init("WEFT_DROPPED", "5")))
    #expect(entry.fields.contains(.init("MESSAGE_ID", EventKind.entriesDropped.messageID)))
  }
}
