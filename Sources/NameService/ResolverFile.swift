internal import DNS
internal import Glibc

/// A file such as resolv.conf(5), and what it said last. It is small and local, so it is read where it is asked for.
struct ResolverFile {
  let path: String
  private var seen: Stamp?

  init(_ path: String) { self.path = path }

  /// What tells one version of the file from another: programs that write it anew, or rename another to it.
  private struct Stamp: Equatable {
    let device: UInt64
    let inode: UInt64
    let bytes: Int64
    let modified_s: Int64
    let modified_ns: Int64

    init(_ status: stat) {
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      bytes = Int64(status.st_size)
      modified_s = Int64(status.st_mtim.tv_sec)
      modified_ns = Int64(status.st_mtim.tv_nsec)
    }
  }

  /// What it says, where that is not what was read before; nil also where it cannot be read, since what it said before is
  /// better than nothing.
  mutating func readIfChanged() -> ResolverConfiguration? {
    // Never waits, not even where the path is a pipe's.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let stamp = Stamp(status)
    guard stamp != seen else { return nil }
    var bytes = [UInt8](repeating: 0, count: ResolverLimit.fileBytes)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count) }
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { return nil }
      guard more > 0 else { break }
      count += more
    }
    seen = stamp
    return ResolverConfiguration(Array(bytes.prefix(count))) { name in
      let index = UInt32(name) ?? if_nametoindex(name)
      return index == 0 ? nil : index
    }
  }
}
