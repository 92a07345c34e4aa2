internal import CLinux
internal import Glibc

/// Which file it is, whatever paths lead to it: its file system and its number there (stat(2)).
public struct FileIdentity: Hashable, Sendable {
  /// The file system.
  public let device: UInt64
  /// The number of the file in it.
  public let inode: UInt64

  /// The file that `path` leads to for this process, links followed. Links of /proc such as `/proc/PID/exe` lead to the
  /// very file, also where it has another path there or none any more. Nil where there is none, or this process may not look.
  public init?(at path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }
}
