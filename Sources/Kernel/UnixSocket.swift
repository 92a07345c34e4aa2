internal import CLinux
internal import Glibc

/// Local stream sockets, with what only they can do: tell who is at the other end, and pass descriptors (unix(7)).
public enum UnixSocket {
  /// Most bytes of a path; sun_path holds 108 with its NUL.
  public static let pathLimit = 107
  /// Descriptors in one message (SCM_MAX_FD).
  public static let descriptorLimit = 253

  /// Who connected, as the kernel saw it then (SO_PEERCRED).
  public struct Peer: Sendable {
    /// Its process, in this process's PID namespace.
    public let pid: Int32
    /// Its effective user.
    public let uid: UInt32
  }

  /// Listens at `path`, readable and writable by owner and group. A socket file that nobody listens on any more, as
  /// kill -9 leaves it, is replaced; anything else in the way is an error.
  public static func listen(at path: String) throws(SystemError) -> FileDescriptor {
    let descriptor = try make()
    if try bind(descriptor, path) != 0 {
      let reason = errno
      guard reason == EADDRINUSE, isAbandoned(path) else { throw SystemError("bind", path, code: reason) }
      unlink(path)
      guard try bind(descriptor, path) == 0 else { throw SystemError("bind", path) }
    }
    chmod(path, 0o660)
    guard Glibc.listen(descriptor.raw, 64) == 0 else { throw SystemError("listen", path) }
    return descriptor
  }

  /// Connects to a listener at `path`; blocking, but no call waits longer than `patience_ms` for a listener whose queue
  /// stays full, or later for a peer that does not read: it fails with EAGAIN.
  public static func connect(to path: String, patience_ms: Int = 2000) throws(SystemError) -> FileDescriptor {
    let descriptor = try make(blocking: true)
    var patience = timeval(tv_sec: patience_ms / 1000, tv_usec: patience_ms % 1000 * 1000)
    _ = setsockopt(descriptor.raw, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    let status = try withAddress(path) { Glibc.connect(descriptor.raw, $0, $1) }
    guard status == 0 else { throw SystemError("connect", path) }
    return descriptor
  }

  /// Connects to a listener at `path` without ever waiting, and neither does the socket. A listener whose queue is full
  /// fails it with EAGAIN: try again later.
  public static func connectWithoutWaiting(to path: String) throws(SystemError) -> FileDescriptor {
    let descriptor = try make()
    let status = try withAddress(path) { Glibc.connect(descriptor.raw, $0, $1) }
    guard status == 0 else { throw SystemError("connect", path) }
    return descriptor
  }

  /// Removes a socket file; the listener behind it lives on, unseen.
  public static func forget(_ path: String) { unlink(path) }

  /// Who is at the other end of a connected socket; nil where the kernel cannot tell.
  public static func peer(of socket: borrowing FileDescriptor) -> Peer? {
    var found = weft_peer_credentials()
    var size = socklen_t(MemoryLayout<weft_peer_credentials>.size)
    guard getsockopt(socket.raw, SOL_SOCKET, SO_PEERCRED, &found, &size) == 0 else { return nil }
    return Peer(pid: found.pid, uid: found.uid)
  }

  /// A socket file whose listener is gone refuses connections.
  private static func isAbandoned(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
    // Without waiting: a listener that is only slow has a full queue (EAGAIN).
    guard let probe = try? make() else { return false }
    let outcome = try? withAddress(path) { Glibc.connect(probe.raw, $0, $1) }
    return outcome == -1 && errno == ECONNREFUSED
  }

  static func make(blocking: Bool = false) throws(SystemError) -> FileDescriptor {
    let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | (blocking ? 0 : SOCK_NONBLOCK.rawValue))
    let number = socket(AF_UNIX, flags, 0)
    guard number >= 0 else { throw SystemError("socket", "AF_UNIX") }
    return FileDescriptor(owning: number)
  }

  private static func bind(_ descriptor: borrowing FileDescriptor, _ path: String) throws(SystemError) -> Int32 {
    try withAddress(path) { Glibc.bind(descriptor.raw, $0, $1) }
  }

  /// Lends `path` as a socket address.
  static func withAddress(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(SystemError) -> Int32 {
    guard path.utf8.count <= pathLimit else {
      throw SystemError("use as a socket's path (\(pathLimit) bytes at most)", path, code: ENAMETOOLONG)
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
