internal import CLinux
internal import Glibc

/// The two clocks of a host (clock_gettime(2)).
public enum HostClock {
  /// Milliseconds since the host started; never goes back (CLOCK_BOOTTIME goes on while it sleeps).
  public static var monotonic_ms: UInt64 { read(CLOCK_BOOTTIME) }
  /// Milliseconds since 1970; may jump either way.
  public static var wall_ms: UInt64 { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
  }
}
