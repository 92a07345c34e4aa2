public import CLinux

/// Sleeps that are shorter than what the kernel usually rounds a sleep up to.
public enum Pause {
  /// Lets the calling thread's sleeps end when they should: by itself the kernel may add 50 µs, to wake several sleepers
  /// at once (prctl(2) PR_SET_TIMERSLACK, in nanoseconds). A refusal changes nothing.
  public static func beExact() { _ = weft_prctl(PR_SET_TIMERSLACK, 1, 0, 0) }

  /// Sleeps for so many nanoseconds, less than a second of them, or until a signal (nanosleep(2)).
  @inlinable
  public static func take(_ length_ns: Int) { weft_raw_pause(length_ns) }
}
