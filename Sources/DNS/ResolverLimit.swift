/// Bounds on what resolv.conf(5) may ask of us. Those of the C library are glibc's own (resolv.h).
public enum ResolverLimit {
  /// Bytes of the file that are read: a generated search list has a few hundred.
  public static let fileBytes = 64 << 10
  /// Servers (MAXNS); what comes behind them is passed over, as glibc does.
  public static let servers = 3
  /// Domains on the search list. glibc knows no bound since 2.26; before it was six.
  public static let searchDomains = 32
  /// `ndots` at most (RES_MAXNDOTS).
  public static let ndots = 15
  /// `timeout` at most, in seconds (RES_MAXRETRANS).
  public static let timeout_s = 30
  /// `attempts` at most (RES_MAXRETRY).
  public static let attempts = 5
}
