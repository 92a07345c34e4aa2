/// One coarse deadline per slot, for many slots: constant-time set and cancel, no allocation once grown.
///
/// A wheel of buckets a tick wide. A deadline beyond the wheel's horizon waits in its last bucket and is filed anew
/// when that comes round, so an hour costs a few dozen moves. Time is a parameter: ticks since any fixed moment.
public struct TimerWheel: ~Copyable {
  /// Milliseconds a tick lasts: the coarseness of every timeout on the path.
  public static let tick_ms: UInt64 = 250
  /// Buckets, a power of two: the horizon is 256 ticks, 64 seconds.
  @usableFromInline static let bucketCount: UInt32 = 256

  private struct Entry: BitwiseCopyable {
    var next: UInt32
    var previous: UInt32
    var deadline: UInt32
    /// The bucket it hangs in, or `none` where no timer is set.
    var bucket: UInt32
  }
  private static let none = UInt32.max

  private var entries: [Entry] = []
  private var heads: [UInt32]
  private var currentTick: UInt32
  /// No timer is due before this tick.
  private var earliest: UInt32
  /// Timers set now.
  public private(set) var count = 0

  /// No timer, at that time.
  public init(now tick: UInt32) {
    heads = Array(repeating: Self.none, count: Int(Self.bucketCount))
    currentTick = tick
    earliest = tick &+ Self.bucketCount
  }

  /// Sets or moves the timer of `index`; a deadline that has passed expires at the next `advance`.
  public mutating func set(_ index: UInt32, deadline: UInt32) {
    while entries.count <= index {
      entries.append(Entry(next: Self.none, previous: Self.none, deadline: 0, bucket: Self.none))
    }
    cancel(index)
    file(index, deadline: deadline)
    count += 1
  }

  /// Forgets the timer of `index`, if one is set.
  public mutating func cancel(_ index: UInt32) {
    guard index < entries.count, entries[Int(index)].bucket != Self.none else { return }
    unlink(index)
    count -= 1
  }

  /// Moves time on to `tick` and hands each expired index to `expired`, which may set and cancel timers only through
  /// the index list it collects; one that is due again is set after the call.
  public mutating func advance(to tick: UInt32, into expired: inout [UInt32]) {
    var steps = min(tick &- currentTick, Self.bucketCount)
    guard tick &- currentTick < 1 << 31 else { return }  // time never runs backwards: monotonic clocks, see Ticker
    var bucket = currentTick
    while steps > 0 {
      steps -= 1
      bucket &+= 1
      drain(bucket % Self.bucketCount, now: tick, into: &expired)
    }
    currentTick = tick
    earliest = nextOccupied()
  }

  /// Ticks from `now` until a timer may be due, at most the horizon; nil with no timer set. It may be early by what was
  /// cancelled meanwhile, never late.
  public func patience(now tick: UInt32) -> UInt32? {
    guard count > 0 else { return nil }
    return UInt32(max(1, Int32(bitPattern: earliest &- tick)))
  }

  /// The next bucket that holds a timer, as a tick.
  private func nextOccupied() -> UInt32 {
    for step in 1...Self.bucketCount where heads[Int((currentTick &+ step) % Self.bucketCount)] != Self.none {
      return currentTick &+ step
    }
    return currentTick &+ Self.bucketCount
  }

  private mutating func drain(_ bucket: UInt32, now: UInt32, into expired: inout [UInt32]) {
    var index = heads[Int(bucket)]
    while index != Self.none {
      let entry = entries[Int(index)]
      let following = entry.next
      if Int32(bitPattern: entry.deadline &- now) <= 0 {
        unlink(index)
        count -= 1
        expired.append(index)
      } else if entry.deadline % Self.bucketCount != bucket || entry.deadline &- now >= Self.bucketCount {
        // It waited at the horizon: file it where it belongs as seen from now.
        unlink(index)
        file(index, deadline: entry.deadline, from: now)
      }
      index = following
    }
  }

  private mutating func file(_ index: UInt32, deadline: UInt32) { file(index, deadline: deadline, from: currentTick) }

  private mutating func file(_ index: UInt32, deadline: UInt32, from now: UInt32) {
    let distance = Int32(bitPattern: deadline &- now)
    let steps = UInt32(min(max(distance, 1), Int32(Self.bucketCount) - 1))
    let due = now &+ steps
    if Int32(bitPattern: due &- earliest) < 0 { earliest = due }
    let bucket = due % Self.bucketCount
    let head = heads[Int(bucket)]
    entries[Int(index)] = Entry(next: head, previous: Self.none, deadline: deadline, bucket: bucket)
    if head != Self.none { entries[Int(head)].previous = index }
    heads[Int(bucket)] = index
  }

  private mutating func unlink(_ index: UInt32) {
    let entry = entries[Int(index)]
    if entry.previous == Self.none {
      heads[Int(entry.bucket)] = entry.next
    } else {
      entries[Int(entry.previous)].next = entry.next
    }
    if entry.next != Self.none { entries[Int(entry.next)].previous = entry.previous }
    entries[Int(index)].bucket = Self.none
  }
}
