/// What a request would meet on its way out, told to a person: the service it is for, the rule that takes it, those that do
/// not and why, and where it would go. Nothing is sent to find out.
public struct RequestExplanation: Codable, Hashable, Sendable {
  /// What becomes of a request.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// It goes to the service itself, which no route is attached to.
    case direct
    /// A rule sends it to a backend.
    case routed
    /// A rule answers with a redirect.
    case redirected
    /// Routes are attached and no rule takes it: 404.
    case noRule
    /// A rule takes it that has no backend to send it to: 500.
    case noBackend
    /// The mesh does not know the destination, and the request goes where it was sent to.
    case originalDestination
    /// The mesh does not know the destination, and the workload may only ask whom the mesh knows.
    case refused
    /// A fault is injected into every request that comes so far, which is answered instead of being sent.
    case aborted
    /// It has passed more proxies than a request may: 508.
    case loop
    /// The proxy refuses the request before anything is looked up.
    case malformed
  }

  /// The request.
  public var request: ImaginedRequest
  /// Whose request it would be.
  public var workload: Workload
  /// What becomes of it.
  public var outcome: Outcome
  /// The status that the proxy itself answers; nil where whom the request is for answers, or its connection is reset. What
  /// comes by chance or by time is not counted.
  public var status: UInt16?
  /// The outcome as one sentence without its full stop.
  public var summary: String
  /// The service it is for.
  public var destination: Destination
  /// Every route that names the service as a parent.
  public var routes: [RoutePart]
  /// Every match of the routes that apply, in the order in which they are tried.
  public var candidates: [Candidate]
  /// The rule that takes it.
  public var rule: RulePart?
  /// Where it may go, with shares; the service itself where no rule says otherwise.
  public var backends: [Backend]
  /// What TrafficPolicies do to it, a clause each.
  public var traffic: [String]
  /// What NetworkPolicies say of the connection under it, where that goes to an address that is no service's; nil where the
  /// address is not known, or each endpoint is judged instead.
  public var connection: VerdictDescription?

  /// An explanation of which nothing is known yet but the request.
  public init(_ request: ImaginedRequest, workload: Workload) {
    self.request = request
    self.workload = workload
    outcome = .malformed
    summary = ""
    destination = Destination(service: "", found: .not, reason: "")
    routes = []
    candidates = []
    rule = nil
    backends = []
    traffic = []
  }

  /// The service a request is for, and how it was found.
  public struct Destination: Codable, Hashable, Sendable {
    /// How a service is found.
    public enum Found: String, Codable, Hashable, Sendable {
      case byName, byAddress
      case not
    }

    /// `namespace/name:port`; empty where none was found.
    public var service: String
    /// How it was found.
    public var found: Found
    /// Why, or why not.
    public var reason: String

    /// A destination.
    public init(service: String, found: Found, reason: String) {
      self.service = service
      self.found = found
      self.reason = reason
    }
  }

  /// A route that names the service as a parent.
  public struct RoutePart: Codable, Hashable, Sendable {
    /// `namespace/name`.
    public var route: String
    /// Whether it bears on this request's port, workload and host.
    public var applies: Bool
    /// Why, or why not.
    public var reason: String

    /// The part of one route.
    public init(route: String, applies: Bool, reason: String) {
      self.route = route
      self.applies = applies
      self.reason = reason
    }
  }

  /// One match of one rule.
  public struct Candidate: Codable, Hashable, Sendable {
    /// `namespace/route/rule`.
    public var rule: String
    /// Its place among the rule's matches; nil where the rule has none, and so takes everything.
    public var match: Int?
    /// Whether it holds.
    public var matches: Bool
    /// Whether it is the one that decided: the first that holds.
    public var isChosen: Bool
    /// What of it holds or, where it does not hold, the first thing that does not.
    public var reason: String

    /// A candidate.
    public init(rule: String, match: Int?, matches: Bool, isChosen: Bool = false, reason: String) {
      self.rule = rule
      self.match = match
      self.matches = matches
      self.isChosen = isChosen
      self.reason = reason
    }
  }

  /// The rule that takes the request.
  public struct RulePart: Codable, Hashable, Sendable {
    /// `namespace/route/rule`.
    public var rule: String
    /// What is done to request and response, a clause each, in order.
    public var filters: [String]
    /// Milliseconds for the whole; nil: no limit.
    public var requestTimeout_ms: UInt32?
    /// Milliseconds for one try; nil: no limit.
    public var backendTimeout_ms: UInt32?
    /// When it is tried again, as a clause; empty: never on account of the rule.
    public var retry: String

    /// The part of a rule.
    public init(
      rule: String,
      filters: [String],
      requestTimeout_ms: UInt32?,
      backendTimeout_ms: UInt32?,
      retry: String
    ) {
      self.rule = rule
      self.filters = filters
      self.requestTimeout_ms = requestTimeout_ms
      self.backendTimeout_ms = backendTimeout_ms
      self.retry = retry
    }
  }

  /// A service that the request may go to.
  public struct Backend: Codable, Hashable, Sendable {
    /// `namespace/name:port`.
    public var service: String
    /// Its weight.
    public var weight: UInt32
    /// Its share of requests, in percent.
    public var percent: Double
    /// Why requests to it fail, as a clause; empty where nothing is known to be wrong.
    public var problem: String
    /// What is done only to what goes to it, a clause each.
    public var filters: [String]
    /// Who serves it.
    public var endpoints: [EndpointPart]

    /// A backend.
    public init(
      service: String,
      weight: UInt32,
      percent: Double,
      problem: String = "",
      filters: [String] = [],
      endpoints: [EndpointPart] = []
    ) {
      self.service = service
      self.weight = weight
      self.percent = percent
      self.problem = problem
      self.filters = filters
      self.endpoints = endpoints
    }
  }

  /// One endpoint of a backend.
  public struct EndpointPart: Codable, Hashable, Sendable {
    /// Where it listens.
    public var address: SocketAddress
    /// Whether it takes new work.
    public var isReady: Bool
    /// The zone it runs in; empty where none is given.
    public var zone: String
    /// What NetworkPolicies say of a connection to it.
    public var egress: VerdictDescription?
    /// What the proxy's workers know of it; nil where no proxy was asked.
    public var live: LiveEndpoint?

    /// An endpoint.
    public init(_ endpoint: MeshModel.Endpoint) {
      address = endpoint.address
      isReady = endpoint.isReady
      zone = endpoint.zone
    }
  }
}
