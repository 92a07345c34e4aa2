/// Whether a loop should let events gather for a moment before it looks for more.
///
/// A loop that is faster than those it serves finds one or two events in each turn, and pays for each turn. Where many
/// requests are under way and events come fast, a short pause makes one turn of several. A lone client never pays for
/// it: what it waits for is the only thing under way.
public struct Gathering: BitwiseCopyable {
  /// How long events gather, in nanoseconds: three more at the least rate below. Longer ones saved no more
  /// (docs/decisions/0062).
  public static let pause_ns: Int = 50_000
  /// A turn with this many events needs no more to be worth itself.
  static let enough = 12
  /// With fewer requests under way there is little that could gather.
  static let leastUnderWay = 4
  /// Events a millisecond below which a pause would gather next to none.
  static let leastRate: UInt64 = 60
  /// The rate is that of a stretch at least this long, in nanoseconds: some dozens of turns under load, and short enough
  /// to notice within a millisecond that the load has gone.
  static let stretch_ns: UInt64 = 1_000_000

  private var began_ns: UInt64
  private var seen: UInt64 = 0
  private var isFast = false
  private var lastEvents = 0

  /// A loop that begins now, and has done nothing so far.
  public init(now_ns: UInt64) { began_ns = now_ns }

  /// A turn begins, with so many events.
  public mutating func note(events: Int, now_ns: UInt64) {
    lastEvents = events
    seen &+= UInt64(truncatingIfNeeded: events)
    let passed_ns = now_ns &- began_ns
    guard passed_ns >= Self.stretch_ns else { return }
    isFast = seen &* 1_000_000 >= passed_ns &* Self.leastRate
    seen = 0
    began_ns = now_ns
  }

  /// A turn has ended, with so many requests begun and not yet answered; whether to pause before the next.
  public func isWorthwhile(underWay: Int) -> Bool {
    isFast && lastEvents > 0 && lastEvents < Self.enough && underWay >= Self.leastUnderWay
  }
}
