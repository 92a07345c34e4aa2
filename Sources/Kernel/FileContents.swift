internal import CLinux
internal import Glibc

/// Whole small files.
public enum FileContents {
  /// All bytes of a file; an error where it holds more than `limit` (EFBIG).
  public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let number = weft_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard number >= 0 else { throw SystemError("open", path) }
    let descriptor = FileDescriptor(owning: number)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Glibc.read(descriptor.raw, &chunk, chunk.count)
      guard count >= 0 else {
        if errno == EINTR { continue }
        throw SystemError("read", path)
      }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else { throw SystemError("read", path, code: EFBIG) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }
}
