internal import Glibc
internal import Kernel

/// A data directory is one agent's at a time: flock(2) on a file in it, which the kernel undoes with the process.
final class DirectoryLock: Sendable {
  private let descriptor: FileDescriptor

  /// Digits and line end of a pid, always as many: the file is never empty while another writes to it, and one that
  /// says who has it needs no new space on a full disk.
  private static let width = 11

  /// Takes the lock.
  ///
  /// - Throws: `locked` with the pid of who has it, where that can be read: the pid as that process knows itself.
  init(_ directory: StoreDirectory) throws(AgentStoreError) {
    let number = Glibc.open(directory.lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else {
      throw AgentStoreError(SystemError("open", directory.lock), doing: "taking the data directory")
    }
    descriptor = FileDescriptor(owning: number)
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else {
        throw AgentStoreError(SystemError("flock", directory.lock), doing: "taking the data directory")
      }
      throw .locked(directory: directory.path, pid: Self.pid(in: number))
    }
    let digits = String(getpid())
    let line = String(repeating: " ", count: max(0, Self.width - 1 - digits.utf8.count)) + digits + "\n"
    // Where this fails, a second agent hears that there is another, but not which.
    _ = Array(line.utf8).withUnsafeBytes { pwrite(number, $0.baseAddress, $0.count, 0) }
  }

  private static func pid(in number: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: width)
    guard pread(number, &bytes, width, 0) == width else { return nil }
    return Int32(String(decoding: bytes.filter { (48...57).contains($0) }, as: UTF8.self))
  }

  /// Lets others have the directory, before the descriptor is closed; again does nothing.
  func release() { _ = flock(descriptor.raw, LOCK_UN) }
}
