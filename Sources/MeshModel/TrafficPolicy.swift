/// Envoy Gateway's BackendTrafficPolicy (gateway.envoyproxy.io/v1alpha1), as far as it speaks of injected faults, local
/// rate limits and the choice of endpoints; and Istio's DestinationRule, as far as it speaks of that choice and of TLS.
public struct TrafficPolicy: Hashable, Sendable {
  /// The namespace it lives in, and its targets with it.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// What it is for.
  public var targets: [Target]
  /// Faults, injected where requests leave.
  public var fault: Fault?
  /// Limits, enforced where requests arrive.
  public var rateLimits: [RateLimit]
  /// How an endpoint is chosen; nil: power of two choices on peak EWMA.
  public var loadBalancing: LoadBalancing?
  /// How endpoints are spoken to; nil: by the mesh's mutual TLS where they belong to the mesh (Istio's DestinationRule).
  public var tls: UpstreamTLS?
  /// Ports of which something else holds, each once.
  public var portTLS: [PortTLS]

  /// A policy; by default it asks for nothing.
  public init(
    namespace: String,
    name: String,
    targets: [Target],
    fault: Fault? = nil,
    rateLimits: [RateLimit] = [],
    loadBalancing: LoadBalancing? = nil,
    tls: UpstreamTLS? = nil,
    portTLS: [PortTLS] = []
  ) {
    self.namespace = namespace
    self.name = name
    self.targets = targets
    self.fault = fault
    self.rateLimits = rateLimits
    self.loadBalancing = loadBalancing
    self.tls = tls
    self.portTLS = portTLS
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }

  /// A document of the same namespace; a route's policy wins over its service's, whole.
  public enum Target: Hashable, Sendable {
    case service(String)
    case route(String)
    case grpcRoute(String)
    /// Services that have a name outside the mesh like this, perhaps with `*.` before (`Service.hostPatterns`); a policy for
    /// the service itself, or for a more specific name of it, wins.
    case host(String)
  }

  /// Faults for part of the requests.
  public struct Fault: Hashable, Sendable {
    /// Milliseconds to wait before the request goes on.
    public var delay_ms: UInt32?
    /// The share of requests that wait.
    public var delayPartsPerMillion: UInt32
    /// The status to answer with instead.
    public var abortStatus: UInt16?
    /// The share of requests that are answered so.
    public var abortPartsPerMillion: UInt32

    /// Faults; by default none.
    public init(
      delay_ms: UInt32? = nil,
      delayPartsPerMillion: UInt32 = 1_000_000,
      abortStatus: UInt16? = nil,
      abortPartsPerMillion: UInt32 = 1_000_000
    ) {
      self.delay_ms = delay_ms
      self.delayPartsPerMillion = delayPartsPerMillion
      self.abortStatus = abortStatus
      self.abortPartsPerMillion = abortPartsPerMillion
    }
  }

  /// So many requests in so long a time; the first rule whose selectors all match a request counts it.
  public struct RateLimit: Hashable, Sendable {
    /// Header fields the request must have, names lower case.
    public var headers: [HTTPRoute.ValueMatch]
    /// Where the client must be; nil: anywhere.
    public var source: IPPrefix?
    /// Whether each client address has an allowance of its own (`sourceCIDR.type: Distinct`).
    public var isPerClient: Bool
    /// Requests allowed in `period_s`.
    public var requests: UInt32
    /// 1, 60, 3600 or 86400.
    public var period_s: UInt32

    /// A limit.
    public init(
      headers: [HTTPRoute.ValueMatch] = [],
      source: IPPrefix? = nil,
      isPerClient: Bool = false,
      requests: UInt32,
      period_s: UInt32
    ) {
      self.headers = headers
      self.source = source
      self.isPerClient = isPerClient
      self.requests = requests
      self.period_s = period_s
    }
  }

  /// The document's words for it.
  public enum LoadBalancing: String, Hashable, Sendable, CaseIterable {
    case leastRequest = "LeastRequest"
    case roundRobin = "RoundRobin"
    case random = "Random"
  }
}
