internal import Glibc
internal import Kernel
internal import MeshModel
internal import Registry

/// The host's addresses and its name, as the kernel has them.
enum HostAddresses {
  /// What the registry must know: where instances listen that say nothing, and what users may say.
  static func options(_ settings: AgentSettings) -> RegistryState.Options {
    let own = InterfaceAddresses.all
    let wanted = settings.addresses.isEmpty ? own.filter { !$0.isLoopback && !$0.isLinkLocalIPv6 } : settings.addresses
    return RegistryState.Options(hostAddresses: wanted.isEmpty ? [.loopback] : wanted, localAddresses: Set(own))
  }

  /// The address by which others reach this host; nil where it has none but loopback.
  static func first(_ settings: AgentSettings) -> IPAddress? {
    settings.addresses.first ?? InterfaceAddresses.all.first { !$0.isLoopback && !$0.isLinkLocalIPv6 }
  }

  /// Where the program was started (getcwd(3)).
  static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
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
}
