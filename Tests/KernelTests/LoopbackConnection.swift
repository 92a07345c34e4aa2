import CLinux
import Glibc
import Kernel
import MeshModel

/// A TCP connection of this process to itself, over loopback.
final class LoopbackConnection {
  /// How the client's socket is made.
  enum Family: CaseIterable {
    case ipv4, ipv6
    /// An AF_INET6 socket that talks IPv4 (RFC 4291 section 2.5.5.2).
    case mapped
  }

  /// The dialling end; -1 once closed.
  private(set) var client: Int32
  private let listener: Int32
  private let accepted: Int32
  let source: SocketAddress
  let destination: SocketAddress

  init?(_ family: Family) {
    let kernelFamily = family == .ipv4 ? AF_INET : AF_INET6
    let listenerFamily = family == .ipv6 ? AF_INET6 : AF_INET
    guard let loopback = IPAddress(family == .ipv6 ? "::1" : "127.0.0.1") else { return nil }
    let listener = socket(listenerFamily, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let client = socket(kernelFamily, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let address = SocketAddress(loopback, port: 0)
    let bound = address.withKernelAddress { bind(listener, $0, $1) }
    guard bound == 0, listen(listener, 1) == 0, let target = Self.address(getsockname, listener) else { return nil }
    let connected =
      family == .mapped
      ? Self.connectMapped(client, port: target.port) : target.withKernelAddress { connect(client, $0, $1) }
    guard connected == 0 else { return nil }
    accepted = accept(listener, nil, nil)
    guard let from = Self.address(getsockname, client), let to = Self.address(getpeername, client) else { return nil }
    self.listener = listener
    self.client = client
    source = from
    destination = to
  }

  deinit {
    closeClient()
    close(accepted)
    close(listener)
  }

  func closeClient() {
    if client >= 0 { close(client) }
    client = -1
  }

  /// The end that was dialled says no more.
  func finishServer() { shutdown(accepted, Int32(SHUT_WR)) }

  private static func connectMapped(_ socket: Int32, port: UInt16) -> Int32 {
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    _ = inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
  }

  private static func address(
    _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32,
    _ socket: Int32
  ) -> SocketAddress? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(socket, $0, &size) }
    }
    return result == 0 ? SocketAddress(&storage) : nil
  }
}
