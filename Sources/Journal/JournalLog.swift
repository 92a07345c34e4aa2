internal import Glibc

internal import Synchronization

/// A journal for several threads: the control thread's and the agent's log, not the path's (which has a thread of its own).
///
/// Make one per program and a `JournalLogHandler` per logger on it.
public final class JournalLog: Sendable {
  private struct State: ~Copyable {
    let sink: JournalSink
    var entry: JournalEntry
    var limiter: RateLimiter
    var droppedBySink: UInt64 = 0
    var rateLimited: UInt64 = 0
  }

  private let state: Mutex<State>

  /// A log that writes where `mode` says. Throws where `path` cannot be a socket's.
  public init(
    mode: JournalSink.Mode,
    identifier: String,
    path: String = JournalSink.defaultPath,
    lineDescriptor: Int32 = 2,
    limits: RateLimiter.Settings = RateLimiter.Settings()
  ) throws(JournalError) {
    let sink = try JournalSink(mode: mode, identifier: identifier, path: path, lineDescriptor: lineDescriptor)
    state = Mutex(
      State(sink: sink, entry: JournalEntry(identifier: identifier), limiter: RateLimiter(limits))
    )
  }

  /// What became of the entries so far, and how many the rate limit left out.
  public var counts: (sink: JournalSink.Counts, rateLimited: UInt64) {
    state.withLock { ($0.sink.counts, $0.rateLimited) }
  }

  /// Tells the log of entries that were lost before they reached it, such as in a full ring, for the next summary.
  public func note(dropped count: UInt64) {
    state.withLock { $0.limiter.note(dropped: count) }
  }

  /// Builds an entry with `build` and writes it, unless the limit is reached. `build` runs under the log's lock.
  public func write(
    _ importance: RateLimiter.Importance = .important,
    _ build: (inout JournalEntry) -> Void
  ) {
    let now_ns = monotonicNanoseconds()
    state.withLock { state in
      if state.limiter.admit(importance, now_ns: now_ns) {
        build(&state.entry)
        state.sink.send(&state.entry, now_ns: now_ns)
      } else {
        state.rateLimited &+= 1
      }
      Self.summarize(&state, now_ns: now_ns, finally: false)
    }
  }

  /// Writes what was dropped and not told yet, at most once an interval, or at once where this is the last chance
  /// (`finally`). Returns whether something is left to be told: a logger with nothing else to do should ask again in a
  /// second instead of sleeping until the next entry.
  @discardableResult
  public func summarizeDrops(finally: Bool = false) -> Bool {
    let now_ns = monotonicNanoseconds()
    return state.withLock { state in
      Self.summarize(&state, now_ns: now_ns, finally: finally)
      return state.limiter.hasUntoldDrops
    }
  }

  private static func summarize(_ state: inout State, now_ns: UInt64, finally: Bool) {
    let dropped = state.sink.counts.dropped
    if dropped > state.droppedBySink {
      state.limiter.note(dropped: dropped - state.droppedBySink)
      state.droppedBySink = dropped
    }
    if let summary = state.limiter.summary(now_ns: now_ns, finally: finally) {
      state.entry.startSummary(summary)
      state.sink.send(&state.entry, now_ns: now_ns)
    }
  }
}

private func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
