internal import CLinux
internal import Glibc

/// Wakes a thread that waits in epoll (eventfd(2)); safe to raise from any thread.
public struct EventSignal: ~Copyable, Sendable {
  /// Readable while a signal is raised.
  public let descriptor: FileDescriptor

  /// Not raised. Throws where descriptors lack.
  public init() throws(SystemError) {
    let number = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    guard number >= 0 else { throw SystemError("eventfd") }
    descriptor = FileDescriptor(owning: number)
  }

  /// Raises it; a signal that is raised already stays so.
  public borrowing func raise() {
    var one: UInt64 = 1
    _ = write(descriptor.raw, &one, MemoryLayout<UInt64>.size)
  }

  /// Forgets all signals raised so far.
  public borrowing func clear() {
    var count: UInt64 = 0
    _ = read(descriptor.raw, &count, MemoryLayout<UInt64>.size)
  }
}
