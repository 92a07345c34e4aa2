/// How many frames that do nothing may still come (CVE-2019-9512, 9515, 9518 and CVE-2023-44487 are floods of them): a
/// bucket that fills with time, which the caller tells.
struct ControlBudget: BitwiseCopyable {
  private let most_thousandths: UInt64
  private let perSecond: UInt64
  private var left_thousandths: UInt64
  private var filled_ms: UInt64 = 0

  /// The budget for frames that do nothing.
  init(_ limits: SessionLimits) {
    self.init(most: limits.controlFrames, perSecond: limits.controlFramesPerSecond)
  }

  /// A budget of `most` at once, which `perSecond` of them come back to each second.
  init(most: Int, perSecond: Int) {
    most_thousandths = UInt64(max(1, most)) * 1000
    self.perSecond = UInt64(max(0, perSecond))
    left_thousandths = most_thousandths
  }

  /// Gives some back, up to the most there may be.
  mutating func earn(_ count: Int = 1) {
    left_thousandths = min(most_thousandths, left_thousandths + UInt64(max(0, count)) * 1000)
  }

  /// Takes one; false when there is none left. A clock that went back fills nothing.
  mutating func spend(now_ms: UInt64) -> Bool {
    if now_ms > filled_ms {
      let gained = (now_ms - filled_ms).multipliedReportingOverflow(by: perSecond)
      left_thousandths =
        gained.overflow || gained.partialValue >= most_thousandths - left_thousandths
        ? most_thousandths
        : left_thousandths + gained.partialValue
      filled_ms = now_ms
    }
    guard left_thousandths >= 1000 else { return false }
    left_thousandths -= 1000
    return true
  }
}
