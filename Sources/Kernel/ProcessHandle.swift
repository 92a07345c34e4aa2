internal import CLinux
internal import Glibc

/// A process held by a descriptor (pidfd_open(2)). Unlike its number, that never becomes another process's.
public struct ProcessHandle: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  private init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  /// The process that connected `socket`, a Unix socket that is only borrowed, as it was at that moment (SO_PEERPIDFD of
  /// asm-generic/socket.h, Linux 6.5).
  ///
  /// - Throws: ENOPROTOOPT where the kernel cannot do it; anything else where the process is gone or no descriptor is left.
  public static func peer(ofSocket socket: Int32) throws(SystemError) -> ProcessHandle {
    var number: Int32 = -1
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(socket, SOL_SOCKET, WEFT_SO_PEERPIDFD, &number, &size) == 0, number >= 0 else {
      throw SystemError("getsockopt SO_PEERPIDFD")
    }
    return ProcessHandle(FileDescriptor(owning: number))
  }

  /// Whether it runs: a pidfd becomes readable once its process has ended, also before anybody has reaped it.
  public var isRunning: Bool {
    var watched = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = poll(&watched, 1, 0)
      // A signal that waits to be handled ends even a call that does not wait.
      guard ready < 0, errno == EINTR else { return ready == 0 }
    }
  }
}
