/// When a record was written, for the last writer to win: a hybrid logical clock (Kulkarni et al., 2014) per document.
///
/// The wall clock, but later than all that the writer had seen of the document: a write that was acknowledged wins over
/// what it was made upon, whatever the clocks say.
public struct Stamp: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970.
  public var wall_ms: UInt64
  /// Tells stamps of one millisecond apart.
  public var counter: UInt32

  /// The stamp of that time and counter.
  public init(wall_ms: UInt64, counter: UInt32 = 0) {
    self.wall_ms = wall_ms
    self.counter = counter
  }

  /// By time, then by counter.
  public static func < (left: Self, right: Self) -> Bool {
    left.wall_ms == right.wall_ms ? left.counter < right.counter : left.wall_ms < right.wall_ms
  }

  /// The earliest stamp later than this one.
  var next: Stamp {
    // Stamps near the end of time are refused long before they get here, so nothing wraps.
    counter == .max ? Stamp(wall_ms: wall_ms &+ 1) : Stamp(wall_ms: wall_ms, counter: counter + 1)
  }
}

/// One write of a document, named by its writer and stamp.
public struct Mark: Hashable, Comparable, Sendable {
  /// Who wrote.
  public let owner: OwnerID
  /// When.
  public let stamp: Stamp

  /// The write of `owner` at `stamp`.
  public init(owner: OwnerID, stamp: Stamp) {
    self.owner = owner
    self.stamp = stamp
  }

  /// By stamp, then by owner: the greatest wins.
  public static func < (left: Self, right: Self) -> Bool {
    left.stamp == right.stamp ? left.owner < right.owner : left.stamp < right.stamp
  }
}

/// Now, by both clocks. Timers use the one that never jumps, stamps the one that hosts share.
public struct Moment: Hashable, Sendable {
  /// Milliseconds since some start; never goes back.
  public var monotonic_ms: UInt64
  /// Milliseconds since 1970; may jump either way.
  public var wall_ms: UInt64

  /// A moment as both clocks show it.
  public init(monotonic_ms: UInt64, wall_ms: UInt64) {
    self.monotonic_ms = monotonic_ms
    self.wall_ms = wall_ms
  }
}
