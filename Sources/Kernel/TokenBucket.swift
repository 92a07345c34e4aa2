/// So many actions a second, with a burst; pure, the caller brings the time.
public struct TokenBucket: Sendable {
  /// What one token costs, in credits: a bucket earns `perSecond` credits each nanosecond, so nothing is rounded.
  private static let creditsPerToken: UInt64 = 1_000_000_000

  private let perSecond: UInt64
  private let capacity: UInt64
  private var credits: UInt64
  private var refilled_ns: UInt64?

  /// A full bucket of `burst` tokens that earns `perSecond` tokens a second. Neither may exceed 1,000,000,000.
  public init(burst: UInt32, perSecond: UInt32) {
    self.perSecond = UInt64(min(perSecond, 1_000_000_000))
    capacity = UInt64(min(burst, 1_000_000_000)) * Self.creditsPerToken
    credits = capacity
  }

  /// Takes a token at `now_ns` (nanoseconds of any clock); false where that would leave fewer than `reserve` tokens.
  ///
  /// A clock that goes backwards earns nothing until it has caught up, and nothing else happens.
  public mutating func take(now_ns: UInt64, leaving reserve: UInt32 = 0) -> Bool {
    refill(now_ns)
    let (needed, overflow) = (UInt64(reserve) + 1).multipliedReportingOverflow(by: Self.creditsPerToken)
    guard !overflow, credits >= needed else { return false }
    credits -= Self.creditsPerToken
    return true
  }

  private mutating func refill(_ now_ns: UInt64) {
    guard let last = refilled_ns else {
      refilled_ns = now_ns
      return
    }
    guard now_ns > last else { return }
    refilled_ns = now_ns
    let (earned, overflow) = (now_ns - last).multipliedReportingOverflow(by: perSecond)
    credits = overflow || earned >= capacity - credits ? capacity : credits + earned
  }
}
