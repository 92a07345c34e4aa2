/// Bounds on keeping the addresses of hosts. Times in milliseconds.
public enum ResolutionLimit {
  /// Hosts whose addresses are kept; those beyond it, by name, are not asked for. It is as many names as one ServiceEntry may have.
  public static let hosts = 256
  /// Addresses of one host that are used, the first of each answer: what fits a datagram is less.
  public static let addresses = 60
  /// Hosts that are asked for at one time, so that a proxy that starts does not ask for all at once.
  public static let atOnce = 16
  /// Answers are kept that long at least: some balancers write that theirs may not be kept at all, and to ask for each connection
  /// is what they would get from no program either.
  public static let shortest_ms: UInt64 = 2_000
  /// Answers are kept that long at most, whatever they allow: who moves a server that is down does not wait for a day.
  public static let longest_ms: UInt64 = 300_000
  /// When it is asked again after a failure; twice as long each time.
  public static let firstRetry_ms: UInt64 = 1_000
  /// When it is asked again at the latest after failures: a resolver that is back is found within a minute.
  public static let longestRetry_ms: UInt64 = 60_000
}
