internal import CLinux
internal import Glibc

/// Tells when something in a file's directory changed (inotify(7)).
///
/// The directory is watched, not the file: a file is replaced by rename, and Kubernetes replaces a whole mount by
/// moving a symbolic link.
public struct FileWatch: ~Copyable {
  /// Readable when something changed.
  public let descriptor: FileDescriptor

  /// Watches the directory that holds `path`. Throws where it cannot be watched.
  public init(directoryOf path: String) throws(SystemError) {
    let descriptor = FileDescriptor(owning: inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)))
    guard descriptor.raw >= 0 else { throw SystemError("inotify_init1") }
    let directory =
      path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM)
    guard inotify_add_watch(descriptor.raw, directory, mask) >= 0 else {
      throw SystemError("inotify_add_watch", directory)
    }
    self.descriptor = descriptor
  }

  /// Forgets the events reported so far.
  public borrowing func drain() {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
      while read(descriptor.raw, buffer.baseAddress, buffer.count) > 0 {}
    }
  }
}
