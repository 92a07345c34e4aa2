public import CLinux
public import Glibc
public import MeshModel

/// How starting a connection went.
public enum DialOutcome: ~Copyable {
  /// The handshake is under way; writability tells its end.
  case connecting(FileDescriptor)
  /// The kernel refused at once; the value is `errno`.
  case failed(Int32)
}

/// Starts a TCP connection without waiting for it (connect(2), SOCK_NONBLOCK).
@inlinable
public func dial(_ destination: SocketAddress) -> DialOutcome {
  let number = socket(
    destination.kernelFamily,
    Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
    0
  )
  guard number >= 0 else { return .failed(errno) }
  let descriptor = FileDescriptor(owning: number)
  descriptor.setStreamOptions()
  let status = destination.withKernelAddress { address, size in connect(descriptor.raw, address, size) }
  guard status == 0 || errno == EINPROGRESS else { return .failed(errno) }
  return .connecting(descriptor)
}

/// The `errno` values of a failed connect that mean something of their own (connect(2)).
public enum DialError {
  /// The other side answered the handshake with a reset.
  public static let refused = ECONNREFUSED
  /// The handshake succeeded, and a reset came before anyone looked: how a proxy on the other side refuses.
  public static let reset = ECONNRESET
  /// There is no way to the other side.
  public static let unreachable = EHOSTUNREACH
  /// Nothing answered, as the kernel sees it.
  public static let timedOut = ETIMEDOUT
  /// Whether nothing answers there, or there is no way there: who is asked again will not answer either for a while.
  public static func isSilence(_ code: Int32) -> Bool {
    code == timedOut || code == unreachable || code == ENETUNREACH || code == EHOSTDOWN
  }
  /// This process has no descriptor left for the upstream's socket.
  public static let tooManyOpen = EMFILE
  /// The whole system has none left.
  public static let tooManyOpenInSystem = ENFILE
}
