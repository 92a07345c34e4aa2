internal import CLinux
internal import Glibc
public import MeshModel

/// The addresses of a network namespace (getifaddrs(3)).
public enum InterfaceAddresses {
  /// Those of all interfaces that are up, each once, IPv4 first.
  public static var all: [IPAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: Set<IPAddress> = []
    var next = list
    while let entry = next {
      next = entry.pointee.ifa_next
      guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.pointee.ifa_addr else { continue }
      if let ip = ip(address) { found.insert(ip) }
    }
    return found.sorted { ($0.isIPv4 ? 0 : 1, $0) < ($1.isIPv4 ? 0 : 1, $1) }
  }

  /// The address in a socket address of either family; nil for others.
  private static func ip(_ address: UnsafePointer<sockaddr>) -> IPAddress? {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      let bits = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }
      return IPAddress(v4: UInt32(bigEndian: bits))
    case AF_INET6:
      let bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee.sin6_addr }
      let words = withUnsafeBytes(of: bytes) { $0.loadUnaligned(as: (UInt64, UInt64).self) }
      return IPAddress(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
    default: return nil
    }
  }
}
