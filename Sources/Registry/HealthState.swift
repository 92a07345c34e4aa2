/// What is known of one check: results in, transitions out. It leaves as soon as enough failures came in a row, and is
/// back after enough passes; one that goes to and fro needs more of them each time, up to a bound.
public struct HealthState: Hashable, Sendable {
  /// Whether the instance is given work, as far as this check is concerned.
  public private(set) var isPassing: Bool
  /// How the last run went; nil where nothing is known yet.
  public private(set) var last: CheckOutcome?
  /// When the next run, or for a TTL check the next report, is due, in milliseconds of the caller's clock.
  public private(set) var due_ms: UInt64

  /// Outcomes of the kind that would change `isPassing`, in a row.
  private var streak: UInt16 = 0
  private var relapses: UInt8 = 0
  /// When it was back last; nil where it never left.
  private var returned_ms: UInt64?

  /// What a result changed.
  public enum Transition: Hashable, Sendable {
    /// No work is given any more.
    case left
    /// Work is given again, or for the first time.
    case returned
  }

  /// A check of which nothing is known but perhaps what was before: its first run is due at once, or, where it was
  /// known, at any time within one interval, so that checks do not all start together.
  public init(
    _ check: HealthCheck,
    wasPassing: Bool? = nil,
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) {
    isPassing = wasPassing ?? check.startsPassing
    switch check.kind {
    case .ttl(let ttl_ms): due_ms = now_ms + UInt64(ttl_ms)
    default:
      due_ms = wasPassing == nil ? now_ms : now_ms + UInt64.random(in: 0..<UInt64(check.interval_ms), using: &random)
    }
  }

  /// Passes in a row that it takes to come back now.
  public func passesNeeded(_ check: HealthCheck) -> UInt16 {
    check.isTTL ? 1 : UInt16(check.passes) << UInt16(relapses)
  }

  /// Takes a result at `now_ms`.
  public mutating func record(
    _ outcome: CheckOutcome,
    of check: HealthCheck,
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> Transition? {
    last = outcome
    let isPass = outcome != .failing
    var transition: Transition?
    if isPass == isPassing {
      streak = 0
    } else {
      streak += 1
      let needed = isPass ? passesNeeded(check) : check.isTTL ? 1 : UInt16(check.failures)
      if streak >= needed { transition = isPass ? turnBack(now_ms) : leave(now_ms) }
    }
    due_ms = now_ms + pause_ms(check, isPass, &random)
    return transition
  }

  /// The time of a TTL check is up at `now_ms` without a report.
  public mutating func expire(_ check: HealthCheck, now_ms: UInt64) -> Transition? {
    last = .failing
    // Until a report comes nothing more can happen.
    due_ms = .max
    return isPassing ? leave(now_ms) : nil
  }

  private mutating func leave(_ now_ms: UInt64) -> Transition {
    let isRelapse = returned_ms.map { now_ms < $0 + CheckTiming.calm_ms } ?? false
    relapses = isRelapse ? min(relapses + 1, CheckTiming.relapses) : 0
    isPassing = false
    streak = 0
    return .left
  }

  private mutating func turnBack(_ now_ms: UInt64) -> Transition {
    returned_ms = now_ms
    isPassing = true
    streak = 0
    return .returned
  }

  private func pause_ms(_ check: HealthCheck, _ isPass: Bool, _ random: inout some RandomNumberGenerator) -> UInt64 {
    if case .ttl(let ttl_ms) = check.kind { return UInt64(ttl_ms) }
    let isInDoubt = isPassing && !isPass
    let interval_ms = UInt64(isInDoubt ? min(check.interval_ms, CheckTiming.recheck_ms) : check.interval_ms)
    let jitter_ms = interval_ms / CheckTiming.jitterParts
    return interval_ms - jitter_ms + UInt64.random(in: 0...2 * jitter_ms, using: &random)
  }
}
