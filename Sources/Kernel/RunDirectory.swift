internal import CLinux
internal import Glibc

/// The directory that holds admin sockets, such as /run/weft.
public enum RunDirectory {
  /// Makes the directory where it is missing and gives a new one to `user`, so that it can put its socket there.
  /// Failures show when the socket is bound.
  public static func prepare(_ path: String, for user: Privileges.User) {
    if mkdir(path, 0o755) == 0 { _ = chown(path, user.uid, user.gid) }
  }
}
