public import DNS
public import MeshModel

/// Where the name server listens, and whom it asks.
public struct NameServerOptions: Sendable {
  /// The addresses that it listens on, by UDP and TCP; port 0 takes any that is free.
  public var listeners: [SocketAddress]
  /// The names it answers for.
  public var zone: Zone
  /// Whom it asks about others.
  public var resolvers: Resolvers
  /// Addresses from which a rule of the kernel's redirects queries to it, such as `10.0.0.2:53`; with the listeners they
  /// are never asked.
  public var redirected: [SocketAddress]
  /// The host's own addresses, for which `0.0.0.0` and `::` among `redirected` stand.
  public var local: Set<IPAddress>

  /// Where the name server listens unless told otherwise; programs come here by capture.
  public static let port: UInt16 = 15_053
  /// 127.0.0.1 and ::1.
  public static let defaultListeners = [
    SocketAddress(IPAddress(v4: 0x7f00_0001), port: port), SocketAddress(IPAddress(high: 0, low: 1), port: port),
  ]

  /// Where resolvers are found.
  public enum Resolvers: Hashable, Sendable {
    /// In a file such as resolv.conf(5), which is read again when it changes.
    case file(String)
    /// Here.
    case fixed(ResolverConfiguration)
  }

  /// Options; by default those of a host that serves itself.
  public init(
    listeners: [SocketAddress] = Self.defaultListeners,
    zone: Zone,
    resolvers: Resolvers = .file("/etc/resolv.conf"),
    redirected: [SocketAddress] = [],
    local: Set<IPAddress> = []
  ) {
    self.listeners = listeners
    self.zone = zone
    self.resolvers = resolvers
    self.redirected = redirected
    self.local = local
  }
}
