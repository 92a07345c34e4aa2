internal import CLinux
internal import Glibc

/// Tells when something in a file's directory changed (inotify(7)).
///
/// The directory is watched, not the file: a file is replaced by rename, and Kubernetes replaces a whole mount by
/// moving a symbolic link. That the directory itself, or a symbolic link to it, is renamed, replaced or deleted is told
/// too; then the watch has seen its last, and whoever follows the path makes another.
public struct FileWatch: ~Copyable {
  /// Readable when something changed.
  public let descriptor: FileDescriptor

  /// Watches the directory that holds `path`. Throws where it cannot be watched.
  public init(directoryOf path: String) throws(SystemError) {
    let descriptor = FileDescriptor(owning: inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)))
    guard descriptor.raw >= 0 else { throw SystemError("inotify_init1") }
    let directory =
      path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let contents = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM)
    // What is found at the path itself, which may be a symbolic link; else it is the directory once more.
    let place = UInt32(IN_DONT_FOLLOW) | UInt32(IN_MASK_ADD) | Self.ends
    guard inotify_add_watch(descriptor.raw, directory, contents | Self.ends) >= 0,
      inotify_add_watch(descriptor.raw, directory, place) >= 0
    else { throw SystemError("inotify_add_watch", directory) }
    self.descriptor = descriptor
  }

  /// What tells that the path leads elsewhere from now on, or nowhere.
  private static let ends = UInt32(IN_MOVE_SELF | IN_DELETE_SELF)

  /// Forgets the events reported so far. False where the path may lead to another directory now, or to none: this watch
  /// tells nothing of what is there.
  @discardableResult
  public borrowing func drain() -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
      var isStill = true
      while true {
        let count = read(descriptor.raw, buffer.baseAddress, buffer.count)
        guard count > 0 else { return isStill }
        var offset = 0
        while offset + MemoryLayout<inotify_event>.size <= count {
          let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
          // The kernel takes a watch away with what it watched (IN_IGNORED), unmounting included.
          if event.mask & (Self.ends | UInt32(IN_IGNORED)) != 0 { isStill = false }
          offset += MemoryLayout<inotify_event>.size + Int(event.len)
        }
      }
    }
  }
}
