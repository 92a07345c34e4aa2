internal import Kernel
internal import Replication

/// The two clocks of a host, as the agent's modules want them.
enum Clocks {
  /// Milliseconds since the host started; never goes back.
  static var monotonic_ms: UInt64 { HostClock.monotonic_ms }
  /// Milliseconds since 1970; may jump either way.
  static var wall_ms: UInt64 { HostClock.wall_ms }
  /// Seconds since 1970, as certificates have them.
  static var wall_s: Int64 { Int64(wall_ms / 1000) }
  /// Both.
  static var moment: Moment { Moment(monotonic_ms: monotonic_ms, wall_ms: wall_ms) }
}
