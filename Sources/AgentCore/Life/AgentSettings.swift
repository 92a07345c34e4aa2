public import MeshModel

/// What an operator decides when starting an agent. A lone host needs none of it.
public struct AgentSettings: Sendable {
  /// What must survive a restart.
  public var dataDirectory = "/var/lib/weft"
  /// Holds the socket `agent.sock`.
  public var runDirectory = "/run/weft"
  /// The host's name in the mesh; nil: the kernel's.
  public var hostName: String?
  /// The name of a mesh that is created here; its virtual IPv6 addresses follow from it.
  public var meshName = "weft"
  /// The trust domain of a mesh that is created here (SPIFFE-ID section 2.1).
  public var trustDomain = "weft.local"
  /// Where other hosts reach this one, and where its services listen that name no address; empty: the addresses of its
  /// interfaces, which a lone host needs nobody to reach.
  public var addresses: [IPAddress] = []
  /// Where other agents connect to, by TCP.
  public var peerPort: UInt16 = 15012
  /// Where Serf gossips, by UDP and TCP.
  public var gossipPort: UInt16 = 7946
  /// The token of a mesh to join at the first start; nil: this host makes a mesh of its own.
  public var joinToken: String?
  /// Where the name server listens.
  public var nameServers: [SocketAddress] = AgentSettings.defaultNameServers
  /// The user of proxies, as scripts/weft-init makes it.
  public static let usualProxyUser: UInt32 = 1337
  /// The user that proxies run as; only it and root may hand over sockets on which names are answered.
  public var proxyUser = Self.usualProxyUser
  /// Files that say which services this host runs.
  public var servicesDirectory = "/etc/weft/services"
  /// The host's resolvers, for names that are not the mesh's.
  public var resolverFile = "/etc/resolv.conf"
  /// Prometheus text and health on loopback; nil: none.
  public var metricsPort: UInt16? = 15014
  /// Where log entries go.
  public var log = LogTarget.journal

  /// The defaults.
  public init() {}

  /// The port that `weft-capture --capture-dns` redirects to.
  public static let namePort: UInt16 = 15053

  /// Both loopback addresses: programs of the host are redirected there, and nobody else reaches it.
  public static let defaultNameServers = [
    SocketAddress(IPAddress(v4: 0x7f00_0001), port: namePort),
    SocketAddress(IPAddress(high: 0, low: 1), port: namePort),
  ]

  /// Where log entries go.
  public enum LogTarget: String, Sendable, CaseIterable {
    /// journald; JSON lines on standard error while it cannot be reached.
    case journal
    case stderr
  }

  /// The agent's socket.
  public var socketPath: String { runDirectory + "/agent.sock" }
  /// Where proxies hand over their pods' sockets for names.
  public var namesSocketPath: String { runDirectory + "/names.sock" }
}
