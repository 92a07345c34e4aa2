import Glibc
import Kernel

/// Files that are at every moment either the old or the new one, also after a crash.
enum AtomicFile {
  /// Snapshots hold no secret, and proxies of another uid read them.
  private static let mode: mode_t = 0o644

  /// Makes `path` hold `bytes`; false where it already did, and nothing was touched. A link is followed.
  static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) -> Bool {
    let target = resolved(path)
    var status = stat()
    if stat(target, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else {
        // A device or pipe is written to: a rename would put a file in its place, /dev/null included.
        try write(bytes, to: target, O_WRONLY)
        return true
      }
      let old = status.st_size == bytes.count ? try? FileContents.read(target, limit: bytes.count) : nil
      if old == bytes { return false }
    }
    // In the same directory, since a rename does not cross file systems.
    let draft = "\(target).new-\(getpid())"
    do throws(SystemError) {
      try write(bytes, to: draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
      guard rename(draft, target) == 0 else { throw SystemError("rename", target) }
    } catch {
      unlink(draft)
      throw error
    }
    try syncDirectory(of: target)
    return true
  }

  private static func write(_ bytes: [UInt8], to path: String, _ flags: Int32) throws(SystemError) {
    let number = open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw SystemError("open", path) }
    let file = FileDescriptor(owning: number)
    let isNew = flags & O_CREAT != 0
    // The mode whatever the umask: a proxy that cannot read its snapshot keeps an old one.
    guard !isNew || fchmod(file.raw, mode) == 0 else { throw SystemError("fchmod", path) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress, $0.count) }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw SystemError("write", path)
      }
      offset += count
    }
    guard !isNew || fsync(file.raw) == 0 else { throw SystemError("fsync", path) }
  }

  /// The new name is on the disk only once its directory is.
  private static func syncDirectory(of path: String) throws(SystemError) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let directory = parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
    let number = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw SystemError("open", directory) }
    let handle = FileDescriptor(owning: number)
    guard fsync(handle.raw) == 0 else { throw SystemError("fsync", directory) }
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}
