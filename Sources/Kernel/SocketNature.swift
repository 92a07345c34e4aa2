internal import CLinux
internal import Glibc
public import MeshModel

/// What a socket is that somebody else made: what answers by UDP, or accepts by TCP, and where (socket(7) SO_DOMAIN, SO_TYPE,
/// SO_PROTOCOL, SO_ACCEPTCONN).
public struct SocketNature: Hashable, Sendable {
  /// How it is spoken to.
  public enum Transport: Hashable, Sendable {
    /// By datagrams.
    case udp
    /// By connections, which it accepts.
    case tcp
  }

  /// How it is spoken to.
  public let transport: Transport
  /// Where it is bound, in the network namespace that it was made in.
  public let address: SocketAddress
}

extension FileDescriptor {
  /// Nil for what is neither a UDP socket nor one that listens by TCP, and for what is not bound.
  public var nature: SocketNature? {
    guard let domain = option(SO_DOMAIN), domain == AF_INET || domain == AF_INET6, let address = localAddress(),
      address.port != 0, address.ip.isIPv4 == (domain == AF_INET)
    else { return nil }
    switch (option(SO_TYPE), option(SO_PROTOCOL)) {
    case (Int32(SOCK_DGRAM.rawValue), Int32(IPPROTO_UDP)): return SocketNature(transport: .udp, address: address)
    case (Int32(SOCK_STREAM.rawValue), Int32(IPPROTO_TCP)):
      return option(SO_ACCEPTCONN) == 1 ? SocketNature(transport: .tcp, address: address) : nil
    default: return nil
    }
  }

  private func option(_ name: Int32) -> Int32? {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(raw, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
  }
}
