internal import Glibc
internal import Kernel
internal import MeshModel
internal import Registry

/// The host's addresses and its name, as the kernel has them.
enum HostAddresses {
  /// What the registry must know: where instances listen that say nothing, and what users may say.
  static func options(_ settings: AgentSettings) -> RegistryState.Options {
    let own = interfaces
    let wanted = settings.addresses.isEmpty ? own.filter { !$0.isLoopback && !$0.isLinkLocalIPv6 } : settings.addresses
    return RegistryState.Options(hostAddresses: wanted.isEmpty ? [.loopback] : wanted, localAddresses: Set(own))
  }

  /// The address by which others reach this host; nil where it has none but loopback.
  static func first(_ settings: AgentSettings) -> IPAddress? {
    settings.addresses.first ?? interfaces.first { !$0.isLoopback && !$0.isLinkLocalIPv6 }
  }

  /// The addresses of all interfaces that are up, IPv4 first (getifaddrs(3)).
  static var interfaces: [IPAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var found: [IPAddress] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ifa_next
      guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.pointee.ifa_addr,
        let ip = IPAddress(address), !found.contains(ip)
      else { continue }
      found.append(ip)
    }
    return found.sorted()
  }

  /// The name of the host (gethostname(2)).
  static var kernelName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension IPAddress {
  /// 127.0.0.1.
  static let loopback = IPAddress(v4: 0x7f00_0001)

  /// The address in a socket address of either family; nil for others.
  fileprivate init?(_ address: UnsafePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      self.init(v4: UInt32(bigEndian: address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }))
    case AF_INET6:
      let bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { $0.pointee.sin6_addr }
      let words = withUnsafeBytes(of: bytes) { $0.loadUnaligned(as: (UInt64, UInt64).self) }
      self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
    default: return nil
    }
  }
}
