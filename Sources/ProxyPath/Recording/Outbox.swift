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
  /// Requests that may wait, each some 450 bytes: ten times what the journal takes in the recorder's nap.
  static let requestCapacity = 512
  /// Connections between proxies that may wait: handshakes of half a second.
  static let peerCapacity = 512
  /// Servers outside the mesh that TLS cannot be spoken with: what is told of them in some seconds.
  static let serverCapacity = 64
  /// Requests a second and worker that are handed over because somebody taps: more than anyone reads, and some
  /// 3 µs of the recorder's time each.
  static let tapsPerSecond: UInt64 = 1_000

  let ring = Ring<PathEvent>(capacity: capacity)
  let requests = Ring<RequestEvent>(capacity: requestCapacity)
  let peers = Ring<OwnedPeerNote>(capacity: peerCapacity)
  let servers = Ring<OwnedSecureNote>(capacity: serverCapacity)
  /// Shared by all workers: the recorder sleeps on it.
  let bell: RecorderBell
  /// Shared by all workers: whether somebody taps.
  let tap: Tap
  /// Shared by all workers: what identities are called in events.
  let identities: IdentityBook
  private let droppedCount = Atomic<UInt64>(0)
  private let skippedCount = Atomic<UInt64>(0)
  private let untappedCount = Atomic<UInt64>(0)
  private let unsampledCount = Atomic<UInt64>(0)
  private let lookups = SecondWindow()
  private let taps = SecondWindow()
  private let wantsWake = Atomic<Bool>(false)

  init(bell: RecorderBell, tap: Tap, identities: IdentityBook) {
    self.identities = identities
    self.bell = bell
    self.tap = tap
  }

  /// Events that found a ring full, since the start.
  var dropped: UInt64 { droppedCount.load(ordering: .relaxed) }
  /// Connections whose program was not looked up, since the start.
  var skipped: UInt64 { skippedCount.load(ordering: .relaxed) }
  /// Requests that nobody saw who tapped, since there were too many, since the start.
  var untapped: UInt64 { untappedCount.load(ordering: .relaxed) }
  /// Requests without a record, since all was well and they were not sampled, since the start.
  var unsampled: UInt64 { unsampledCount.load(ordering: .relaxed) }

  /// Nothing waits for the recorder.
  var isEmpty: Bool { ring.count == 0 && requests.count == 0 && peers.count == 0 && servers.count == 0 }

  /// Leaves an event for the recorder; where the ring is full it is dropped, and counted.
  func post(_ event: PathEvent) {
    if !ring.push(event) {
      event.hello?.deallocate()
      if event.held >= 0 { _ = FileDescriptor(owning: event.held) }
      droppedCount.wrappingAdd(1, ordering: .relaxed)
    }
    if event.held >= 0 || ring.isHalfFull { wantsWake.store(true, ordering: .relaxed) }
  }

  /// Hands over what is to be known of a connection between proxies.
  func post(_ note: PeerNote) {
    let owned = note.owned
    if !peers.push(owned) {
      _ = owned.take()
      droppedCount.wrappingAdd(1, ordering: .relaxed)
    }
  }

  /// Hands over why TLS cannot be spoken with a server outside the mesh.
  func post(_ note: SecureNote) {
    let owned = note.owned
    if !servers.push(owned) {
      _ = owned.take()
      droppedCount.wrappingAdd(1, ordering: .relaxed)
    }
  }

  /// Hands over a request that is to be recorded or shown to whoever taps.
  func post(_ event: RequestEvent) {
    if !requests.push(event) {
      if event.isRecorded { droppedCount.wrappingAdd(1, ordering: .relaxed) }
      if event.isTapped { untappedCount.wrappingAdd(1, ordering: .relaxed) }
    }
    if requests.isHalfFull { wantsWake.store(true, ordering: .relaxed) }
  }

  /// Whether a request that ends now is to be shown to whoever taps; asking counts. A load and a comparison where nobody
  /// does. Where the answer is yes, set `isTapped` and post the event, whatever it came to.
  func takesTap(now_ns: UInt64) -> Bool {
    guard tap.isArmed(now_ns: now_ns) else { return false }
    if taps.take(now_ns: now_ns, limit: Self.tapsPerSecond) { return true }
    untappedCount.wrappingAdd(1, ordering: .relaxed)
    return false
  }

  /// A request ended well and is not recorded, since it is not sampled.
  func noteUnsampled() {
    // The worker alone writes it: no locked instruction (docs/decisions/0031).
    unsampledCount.store(unsampledCount.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
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
  func mayLookUp(now_ns: UInt64) -> Bool { lookups.take(now_ns: now_ns, limit: Self.announcementsPerSecond) }

  /// Wakes the recorder where there is something that cannot wait for its next look.
  func endTurn() {
    if wantsWake.load(ordering: .relaxed) {
      wantsWake.store(false, ordering: .relaxed)
      bell.ring()
    } else if ring.count > 0 || requests.count > 0 || peers.count > 0 || servers.count > 0 {
      bell.ringIfAsleep()
    }
  }
}

/// How often something happened in this second. One thread asks.
private struct SecondWindow: ~Copyable, Sendable {
  private let start_s = Atomic<UInt64>(0)
  private let count = Atomic<UInt64>(0)

  /// Whether the second has room for one more; taking it counts.
  func take(now_ns: UInt64, limit: UInt64) -> Bool {
    let second = now_ns / 1_000_000_000
    if start_s.load(ordering: .relaxed) != second {
      start_s.store(second, ordering: .relaxed)
      count.store(0, ordering: .relaxed)
    }
    let taken = count.load(ordering: .relaxed)
    guard taken < limit else { return false }
    count.store(taken + 1, ordering: .relaxed)
    return true
  }
}

/// Wakes the recorder. It naps for a moment after each round, so that steady traffic costs it few wake-ups, and sleeps
/// without limit when nothing happens.
final class RecorderBell: Sendable {
  let signal: EventSignal
  private let isAsleep = Atomic<Bool>(false)

  init() throws(SystemError) { signal = try EventSignal() }

  /// Wakes the recorder.
  func ring() { signal.raise() }

  /// Wakes the recorder where nothing else will soon.
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
  /// The recorder looks by itself from now on.
  func noteAwake() { isAsleep.store(false, ordering: .sequentiallyConsistent) }
}
