internal import MeshModel
internal import Synchronization

/// One worker's counts. Only the worker writes; a scrape reads. Relaxed loads and stores, which are plain moves.
final class WorkerCounters: Sendable {
  private let openedCount = Atomic<UInt64>(0)
  private let endedCount = Atomic<UInt64>(0)
  private let deniedCount = Atomic<UInt64>(0)

  var opened: UInt64 { openedCount.load(ordering: .relaxed) }
  var denied: UInt64 { deniedCount.load(ordering: .relaxed) }
  /// Read after `ended`, so that it never shows fewer than none.
  var openConnections: UInt64 {
    let ended = endedCount.load(ordering: .relaxed)
    return opened - min(ended, opened)
  }

  func accepted(_ direction: Direction) {}
  func opened(_ direction: Direction) { bump(openedCount) }
  func acceptPaused() {}
  func closed(_ event: PathEvent) {
    if event.reason == .denied { bump(deniedCount) }
    if event.duration_ns > 0 { bump(endedCount) }
  }

  private func bump(_ counter: borrowing Atomic<UInt64>) {
    counter.store(counter.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }
}
