/// Whether a busy loop should let events gather for a moment before it looks for more.
///
/// A loop that is faster than those it serves finds one or two events in each turn. It pays for each turn, and its cache
/// goes to and fro between reading and sending. Waiting for a moment makes one turn of several. That is time it had
/// anyway: it waits only where it is busy for most of its time, and so events would soon queue; an event alone, on a loop
/// that has little to do, is never kept waiting.
public struct Gathering: BitwiseCopyable {
  /// How long events gather, in nanoseconds: at 100,000 a second, one or two more. It is well below what a request takes
  /// from a client to a server, and longer ones saved no more (docs/decisions/0062).
  public static let pause_ns: Int = 10_000
  /// A turn with this many events needs no more to be worth itself.
  static let enough = 8
  /// A turn that took longer than this, in nanoseconds, moves bulk: what it costs to begin is nothing to it.
  static let short_ns: UInt64 = 100_000
  /// What is known of a turn counts half after eleven more: a few hundred microseconds of a busy loop.
  static let forgetting: UInt64 = 4

  private var began_ns: UInt64
  /// Time at work, and all time, both fading.
  private var busy_ns: UInt64 = 0
  private var whole_ns: UInt64 = 0

  /// A loop that begins now, and has done nothing so far.
  public init(now_ns: UInt64) { began_ns = now_ns }

  /// A turn begins: the loop has been told of events.
  public mutating func begin(now_ns: UInt64) {
    whole_ns = whole_ns &- (whole_ns >> Self.forgetting) &+ (now_ns &- began_ns)
    began_ns = now_ns
  }

  /// It ends, after this many events; whether the loop should pause before the next.
  public mutating func end(events: Int, now_ns: UInt64) -> Bool {
    let took_ns = now_ns &- began_ns
    busy_ns = busy_ns &- (busy_ns >> Self.forgetting) &+ took_ns
    return events > 0 && events < Self.enough && took_ns < Self.short_ns && busy_ns &* 2 > whole_ns
  }
}
