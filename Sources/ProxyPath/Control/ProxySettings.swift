/// What an operator decides when starting a proxy. Times are whole seconds.
public struct ProxySettings: Sendable {
  /// Names the admin socket and every record's origin.
  public var name = "default"
  /// Where `iptables` sends what programs dial.
  public var outboundPort: UInt16 = usualOutboundPort
  /// Where `iptables` sends what arrives; more than one where source ports may collide (capture case 14).
  public var inboundPorts: ClosedRange<UInt16> = usualInboundPort...usualInboundPort
  /// Where other proxies' mesh transport will arrive; never to be redirected to, nor used for anything else.
  public static let transportPort: UInt16 = 15008
  /// Prometheus text on every address; nil: none.
  public var metricsPort: UInt16? = usualMetricsPort
  /// `/live` and `/ready` on every address; nil: none.
  public var healthPort: UInt16? = usualHealthPort
  /// The compiled policies; nil: everything passes, and the proxy says so.
  public var snapshotPath: String?
  /// The agent's socket, where services, endpoints and policies come from instead of a file; nil: no agent.
  public var agentPath: String?
  /// Whether the agent answers what the pod's programs ask for names, where `weft-capture --capture-dns` sends that.
  public var answersNames = false
  /// Where `weft-capture --capture-dns` redirects to; the agent's own port of its loopback too.
  public static let namesPort: UInt16 = 15053
  /// Whom to ask for the hosts that ServiceEntries name (resolv.conf(5)).
  public var resolverPath = "/etc/resolv.conf"
  /// The pod's namespace and labels, which choose the policies that apply.
  public var namespace = "default"
  /// The account of its identity, `.../ns/<namespace>/sa/<service account>`; the agent says whether it may have it.
  public var serviceAccount = "default"
  /// `key=value,...`, or `@FILE` with one a line.
  public var labelText = ""
  /// Holds the admin socket `proxy-NAME.sock`.
  public var runDirectory = usualRunDirectory(of: "default")
  /// The account to run as, where started as root.
  public var user = "1337"
  /// Event loops; nil: one a core the process may use.
  public var workers: Int?
  /// How long an upstream handshake may take. Shorter than the 1 to 7 s of SYN retries users know, long enough for two.
  public var connectTimeout_s: UInt32 = 5
  /// How long a connection may say nothing either way: beyond the 350 s to 1 h of common load balancers.
  public var idleTimeout_s: UInt32 = 3600
  /// From SIGTERM to the end, whatever is still open.
  public var drainTimeout_s: UInt32 = 30
  /// Where records go.
  public var log = LogTarget.journal
  /// Where the secrets of TLS sessions are written, so that captured packets can be read; nil, as always but for that: nowhere.
  public var keyLogPath: String?
  /// Takes the listening sockets over from the running proxy of the same name instead of failing on its ports.
  public var replacesRunning = false

  /// A directory of the proxy's own, as its unit has it: /run/weft is the agent's, in which another user may make nothing, and
  /// ought not to.
  public static func usualRunDirectory(of name: String) -> String { "/run/weft-proxy-\(name)" }

  /// `outboundPort` where nobody says otherwise: this and the next three are what mesh users know.
  public static let usualOutboundPort: UInt16 = 15001
  /// `inboundPorts` where nobody says otherwise.
  public static let usualInboundPort: UInt16 = 15006
  /// `metricsPort` where nobody says otherwise.
  public static let usualMetricsPort: UInt16 = 15020
  /// `healthPort` where nobody says otherwise.
  public static let usualHealthPort: UInt16 = 15021

  /// The defaults.
  public init() {}

  /// Where records go.
  public enum LogTarget: String, Sendable, CaseIterable {
    /// journald; JSON lines on standard error while it cannot be reached.
    case journal
    case stderr
    case none
  }
}
