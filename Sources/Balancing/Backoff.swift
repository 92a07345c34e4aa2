/// How long to wait before trying again: longer each time, and by chance, so that those who failed together do not come
/// back together.
public enum Backoff {
  /// The longest wait where the caller names none, 10 s: who waits longer has given up.
  public static let longest_ns: UInt64 = 10_000_000_000

  /// Nanoseconds to wait before attempt number `attempt` (0 for the first retry): anything between half of `base_ns`
  /// and `base_ns` × 2^`attempt`, neither above `longest_ns`.
  public static func delay_ns(
    attempt: Int,
    base_ns: UInt64,
    longest_ns: UInt64 = Backoff.longest_ns,
    random: inout FastRandom
  ) -> UInt64 {
    let doublings = min(max(attempt, 0), 63)
    let most = base_ns > longest_ns >> UInt64(doublings) ? longest_ns : base_ns << UInt64(doublings)
    let least = min(base_ns / 2, most)
    return least + random.below(wide: most - least + 1)
  }
}
