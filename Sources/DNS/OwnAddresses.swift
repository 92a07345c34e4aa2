public import MeshModel

/// Where the name server itself listens, so that it never asks itself.
public struct OwnAddresses: Hashable, Sendable {
  /// Its listening addresses; `0.0.0.0` and `::` stand for all addresses of the host.
  public var listeners: [SocketAddress]
  /// The addresses of the host, or of the namespaces that it serves.
  public var local: Set<IPAddress>

  /// Own addresses. Where a rule of the kernel's sends port 53 of some address to the name server, name that address
  /// and port too.
  public init(listeners: [SocketAddress], local: Set<IPAddress> = []) {
    self.listeners = listeners
    self.local = local
  }

  /// Whether a message to `address` would come back to us.
  public func contains(_ address: SocketAddress) -> Bool {
    let isLocal = local.contains(address.ip) || address.ip.isLoopback || address.ip.isUnspecified
    return listeners.contains { $0.port == address.port && ($0.ip == address.ip || $0.ip.isUnspecified && isLocal) }
  }
}
