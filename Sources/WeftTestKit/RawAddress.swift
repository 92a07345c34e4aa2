internal import Glibc
internal import MeshModel

extension SocketAddress {
  /// Runs `body` with this address as the kernel takes it (sockaddr_in, or sockaddr_in6 for IPv6).
  func withRaw<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result) rethrows -> Result {
    var storage = sockaddr_storage()
    return try withUnsafeMutableBytes(of: &storage) { bytes in
      let length = ip.isIPv4 ? writeV4(bytes) : writeV6(bytes)
      return try bytes.withMemoryRebound(to: sockaddr.self) { rebound in
        guard let base = rebound.baseAddress else { preconditionFailure("storage has an address") }
        return try body(base, socklen_t(length))
      }
    }
  }

  private func writeV4(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_port = port.bigEndian
    raw.sin_addr.s_addr = ip.v4.bigEndian
    bytes.storeBytes(of: raw, as: sockaddr_in.self)
    return MemoryLayout<sockaddr_in>.size
  }

  private func writeV6(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
    var raw = sockaddr_in6()
    raw.sin6_family = sa_family_t(AF_INET6)
    raw.sin6_port = port.bigEndian
    raw.sin6_scope_id = scope
    withUnsafeMutableBytes(of: &raw.sin6_addr) {
      $0.storeBytes(of: ip.high.bigEndian, toByteOffset: 0, as: UInt64.self)
      $0.storeBytes(of: ip.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    bytes.storeBytes(of: raw, as: sockaddr_in6.self)
    return MemoryLayout<sockaddr_in6>.size
  }

  /// Reads one back; nil for another family.
  init?(raw storage: sockaddr_storage) {
    self = withUnsafeBytes(of: storage) { bytes in
      if storage.ss_family == sa_family_t(AF_INET6) {
        let raw = bytes.load(as: sockaddr_in6.self)
        let words = withUnsafeBytes(of: raw.sin6_addr) {
          ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        let ip = IPAddress(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
        return SocketAddress(ip, port: UInt16(bigEndian: raw.sin6_port))
      }
      let raw = bytes.load(as: sockaddr_in.self)
      return SocketAddress(
        IPAddress(v4: UInt32(bigEndian: raw.sin_addr.s_addr)),
        port: UInt16(bigEndian: raw.sin_port)
      )
    }
  }
}
