internal import CLinux
internal import Glibc

/// Bytes as a file that lives in memory and that nobody can change.
public enum MemoryFile {
  /// A sealed file (memfd_create(2)) that holds `bytes`; `name` shows in /proc only. journald takes a file from an
  /// unprivileged sender only when it is sealed against writing, growing and shrinking. Throws the call that failed.
  public static func sealed(_ bytes: UnsafeRawBufferPointer, name: StaticString) throws(SystemError) -> FileDescriptor {
    let number = name.withUTF8Buffer { text in
      text.withMemoryRebound(to: CChar.self) { $0.baseAddress.map { weft_memfd($0) } ?? -1 }
    }
    guard number >= 0 else { throw SystemError("memfd_create") }
    let file = FileDescriptor(owning: number)
    var written = 0
    while written < bytes.count {
      let count = write(number, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      guard count > 0 else { throw SystemError("write", "memory file") }
      written += count
    }
    guard weft_memfd_seal(number) == 0 else { throw SystemError("fcntl F_ADD_SEALS", "memory file") }
    return file
  }
}
