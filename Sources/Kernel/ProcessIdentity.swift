internal import CLinux
internal import Glibc

/// Who this process is.
public enum ProcessIdentity {
  /// The process number (getpid(2)).
  public static var pid: Int32 { getpid() }
  /// The effective user (geteuid(2)).
  public static var uid: UInt32 { geteuid() }
}
