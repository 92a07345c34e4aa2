/// A logical name with ports (Kubernetes Service, core/v1), and the endpoints that stand behind each port now.
///
/// The endpoints come from EndpointSlices; a service without any answers nobody, which is not the same as unknown.
public struct Service: Hashable, Sendable {
  /// The namespace it lives in.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// The virtual addresses that programs dial (`clusterIPs`); empty for a headless service, whose endpoints are dialled
  /// themselves.
  public var addresses: [IPAddress]
  /// Its ports, each number once.
  public var ports: [Port]
  /// Whether its endpoints are asked by clients of whom they tell the truth in x-forwarded-for, as a gateway does
  /// (annotation `weft.mesh/forwards-clients: "true"`).
  public var forwardsClients: Bool
  /// Names of it that are none of the mesh's, lower case, perhaps with `*.` before, as TLS clients ask for it (a
  /// ServiceEntry's `hosts`).
  public var hosts: [String]

  /// A service.
  public init(
    namespace: String,
    name: String,
    addresses: [IPAddress] = [],
    ports: [Port] = [],
    forwardsClients: Bool = false,
    hosts: [String] = []
  ) {
    self.namespace = namespace
    self.name = name
    self.addresses = addresses
    self.ports = ports
    self.forwardsClients = forwardsClients
    self.hosts = hosts
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }

  /// Endpoints by address, and whether they are ready: a port that answers under two numbers has one.
  public var distinctEndpoints: [SocketAddress: Bool] {
    Dictionary(ports.flatMap(\.endpoints).map { ($0.address, $0.isReady) }) { $0 || $1 }
  }

  /// One port of a service.
  public struct Port: Hashable, Sendable {
    /// Its name; empty where the service has one port and names none.
    public var name: String
    /// The number that programs dial.
    public var port: UInt16
    /// What is spoken there, where the document says so (`appProtocol`, or Istio's name prefix such as `http-`).
    public var appProtocol: AppProtocol
    /// Who serves it.
    public var endpoints: [Endpoint]
    /// Who else does, by names that each proxy finds the addresses of.
    public var named: [NamedEndpoint]

    /// A port.
    public init(
      name: String = "",
      port: UInt16,
      appProtocol: AppProtocol = .unspecified,
      endpoints: [Endpoint] = [],
      named: [NamedEndpoint] = []
    ) {
      self.name = name
      self.port = port
      self.appProtocol = appProtocol
      self.endpoints = endpoints
      self.named = named
    }
  }

  /// What programs speak on a port. Nothing but HTTP passes where it is `http`; to `http2` and `grpc` HTTP/1 is translated; else
  /// the proxy finds out by looking.
  public enum AppProtocol: String, Hashable, Sendable, CaseIterable {
    /// Not said: detected on each connection.
    case unspecified = ""
    case http
    case http2
    case grpc
    case tls
    /// Never looked into.
    case tcp
  }
}

/// One address behind a service (discovery.k8s.io/v1 EndpointSlice).
public struct Endpoint: Hashable, Sendable {
  /// Where it listens: the target port.
  public var address: SocketAddress
  /// Whether it takes new work (`conditions.ready`; absent means yes).
  public var isReady: Bool
  /// The zone it runs in; empty where none is given.
  public var zone: String
  /// Who its proxy must prove to be to a peer that dials it; nil where nobody says it.
  public var identity: SPIFFEID?
  /// Whether a proxy takes the mesh's transport (port 15008) at its address. What is for it must not go in plain text then,
  /// also while that proxy does not answer.
  public var isMeshed: Bool

  /// An endpoint.
  public init(
    _ address: SocketAddress,
    isReady: Bool = true,
    zone: String = "",
    identity: SPIFFEID? = nil,
    isMeshed: Bool = false
  ) {
    self.address = address
    self.isReady = isReady
    self.zone = zone
    self.identity = identity
    self.isMeshed = isMeshed
  }
}

/// What becomes of a connection or request to a name the mesh does not know (Istio's Sidecar `outboundTrafficPolicy`).
public enum OutboundMode: String, Hashable, Sendable, Codable, CaseIterable {
  /// It goes to its original destination.
  case allowAny = "ALLOW_ANY"
  /// It is refused.
  case registryOnly = "REGISTRY_ONLY"
}
