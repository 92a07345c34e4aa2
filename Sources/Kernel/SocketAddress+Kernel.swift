public import CLinux
internal import Glibc
public import MeshModel

extension SocketAddress {
  /// Reads an `AF_INET` or `AF_INET6` address as the kernel writes it (netinet/in.h); nil for other families.
  @inlinable
  public init?(_ storage: inout sockaddr_storage) {
    let found = withUnsafeBytes(of: &storage) { bytes -> SocketAddress? in
      switch Int32(bytes.load(as: sa_family_t.self)) {
      case AF_INET:
        let v4 = bytes.load(as: sockaddr_in.self)
        return SocketAddress(
          IPAddress(v4: UInt32(bigEndian: v4.sin_addr.s_addr)),
          port: UInt16(bigEndian: v4.sin_port)
        )
      case AF_INET6:
        let v6 = bytes.load(as: sockaddr_in6.self)
        let words = withUnsafeBytes(of: v6.sin6_addr) {
          ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        return SocketAddress(
          IPAddress(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1)),
          port: UInt16(bigEndian: v6.sin6_port),
          scope: v6.sin6_scope_id
        )
      default:
        return nil
      }
    }
    guard let found else { return nil }
    self = found
  }

  /// `AF_INET` for IPv4 (mapped spellings included), else `AF_INET6`.
  @inlinable public var kernelFamily: Int32 { ip.isIPv4 ? AF_INET : AF_INET6 }

  /// Lends the address in the kernel's form, on the stack.
  @inlinable
  public func withKernelAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    if ip.isIPv4 {
      var v4 = sockaddr_in()
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = port.bigEndian
      v4.sin_addr.s_addr = ip.v4.bigEndian
      return withUnsafeBytes(of: &v4) { bytes in
        lend(bytes, body)
      }
    }
    var v6 = sockaddr_in6()
    v6.sin6_family = sa_family_t(AF_INET6)
    v6.sin6_port = port.bigEndian
    v6.sin6_scope_id = scope
    withUnsafeMutableBytes(of: &v6.sin6_addr) { bytes in
      bytes.storeBytes(of: ip.high.bigEndian, as: UInt64.self)
      bytes.storeBytes(of: ip.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return withUnsafeBytes(of: &v6) { bytes in
      lend(bytes, body)
    }
  }

  @inlinable
  func lend<Result>(
    _ bytes: UnsafeRawBufferPointer,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    bytes.withMemoryRebound(to: sockaddr.self) { rebound in
      // The buffer is a local of this call, so it has a base address.
      body(rebound.baseAddress.unsafelyUnwrapped, socklen_t(bytes.count))
    }
  }
}
