internal import Glibc
internal import Kernel

/// A datagram socket connected to journald; it never blocks.
struct JournalSocket: ~Copyable {
  /// What became of one datagram.
  enum Outcome: Equatable {
    case sent
    /// journald's queue is full (EAGAIN).
    case busy
    /// More than a datagram takes (EMSGSIZE, ENOBUFS): pass it as a file.
    case tooLarge
    /// Nobody reads this socket any more, or never did (ECONNREFUSED, ENOENT, …).
    case gone(SystemError)
  }

  private let descriptor: FileDescriptor

  /// Connects to the socket at `path`. Throws `SystemError`.
  init(path: String) throws(SystemError) {
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard number >= 0 else { throw SystemError("socket", "AF_UNIX") }
    let owned = FileDescriptor(owning: number)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { target in
      target.copyBytes(from: path.utf8.prefix(Self.maximumPathBytes))
    }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw SystemError("connect", path) }
    descriptor = owned
  }

  /// A path and its NUL must fit into sun_path's 108 bytes.
  static let maximumPathBytes = 107

  /// Sends one datagram.
  borrowing func send(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    outcome(Glibc.send(descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
  }

  /// Sends an empty datagram that carries `file` (SCM_RIGHTS, unix(7)).
  borrowing func send(file: borrowing FileDescriptor) -> Outcome {
    // CMSG_SPACE(sizeof(int)): the header, the number, and padding to a word.
    let headerBytes = MemoryLayout<cmsghdr>.size
    return withUnsafeTemporaryAllocation(
      byteCount: headerBytes + MemoryLayout<UInt>.size,
      alignment: MemoryLayout<cmsghdr>.alignment
    ) { control in
      control.initializeMemory(as: UInt8.self, repeating: 0)
      var header = cmsghdr()
      header.cmsg_len = headerBytes + MemoryLayout<Int32>.size
      header.cmsg_level = SOL_SOCKET
      header.cmsg_type = Int32(SCM_RIGHTS)
      control.storeBytes(of: header, as: cmsghdr.self)
      control.storeBytes(of: file.raw, toByteOffset: headerBytes, as: Int32.self)
      var message = msghdr()
      message.msg_control = control.baseAddress
      message.msg_controllen = control.count
      return outcome(sendmsg(descriptor.raw, &message, Int32(MSG_NOSIGNAL)))
    }
  }

  /// Waits until journald has room again, `timeout_ms` at most.
  borrowing func waitForRoom(timeout_ms: Int32) {
    var entry = pollfd(fd: descriptor.raw, events: Int16(POLLOUT), revents: 0)
    _ = poll(&entry, 1, timeout_ms)
  }

  private borrowing func outcome(_ result: Int) -> Outcome {
    if result >= 0 { return .sent }
    switch errno {
    case EAGAIN, EINTR: return .busy
    case EMSGSIZE, ENOBUFS: return .tooLarge
    default: return .gone(SystemError("send", "journald"))
    }
  }
}
