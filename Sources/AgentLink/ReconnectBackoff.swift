/// How long to wait before the agent is tried again: longer each time, and by chance, so that the proxies of a host do not
/// all come at once when their agent is back. The caller tells the time.
public struct ReconnectBackoff: Sendable {
  /// The first wait: an agent that restarts is back in about this.
  public static let first_ms: UInt64 = 100
  /// The longest wait. A proxy serves on without its agent, but should not miss it for long once it is back.
  public static let longest_ms: UInt64 = 10_000
  /// A connection that held for so long was good: what comes after it begins anew. The same as the longest wait, so that one
  /// which always breaks at once is never tried more often than one that cannot be made.
  public static let stable_ms: UInt64 = 10_000

  private var failures: UInt64 = 0
  private var connected_ms: UInt64?
  private var random: UInt64

  /// The same waits for the same seed; give each process its own.
  public init(seed: UInt64) { random = seed }

  /// A connection stands since `now_ms`.
  public mutating func connected(now_ms: UInt64) { connected_ms = now_ms }

  /// A connection was lost, or could not be made, at `now_ms`. Returns the milliseconds to wait: between half and all of
  /// 100 ms, 200 ms, 400 ms, and so on up to 10 s.
  public mutating func lost(now_ms: UInt64) -> UInt64 {
    if let connected_ms, now_ms >= connected_ms, now_ms - connected_ms >= Self.stable_ms { failures = 0 }
    connected_ms = nil
    // Doubled seven times, 100 ms are above the longest wait.
    let most = min(Self.first_ms << min(failures, 7), Self.longest_ms)
    failures += 1
    return most / 2 + next() % (most / 2 + 1)
  }

  /// SplitMix64 (Steele, Lea and Flood, 2014).
  private mutating func next() -> UInt64 {
    random &+= 0x9e37_79b9_7f4a_7c15
    var word = (random ^ (random >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
