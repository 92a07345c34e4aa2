internal import Kernel
internal import Reactor
internal import Synchronization

/// A worker's way to the recorder: a bounded ring, and a wake-up at most once a turn. A full ring drops, and counts.
final class Outbox: Sendable {
  /// Events that may wait: at 20,000 connections a second the recorder may lag by 100 ms.
  static let capacity = 2048
  /// Programs looked up a second and worker. A lookup asks the kernel twice and may read /proc, so a storm of short
  /// connections is sampled; what is not looked up is counted.
  static let announcementsPerSecond: UInt64 = 100

  let ring = Ring<PathEvent>(capacity: capacity)
  /// Shared by all workers: the recorder sleeps on it.
  let bell: RecorderBell
  private let droppedCount = Atomic<UInt64>(0)
  private let skippedCount = Atomic<UInt64>(0)
  private let windowStart_s = Atomic<UInt64>(0)
  private let windowCount = Atomic<UInt64>(0)
  private let wantsWake = Atomic<Bool>(false)

  init(bell: RecorderBell) { self.bell = bell }

  /// Events that found the ring full, since the start.
  var dropped: UInt64 { droppedCount.load(ordering: .relaxed) }
  /// Connections whose program was not looked up, since the start.
  var skipped: UInt64 { skippedCount.load(ordering: .relaxed) }

  func post(_ event: PathEvent) {
    if !ring.push(event) {
      event.hello?.deallocate()
      if event.held >= 0 { _ = FileDescriptor(owning: event.held) }
      droppedCount.wrappingAdd(1, ordering: .relaxed)
    }
    if event.held >= 0 || ring.isHalfFull { wantsWake.store(true, ordering: .relaxed) }
  }

  /// Asks for the program behind a connection to be looked up soon; false where there are too many.
  func announce(_ event: PathEvent, now_ns: UInt64) -> Bool {
    guard mayLookUp(now_ns: now_ns), ring.push(event) else {
      skippedCount.wrappingAdd(1, ordering: .relaxed)
      return false
    }
    wantsWake.store(true, ordering: .relaxed)
    return true
  }

  /// Whether this second's lookups leave room for one more; taking it counts.
  func mayLookUp(now_ns: UInt64) -> Bool {
    let second = now_ns / 1_000_000_000
    if windowStart_s.load(ordering: .relaxed) != second {
      windowStart_s.store(second, ordering: .relaxed)
      windowCount.store(0, ordering: .relaxed)
    }
    let count = windowCount.load(ordering: .relaxed)
    guard count < Self.announcementsPerSecond else { return false }
    windowCount.store(count + 1, ordering: .relaxed)
    return true
  }

  /// Wakes the recorder where there is something that cannot wait for its next look.
  func endTurn() {
    if wantsWake.load(ordering: .relaxed) {
      wantsWake.store(false, ordering: .relaxed)
      bell.ring()
    } else if ring.count > 0 {
      bell.ringIfAsleep()
    }
  }
}

/// Wakes the recorder. It naps for a moment after each round, so that steady traffic costs it few wake-ups, and sleeps
/// without limit when nothing happens.
final class RecorderBell: Sendable {
  let signal: EventSignal
  private let isAsleep = Atomic<Bool>(false)

  init() throws(SystemError) { signal = try EventSignal() }

  func ring() { signal.raise() }

  func ringIfAsleep() {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    if isAsleep.load(ordering: .relaxed), isAsleep.exchange(false, ordering: .relaxed) { signal.raise() }
  }

  /// The recorder is about to sleep; it looks at the rings once more after this. The fence pairs with the worker's
  /// exchange: either the recorder sees the event, or the worker sees that it must ring.
  func noteAsleep() {
    isAsleep.store(true, ordering: .relaxed)
    atomicMemoryFence(ordering: .sequentiallyConsistent)
  }
  func noteAwake() { isAsleep.store(false, ordering: .sequentiallyConsistent) }
}
