import Balancing
import Testing

@Suite struct FailfastTests {
  static let second: UInt64 = 1_000_000_000

  @Test("Requests are answered at once when no endpoint was there for 3 s, counted from the first that found none")
  func fails() {
    var failfast = Failfast()
    #expect(failfast.isFailing(now_ns: 100 * Self.second) == false)
    failfast.noteUnavailable(now_ns: 100 * Self.second)
    failfast.noteUnavailable(now_ns: 102 * Self.second)
    #expect(failfast.isFailing(now_ns: 103 * Self.second - 1) == false)
    #expect(failfast.isFailing(now_ns: 103 * Self.second) == true)
  }

  @Test("One available endpoint ends it, and the next lack is counted anew")
  func recovers() {
    var failfast = Failfast()
    failfast.noteUnavailable(now_ns: 0)
    #expect(failfast.isFailing(now_ns: 9 * Self.second) == true)
    failfast.noteAvailable()
    #expect(failfast.isFailing(now_ns: 9 * Self.second) == false)
    failfast.noteUnavailable(now_ns: 9 * Self.second)
    #expect(failfast.isFailing(now_ns: 11 * Self.second) == false)
    #expect(failfast.isFailing(now_ns: 0) == false)
  }
}
