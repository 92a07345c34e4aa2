internal import CLinux
internal import Glibc

/// Which file a path leads to, and when it was last written (stat(2)): what differs where a file was changed or replaced.
public struct FileStamp: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  private let written_s: Int64
  private let written_ns: Int64

  /// Of what `path` leads to, links followed; nil where that is nothing.
  public init?(at path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    written_s = Int64(status.st_mtim.tv_sec)
    written_ns = Int64(status.st_mtim.tv_nsec)
  }
}
