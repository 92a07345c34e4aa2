/// What would become of a connection of a program that speaks TLS itself, told to a person: the service that the name in its
/// hello leads to, the TLSRoute that takes it, those that do not and why, and where it would go. Nothing is dialled to find out.
public struct ServerNameExplanation: Codable, Hashable, Sendable {
  /// What becomes of a connection.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// It goes to an endpoint of the service itself, which no TLSRoute is attached to.
    case direct
    /// A TLSRoute sends it to a backend.
    case routed
    /// TLSRoutes are attached and none is for the name: it is refused.
    case noRoute
    /// The TLSRoute that takes it has no backend to send it to: it is refused.
    case noBackend
    /// The mesh does not know the name, and the connection goes where it was dialled.
    case originalDestination
    /// The mesh does not know the name, and the workload may only reach whom the mesh knows.
    case refused
    /// The service whose address is dialled takes requests only, and a hello is none.
    case requestsOnly
    /// Of the service whose address is dialled nobody can be connected to before it is known who is asked for.
    case unreachable
  }

  /// What is asked about.
  public var question: ServerNameQuestion
  /// Whose connection it would be.
  public var workload: Workload
  /// What becomes of it.
  public var outcome: Outcome
  /// The outcome as one sentence without its full stop.
  public var summary: String
  /// The service it is for.
  public var destination: RequestExplanation.Destination
  /// The hosts of services that were looked at: those that hold the name, the one that counts first, then others.
  public var hosts: [HostPart]
  /// Hosts that do not hold the name and are not told.
  public var hostsLeftOut: Int
  /// Every TLSRoute that names the service as a parent.
  public var routes: [RequestExplanation.RoutePart]
  /// `namespace/route/rule` of the rule that takes it; empty where none does.
  public var rule: String
  /// Where it may go, with shares; the service itself where no TLSRoute says otherwise.
  public var backends: [RequestExplanation.Backend]
  /// The service whose address is dialled, one of whose endpoints is connected to before the hello is there; nil where the
  /// address is no service's, or not known.
  public var dialled: RequestExplanation.Backend?
  /// What NetworkPolicies say of the connection to where it was dialled, where that is no service's address; nil where it is
  /// not known.
  public var connection: VerdictDescription?

  /// An explanation of which nothing is known yet but the question.
  public init(_ question: ServerNameQuestion, workload: Workload) {
    self.question = question
    self.workload = workload
    outcome = .originalDestination
    summary = ""
    destination = .init(service: "", found: .not, reason: "")
    hosts = []
    hostsLeftOut = 0
    routes = []
    rule = ""
    backends = []
  }

  /// One name of a service's `hosts`.
  public struct HostPart: Codable, Hashable, Sendable {
    /// `namespace/name`.
    public var service: String
    /// As the document has it, perhaps with `*.` before.
    public var host: String
    /// Whether it holds the name that is asked for.
    public var holds: Bool
    /// Whether it is the one that leads.
    public var isChosen: Bool
    /// Why, or why not.
    public var reason: String

    /// A host.
    public init(service: String, host: String, holds: Bool, isChosen: Bool = false, reason: String) {
      self.service = service
      self.host = host
      self.holds = holds
      self.isChosen = isChosen
      self.reason = reason
    }
  }
}

extension ServerNameExplanation {
  /// Why the connection would not get to anybody, as a sentence without its full stop; nil where it would, as far as is known.
  public var refusal: String? {
    if let connection, connection.decision == .deny {
      return "the connection is refused before anything is said on it: \(connection.reason)"
        + (connection.policy.isEmpty ? "" : " (\(connection.policy))")
    }
    if let dialled, dialled.isForbidden {
      return "NetworkPolicies forbid every endpoint that is ready of \(dialled.service), whose address is dialled"
    }
    switch outcome {
    case .originalDestination: return nil
    case .noRoute, .noBackend, .refused, .requestsOnly, .unreachable: return summary
    case .direct, .routed:
      if backends.contains(where: \.takesConnections) { return nil }
      return areForbidden
        ? "NetworkPolicies forbid every endpoint that is ready"
        : "there is no endpoint that can be connected to"
    }
  }

  /// `WEFT_REASON` of the connection's record where the proxy itself ends it; nil where it does not, and where a record of a
  /// request says why.
  public var closeReason: String? {
    if connection?.decision == .deny || dialled?.isForbidden == true { return "denied" }
    switch outcome {
    case .originalDestination, .requestsOnly: return nil
    case .noRoute, .noBackend: return "no-route"
    case .refused: return "unknown-name"
    case .unreachable: return "upstream-unreachable"
    case .direct, .routed:
      if backends.contains(where: \.takesConnections) { return nil }
      return areForbidden ? "denied" : "no-endpoint"
    }
  }

  private var areForbidden: Bool { backends.contains { $0.percent > 0 && $0.isForbidden } }
}

extension RequestExplanation.Backend {
  /// Whether a connection may come to it and get through.
  public var takesConnections: Bool { problem.isEmpty && isUsable }

  /// Whether there is somebody to connect to, and NetworkPolicies forbid all of them.
  fileprivate var isForbidden: Bool {
    let ready = endpoints.filter(\.isReady)
    return problem.isEmpty && !ready.isEmpty && ready.allSatisfy { $0.egress?.decision == .deny }
  }
}
