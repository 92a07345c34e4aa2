internal import Kernel

/// Which entries are written when there are too many: pure, the caller brings the time.
///
/// Routine entries cannot touch the reserve, so a flood of them never hides a denial or an error.
public struct RateLimiter: Sendable {
  /// What an entry is worth when there is no room for all.
  public enum Importance: Sendable {
    /// A connection that went as it should.
    case routine
    /// A denial, a failure: may use the reserve too.
    case important
    /// Rare and never left out.
    case vital
  }

  /// How much may be written.
  ///
  /// journald itself drops what a service sends beyond 10,000 entries in 30 s (RateLimitBurst=, journald.conf(5)), and
  /// its drops are not ours to count. The defaults stay below in any such window: 2,000 at once + 250 × 30 = 9,500.
  public struct Settings: Sendable {
    /// Entries that may come at once.
    public var burst: UInt32
    /// Entries a second in the long run.
    public var perSecond: UInt32
    /// Of the burst, what only important entries may use.
    public var reserve: UInt32
    /// Time between two summaries of what was dropped.
    public var summaryInterval_ns: UInt64

    /// Limits, by default those below journald's own.
    public init(
      burst: UInt32 = 2_000,
      perSecond: UInt32 = 250,
      reserve: UInt32 = 500,
      summaryInterval_ns: UInt64 = 10_000_000_000
    ) {
      self.burst = burst
      self.perSecond = perSecond
      self.reserve = reserve
      self.summaryInterval_ns = summaryInterval_ns
    }
  }

  /// What was dropped since the last summary.
  public struct Summary: Equatable, Sendable {
    /// Routine entries.
    public var routine: UInt64 = 0
    /// Denials and errors.
    public var important: UInt64 = 0
    /// Both.
    public var total: UInt64 { routine &+ important }
  }

  private let settings: Settings
  private var bucket: TokenBucket
  private var pending = Summary()
  private var lastSummary_ns: UInt64?

  /// A limiter that has its whole burst left.
  public init(_ settings: Settings = Settings()) {
    self.settings = settings
    bucket = TokenBucket(burst: settings.burst, perSecond: settings.perSecond)
  }

  /// Whether an entry may be written at `now_ns` (monotonic nanoseconds). One that may not is counted.
  public mutating func admit(_ importance: Importance, now_ns: UInt64) -> Bool {
    switch importance {
    case .vital:
      return true
    case .routine:
      if bucket.take(now_ns: now_ns, leaving: settings.reserve) { return true }
      pending.routine &+= 1
    case .important:
      if bucket.take(now_ns: now_ns) { return true }
      pending.important &+= 1
    }
    return false
  }

  /// Counts entries that were lost elsewhere, such as in a full ring or at a journald that does not read.
  public mutating func note(dropped count: UInt64, importance: Importance = .routine) {
    if importance == .routine { pending.routine &+= count } else { pending.important &+= count }
  }

  /// Whether something was dropped that no summary has told yet.
  public var hasUntoldDrops: Bool { pending.total > 0 }

  /// What was dropped since the last summary; nil where nothing was, or the last one is less than the interval old and
  /// this is not the last chance (`finally`). The caller writes it as `EventKind.entriesDropped`
  /// (`JournalEntry.startSummary`).
  public mutating func summary(now_ns: UInt64, finally: Bool = false) -> Summary? {
    guard pending.total > 0 else { return nil }
    if !finally, let lastSummary_ns, now_ns < lastSummary_ns &+ settings.summaryInterval_ns { return nil }
    lastSummary_ns = now_ns
    defer { pending = Summary() }
    return pending
  }
}

extension JournalEntry {
  /// Starts an entry that says how many were dropped, with the counts as WEFT_DROPPED and WEFT_DROPPED_IMPORTANT.
  public mutating func startSummary(_ summary: RateLimiter.Summary) {
    start(.entriesDropped)
    open("MESSAGE")
    write(summary.total)
    write(summary.total == 1 ? " entry dropped" : " entries dropped")
    if summary.important > 0 {
      write(", ")
      write(summary.important)
      write(" of them denials or errors")
    }
    close()
    append("WEFT_DROPPED", summary.total)
    append("WEFT_DROPPED_IMPORTANT", summary.important)
  }
}
