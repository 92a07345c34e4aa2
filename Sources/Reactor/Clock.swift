internal import Glibc

/// The clocks a loop reads, once a turn. Monotonic time does not jump when an administrator or NTP sets the date.
public enum Clock {
  /// Nanoseconds since boot (clock_gettime(2) CLOCK_MONOTONIC).
  public static func monotonic_ns() -> UInt64 { read(CLOCK_MONOTONIC) }

  /// Microseconds since 1970 (CLOCK_REALTIME), for what people read.
  public static func realtime_us() -> UInt64 { read(CLOCK_REALTIME) / 1000 }

  private static func read(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
