internal import Glibc
public import MeshModel

/// A TCP listener whose socket belongs to a pod.
public final class PodListener: Sendable {
  private let socket: Descriptor
  /// Where it listens; the port is the kernel's choice where 0 was asked for.
  public let address: SocketAddress

  /// Listens on `address` inside `pod`; `backlog` 0 makes a server that stops answering after one waiting connection.
  public init(in pod: Pod, on address: SocketAddress, backlog: Int32 = 128) throws {
    let number = try pod.inside { try Self.open(address) }
    socket = Descriptor(owning: number)
    var one: Int32 = 1
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    guard address.withRaw({ bind(number, $0, $1) }) == 0 else { throw SocketFailure("bind \(address)") }
    guard listen(number, backlog) == 0 else { throw SocketFailure("listen \(address)") }
    self.address = Self.address(number, getsockname) ?? address
  }

  /// The next connection.
  ///
  /// - Throws: `SocketFailure` with `ETIMEDOUT` when none came within `limit`.
  public func accept(within limit: Duration = Deadline.usual) throws -> PodStream {
    var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, Deadline(limit).millisecondsLeft) > 0 else {
      throw SocketFailure("accept", code: ETIMEDOUT)
    }
    let number = Glibc.accept(socket.number, nil, nil)
    guard number >= 0 else { throw SocketFailure("accept") }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return PodStream(owning: number)
  }

  /// Stops listening; connections that wait in its queue are reset.
  public func close() { socket.close() }

  static func open(_ address: SocketAddress) throws -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let number = Glibc.socket(address.ip.isIPv4 ? AF_INET : AF_INET6, kind, 0)
    guard number >= 0 else { throw SocketFailure("socket") }
    return number
  }

  static func address(
    _ number: Int32,
    _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(number, $0, &length) }
    }
    return result == 0 ? SocketAddress(raw: storage) : nil
  }
}
