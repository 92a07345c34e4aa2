import Testing

@testable import ProxyPath

@Suite("A certificate that nobody renews")
struct ExpiryNoticesTests {
  private static let day_s = ExpiryNotices.day_s

  /// All notices up to `until_s`, with the time of each.
  private func notices(life_s: Int64, until_s: Int64) -> [(at_s: Int64, ExpiryNotices.Notice)] {
    var notices = ExpiryNotices(begins_s: 0, ends_s: life_s)
    var told: [(Int64, ExpiryNotices.Notice)] = []
    while notices.due_s <= until_s {
      let now_s = notices.due_s
      #expect(notices.take(now_s: now_s - 1) == nil)
      guard let notice = notices.take(now_s: now_s) else { break }
      told.append((now_s, notice))
      #expect(notices.take(now_s: now_s) == nil, "it is told once")
    }
    return told
  }

  @Test("is told at half of what was left when it was due, at its last tenth, at its end, and daily after it")
  func day() {
    let told = notices(life_s: Self.day_s, until_s: 3 * Self.day_s)
    #expect(told.map(\.at_s) == [69_120, 77_760, 86_400, 172_800, 259_200])
    #expect(told[0].1 == .overdue(left_s: 17_280))
    #expect(told[1].1 == .overdue(left_s: 8_640))
    #expect(told[2...].allSatisfy { $0.1 == .expired })
  }

  @Test("of a long life is told daily before its last tenth too")
  func month() {
    let told = notices(life_s: 30 * Self.day_s, until_s: 30 * Self.day_s)
    #expect(told.map { $0.at_s / Self.day_s } == [24, 25, 26, 27, 28, 29, 30])
    #expect(told.last?.1 == .expired)
  }

  @Test("of no life at all, or one that ends before it begins, is told as expired and then daily")
  func empty() {
    var notices = ExpiryNotices(begins_s: 10, ends_s: 5)
    #expect(notices.take(now_s: 10) == .expired)
    #expect(notices.due_s == 10 + Self.day_s)
    #expect(!notices.isOverdue(now_s: 9) && notices.isOverdue(now_s: 10))
  }
}
