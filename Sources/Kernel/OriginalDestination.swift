public import CLinux
internal import Glibc
public import MeshModel

extension FileDescriptor {
  /// Where the client meant to go before REDIRECT rewrote it, as conntrack remembers.
  ///
  /// IPv4: level 0, option 80 (linux/netfilter_ipv4.h). IPv6: level 41, option 80
  /// (linux/netfilter_ipv6/ip6_tables.h). Nil where conntrack holds no entry, so nothing was redirected.
  @inlinable
  public func originalDestination(family: Int32) -> SocketAddress? {
    var storage = sockaddr_storage()
    let status: Int32
    if family == AF_INET {
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      status = getsockopt(raw, Int32(IPPROTO_IP), WEFT_SO_ORIGINAL_DST, &storage, &size)
    } else {
      var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
      status = getsockopt(raw, Int32(IPPROTO_IPV6), WEFT_IP6T_SO_ORIGINAL_DST, &storage, &size)
    }
    return status == 0 ? SocketAddress(&storage) : nil
  }
}
