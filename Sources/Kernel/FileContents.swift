internal import CLinux
internal import Glibc

/// Whole small files.
public enum FileContents {
  /// All bytes of a regular file; an error where it holds more than `limit` (EFBIG), or is none: a FIFO in its place
  /// would hold up the reader for as long as nobody writes (EISDIR, EINVAL).
  public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let number = weft_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    guard number >= 0 else { throw SystemError("open", path) }
    let descriptor = FileDescriptor(owning: number)
    var status = stat()
    guard fstat(number, &status) == 0 else { throw SystemError("fstat", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw SystemError("read (a regular file is wanted)", path, code: isDirectory ? EISDIR : EINVAL)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor.raw, &chunk, chunk.count)
      guard count >= 0 else {
        if errno == EINTR { continue }
        throw SystemError("read", path)
      }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else { throw SystemError("read (\(limit) bytes at most)", path, code: EFBIG) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }
}
