public import CLinux
public import Glibc
public import MeshModel

/// What accept(2) gave.
public enum AcceptOutcome: ~Copyable {
  case connection(FileDescriptor, from: SocketAddress)
  case wouldBlock
  /// The process or the system has no descriptor left (EMFILE, ENFILE, ENOBUFS, ENOMEM).
  case exhausted(Int32)
  /// The client had gone before it was accepted; the next may be fine.
  case aborted
}

extension FileDescriptor {
  /// Pending connections the kernel holds for one listener; net.core.somaxconn (4096 by default) caps it as well.
  public static let backlog: Int32 = 4096

  /// Binds a listening TCP socket that other workers can share (SO_REUSEPORT) and that a restart can take at once.
  ///
  /// An IPv6 listener takes IPv6 only: an IPv4-mapped client arrives as IPv4, so the two families never mix.
  ///
  /// With `shared` false nobody else may listen there, so it fails where somebody does.
  public static func listener(on address: SocketAddress, shared: Bool = true) throws(SystemError) -> FileDescriptor {
    let number = socket(
      address.kernelFamily,
      Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
      0
    )
    guard number >= 0 else { throw SystemError("socket", "\(address)") }
    let descriptor = FileDescriptor(owning: number)
    if !address.ip.isIPv4 { descriptor.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    descriptor.set(SOL_SOCKET, SO_REUSEADDR, 1)
    if shared { descriptor.set(SOL_SOCKET, SO_REUSEPORT, 1) }
    descriptor.setStreamOptions()
    let bound = address.withKernelAddress { pointer, size in bind(number, pointer, size) }
    guard bound == 0 else { throw SystemError("bind", "\(address)") }
    guard listen(number, backlog) == 0 else { throw SystemError("listen", "\(address)") }
    return descriptor
  }

  /// Takes one pending connection, non-blocking and closed on exec (weft_accept4(2)).
  @inlinable
  public func acceptConnection() -> AcceptOutcome {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    while true {
      let number = withUnsafeMutableBytes(of: &storage) {
        weft_accept4(
          raw,
          $0.assumingMemoryBound(to: sockaddr.self).baseAddress,
          &size,
          Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        )
      }
      if number >= 0 {
        let descriptor = FileDescriptor(owning: number)
        guard let source = SocketAddress(&storage) else { return .aborted }
        return .connection(descriptor, from: source)
      }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(errno)
      default: return .aborted  // accept(2): network errors of the pending connection; treat like a retry
      }
    }
  }

  /// Takes one pending connection of any family, for listeners whose clients' addresses do not matter; nil where none
  /// waits.
  public func acceptAny() -> FileDescriptor? {
    let number = weft_accept4(raw, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
    return number >= 0 ? FileDescriptor(owning: number) : nil
  }
}
