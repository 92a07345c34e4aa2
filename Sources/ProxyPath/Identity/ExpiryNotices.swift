/// When an operator is told that a certificate was not renewed in time, from early enough to mend it until it is too late.
///
/// The agent renews at half of a leaf's life, give or take a tenth of the life. From then on what is left shrinks: the first
/// notice is at half of that, one more at the last tenth of the life, one at the end, and one each day in between and after.
struct ExpiryNotices: Equatable {
  /// What is told.
  enum Notice: Equatable {
    /// Not renewed, and valid for so many seconds more.
    case overdue(left_s: Int64)
    /// No peer believes it any more.
    case expired
  }

  /// Between two notices of a life that is long, in seconds.
  static let day_s: Int64 = 86_400

  let begins_s: Int64
  let ends_s: Int64
  private var told_s: Int64?

  /// Of a certificate's life, in seconds since 1970.
  init(begins_s: Int64, ends_s: Int64) {
    self.begins_s = begins_s
    self.ends_s = max(begins_s, ends_s)
  }

  private var life_s: Int64 { ends_s - begins_s }
  private var renewal_s: Int64 { begins_s + life_s / 10 * 6 }
  private var first_s: Int64 { renewal_s + (ends_s - renewal_s) / 2 }
  private var lastTenth_s: Int64 { ends_s - life_s / 10 }

  /// Whether it should have been renewed, long enough ago to be told.
  func isOverdue(now_s: Int64) -> Bool { now_s >= first_s }

  /// When the next notice is due.
  var due_s: Int64 {
    guard let told_s else { return first_s }
    return [lastTenth_s, ends_s].filter { $0 > told_s }.reduce(told_s + Self.day_s, min)
  }

  /// The notice that is due, once.
  mutating func take(now_s: Int64) -> Notice? {
    guard now_s >= due_s else { return nil }
    told_s = now_s
    return now_s >= ends_s ? .expired : .overdue(left_s: ends_s - now_s)
  }
}
