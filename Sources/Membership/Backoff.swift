/// How long to wait before a child that ended is started again.
struct Backoff: Sendable {
  private var next_ms = MembershipLimit.firstPause_ms

  /// The pause after a run of so many milliseconds: twice the one before, unless the run was a sound one, give or take a
  /// quarter, so that hosts that failed together do not start together.
  mutating func pause_ms(
    afterRun run_ms: UInt64,
    gaveWay: Bool,
    using random: inout some RandomNumberGenerator
  ) -> UInt64 {
    if run_ms >= MembershipLimit.soundRun_ms { next_ms = MembershipLimit.firstPause_ms }
    let pause = gaveWay ? max(next_ms, MembershipLimit.conflictPause_ms) : next_ms
    next_ms = min(next_ms * 2, MembershipLimit.longestPause_ms)
    return pause - pause / 4 + UInt64.random(in: 0...pause / 2, using: &random)
  }
}
