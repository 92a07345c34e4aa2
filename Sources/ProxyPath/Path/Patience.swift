internal import Kernel
internal import Reactor

/// How long a worker's loop may sleep.
extension Worker {
  /// Milliseconds for epoll_wait(2): none with work left, else until the next timer; -1 where nothing is waited for but
  /// events.
  var patience_ms: Int32 {
    if !unfinished.isEmpty || !http.unfinished.isEmpty || peers.hasWork || secure.hasNews { return 0 }
    if isAcceptPaused && !isRetired || secure.hasLeaving { return Int32(TimerWheel.tick_ms) }
    var ticks = timers.patience(now: tick) ?? .max
    ticks = min(ticks, http.clientTimers.patience(now: tick) ?? .max)
    ticks = min(ticks, peerTimers.patience(now: tick) ?? .max)
    ticks = min(ticks, http.upstreamTimers.patience(now: tick) ?? .max)
    var patience = ticks == .max ? Int32.max : Int32(ticks) * Int32(TimerWheel.tick_ms)
    if http.deadlines.count > 0, let ticks = http.deadlines.patience(now: FineTick.at(now_ns)) {
      patience = min(patience, Int32(ticks) * Int32(FineTick.milliseconds))
    }
    patience = min(patience, wait_ms(until: lookups.deadline_ns), wait_ms(until: exceptionEnd_ns))
    return patience == .max ? -1 : patience
  }

  /// Milliseconds until a time of the monotonic clock has passed, `.max` where that is `.max`, for never.
  private func wait_ms(until deadline_ns: UInt64) -> Int32 {
    guard deadline_ns != .max else { return .max }
    let left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0
    return Int32(clamping: left_ns / 1_000_000 + 1)
  }
}
