public import CLinux
internal import Glibc

/// Owns one descriptor and closes it exactly once, when its life ends.
@frozen
public struct FileDescriptor: ~Copyable, Sendable {
  /// The number, for calls that only borrow it. It must not outlive this value.
  public let raw: Int32

  /// Takes over `raw`; nobody else may close it.
  @inlinable
  public init(owning raw: Int32) { self.raw = raw }

  /// Gives the number up without closing it; the caller owns it now.
  @inlinable
  public consuming func release() -> Int32 {
    let raw = raw
    discard self
    return raw
  }

  /// No descriptor, where a place for one must be filled: nothing can be done with it, and nothing is closed.
  @inlinable public static var none: FileDescriptor { FileDescriptor(owning: -1) }

  /// Whether there is one.
  @inlinable public var isOpen: Bool { raw >= 0 }

  @inlinable
  deinit { if raw >= 0 { _ = close(raw) } }
}

extension FileDescriptor {
  /// A second descriptor for the same open file, closed on exec (fcntl(2) F_DUPFD_CLOEXEC).
  public func duplicate() throws(SystemError) -> FileDescriptor {
    let copy = fcntl(raw, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError("fcntl F_DUPFD_CLOEXEC") }
    return FileDescriptor(owning: copy)
  }
}

extension FileDescriptor {
  /// Blocks the calling thread until there is something to read (poll(2)); false when the time passed first.
  /// For control threads: the data path waits in epoll.
  public func waitReadable(timeout_ms: Int32) -> Bool {
    var watched = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, timeout_ms) == 1
  }

  /// Blocks the calling thread until one of `interest` (readable, writable) is so, or the other side has gone (poll(2)); false
  /// when the time passed first, or a signal came.
  public func wait(_ interest: Readiness, timeout_ms: Int32) -> Bool {
    // The kernel gave both calls the same bits (EPOLLIN and POLLIN, EPOLLOUT and POLLOUT).
    let events = Int16(truncatingIfNeeded: interest.intersection([.readable, .writable]).rawValue)
    var watched = pollfd(fd: raw, events: events, revents: 0)
    return poll(&watched, 1, timeout_ms) == 1
  }
}
