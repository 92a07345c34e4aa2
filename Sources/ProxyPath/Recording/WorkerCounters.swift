internal import MeshModel
internal import Synchronization

/// One worker's counts. Only the worker writes; a scrape reads. Relaxed loads and stores, which are plain moves.
final class WorkerCounters: Sendable {
  let opened = Atomic<UInt64>(0)
  let ended = Atomic<UInt64>(0)

  func accepted(_ direction: Direction) {}
  func opened(_ direction: Direction) { opened.store(opened.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }
  func acceptPaused() {}
  func closed(_ event: PathEvent) { ended.store(ended.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }
}
