/// What a request would meet that comes to the workload, told to a person: the connection, the path as it is judged, the
/// token, every policy, and what it counts against. Nothing is sent to find out.
public struct InboundExplanation: Codable, Hashable, Sendable {
  /// What becomes of a request.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// The program gets it.
    case allowed
    /// NetworkPolicies refuse the connection under it, which is reset.
    case connectionDenied
    /// Whoever connects must show an identity, and it shows none: the connection under it is reset.
    case unidentified
    /// AuthorizationPolicies refuse it: 403.
    case denied
    /// Its token is not right: 401.
    case unauthenticated
    /// It has passed more proxies than a request may: 508.
    case loop
    /// The proxy refuses it before anything is looked up.
    case malformed
  }

  /// The request.
  public var request: ImaginedRequest
  /// Who is asked.
  public var workload: Workload
  /// Where the connection comes from.
  public var source: IPAddress
  /// What is dialled.
  public var destination: SocketAddress
  /// What becomes of it.
  public var outcome: Outcome
  /// The status that the proxy itself answers; nil where the program answers, or the connection is reset. What comes by rate
  /// is not counted.
  public var status: UInt16?
  /// The outcome as one sentence without its full stop.
  public var summary: String
  /// What NetworkPolicies say of the connection.
  public var connection: VerdictDescription
  /// Whether its sender must show an identity; nil where the proxy asks nobody for one.
  public var peer: PeerExplanation?
  /// Who asks, as policies see it (`remote.ip`).
  public var client: Client
  /// What it is counted under.
  public var arrival: Arrival
  /// Its path.
  public var path: Path
  /// Its token.
  public var token: Token
  /// What AuthorizationPolicies say; nil where the proxy refuses it before.
  public var authorization: AuthorizationExplanation?

  /// An explanation of which nothing is known yet but the request.
  public init(
    _ request: ImaginedRequest,
    workload: Workload,
    source: IPAddress,
    destination: SocketAddress,
    connection: VerdictDescription
  ) {
    self.request = request
    self.workload = workload
    self.source = source
    self.destination = destination
    self.connection = connection
    outcome = .malformed
    summary = ""
    client = Client(address: source, reason: "")
    arrival = Arrival()
    path = Path(received: request.path, forwarded: request.path, hazards: [], reason: "")
    token = Token(.notAsked, reason: "", rules: [])
    authorization = nil
  }

  /// Who asks.
  public struct Client: Codable, Hashable, Sendable {
    /// The address that policies and limits go by.
    public var address: IPAddress
    /// Why it is that.
    public var reason: String

    /// A client.
    public init(address: IPAddress, reason: String) {
      self.address = address
      self.reason = reason
    }
  }

  /// The service and rule that a request is counted under, and what limits it there.
  public struct Arrival: Codable, Hashable, Sendable {
    /// `namespace/name:port`; empty where the destination serves none.
    public var service: String
    /// `namespace/route/rule`; empty where no rule takes it.
    public var rule: String
    /// Why it is these, or none.
    public var reason: String
    /// What TrafficPolicies say, a clause each.
    public var traffic: [String]
    /// The limit that counts it, as a clause; empty where none does.
    public var limit: String

    /// By default nothing.
    public init(
      service: String = "",
      rule: String = "",
      reason: String = "",
      traffic: [String] = [],
      limit: String = ""
    ) {
      self.service = service
      self.rule = rule
      self.reason = reason
      self.traffic = traffic
      self.limit = limit
    }
  }

  /// The path, as it comes and as it is judged and forwarded.
  public struct Path: Codable, Hashable, Sendable {
    /// Without the query.
    public var received: String
    /// Without the query.
    public var forwarded: String
    /// What means different things to different programs, such as `%2F`.
    public var hazards: [String]
    /// Why it is, or is not, normalised.
    public var reason: String

    /// A path.
    public init(received: String, forwarded: String, hazards: [String], reason: String) {
      self.received = received
      self.forwarded = forwarded
      self.hazards = hazards
      self.reason = reason
    }
  }

  /// The token, and the rules it is verified by. Never the token itself.
  public struct Token: Codable, Hashable, Sendable {
    /// What a token comes to.
    public enum Outcome: String, Codable, Hashable, Sendable {
      /// No RequestAuthentication selects the workload.
      case notAsked
      /// The request has none, and passes here.
      case absent
      case valid
      case refused
    }

    /// What it comes to.
    public var outcome: Outcome
    /// Why.
    public var reason: String
    /// Each rule in force, a clause each.
    public var rules: [String]

    /// A token's part.
    public init(_ outcome: Outcome, reason: String, rules: [String]) {
      self.outcome = outcome
      self.reason = reason
      self.rules = rules
    }
  }
}
