internal import MeshModel
internal import Synchronization

/// Live requests for whoever taps, off the path: workers hand over events while somebody asks, the recorder puts them
/// into words, and the control thread reads them out.
final class Tap: Sendable {
  /// Nanoseconds that one question keeps the tap open: a client that asks five times a second may stumble, and one that
  /// is gone costs the path nothing soon after.
  static let armed_ns: UInt64 = 5_000_000_000
  /// Requests kept: half a second of what two workers hand over at most, twice the time between two questions.
  static let capacity = 1_024

  private let armedUntil_ns = Atomic<UInt64>(0)
  private let log = Mutex(Log())

  /// The last requests, a ring that begins at `start` once it is full.
  private struct Log {
    var reports: [RequestReport] = []
    var start = 0
    /// The sequence number of the last request ever kept.
    var newest: UInt64 = 0
  }

  /// Somebody asks: keeps what comes in the next five seconds.
  func arm(now_ns: UInt64) { armedUntil_ns.store(now_ns &+ Self.armed_ns, ordering: .relaxed) }

  /// Whether anybody asked lately. For any thread; a plain load.
  func isArmed(now_ns: UInt64) -> Bool { now_ns < armedUntil_ns.load(ordering: .relaxed) }

  /// Keeps a request in the place of the oldest, and numbers it.
  func add(_ report: RequestReport) {
    log.withLock { log in
      log.newest += 1
      var report = report
      report.sequence = log.newest
      if log.reports.count < Self.capacity {
        log.reports.append(report)
      } else {
        log.reports[log.start] = report
        log.start = (log.start + 1) % Self.capacity
      }
    }
  }

  /// The requests after `after` that the filter takes, at most `limit` of them; without `after` none, only where to begin.
  func read(after: UInt64?, limit: Int, _ filter: TapFilter) -> (
    requests: [RequestReport], newest: UInt64, lost: UInt64
  ) {
    log.withLock { log in
      guard let asked = after else { return ([], log.newest, 0) }
      // A number beyond ours is from a proxy that was here before us: all of ours came after it.
      let after = asked > log.newest ? 0 : asked
      let count = UInt64(log.reports.count)
      let lastLost = log.newest - count
      var found: [RequestReport] = []
      var seen = max(after, lastLost)
      while seen < log.newest, found.count < limit {
        let report = log.reports[(log.start + Int(seen - lastLost)) % log.reports.count]
        if filter.takes(report) { found.append(report) }
        seen += 1
      }
      return (found, seen, lastLost > after ? lastLost - after : 0)
    }
  }

  /// Gives the memory back once nobody asks any more. The numbers go on.
  func forgetIfUnasked(now_ns: UInt64) {
    guard !isArmed(now_ns: now_ns) else { return }
    log.withLock { log in
      guard !log.reports.isEmpty else { return }
      log.reports = []
      log.start = 0
    }
  }
}
