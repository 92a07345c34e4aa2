/// Istio's AuthorizationPolicy (security.istio.io/v1): who may ask what of a workload, judged at the workload's own
/// proxy.
///
/// A request is denied if a DENY policy matches; else allowed if there is no ALLOW policy or one matches; else denied.
/// AUDIT policies only leave a word in the record.
public struct AuthorizationPolicy: Hashable, Sendable {
  /// What it means that a policy matches.
  public enum Action: String, Hashable, Sendable, CaseIterable {
    case allow = "ALLOW"
    case deny = "DENY"
    case audit = "AUDIT"
  }

  /// The namespace whose workloads it is for.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// The workloads of the namespace it applies to (`selector.matchLabels`).
  public var selector: LabelSelector
  /// What its match means.
  public var action: Action
  /// Only records what it would have done (annotation `istio.io/dry-run: "true"`).
  public var isDryRun: Bool
  /// Any of these is enough to match; empty never matches, so an ALLOW policy without rules denies all.
  public var rules: [Rule]

  /// A policy.
  public init(
    namespace: String,
    name: String,
    selector: LabelSelector = LabelSelector(),
    action: Action = .allow,
    isDryRun: Bool = false,
    rules: [Rule] = []
  ) {
    self.namespace = namespace
    self.name = name
    self.selector = selector
    self.action = action
    self.isDryRun = isDryRun
    self.rules = rules
  }

  /// `namespace/name`, by which verdicts name the policy.
  public var fullName: String { "\(namespace)/\(name)" }

  /// Whether the policy applies to `workload` at all.
  public func selects(_ workload: Workload) -> Bool {
    namespace == workload.namespace && selector.selects(workload.labels)
  }

  /// Matches where some source, some operation and every condition match; an empty list asks for nothing.
  public struct Rule: Hashable, Sendable {
    /// Who asks.
    public var from: [Source]
    /// What is asked.
    public var to: [Operation]
    /// Under which conditions.
    public var when: [Condition]

    /// A rule; by default it matches every request.
    public init(from: [Source] = [], to: [Operation] = [], when: [Condition] = []) {
      self.from = from
      self.to = to
      self.when = when
    }
  }

  /// Every list that is given must match; a `not` list matches where none of its entries does.
  public struct Source: Hashable, Sendable {
    /// Identities of the peer, `trust domain/ns/namespace/sa/account`.
    public var principals: [TextMatch] = []
    /// Identities that it must not have.
    public var notPrincipals: [TextMatch] = []
    /// `issuer/subject` of a verified token.
    public var requestPrincipals: [TextMatch] = []
    /// None of these.
    public var notRequestPrincipals: [TextMatch] = []
    /// The namespace of the peer's identity.
    public var namespaces: [TextMatch] = []
    /// None of these.
    public var notNamespaces: [TextMatch] = []
    /// The address the connection came from.
    public var ipBlocks: [IPPrefix] = []
    /// None of these.
    public var notIPBlocks: [IPPrefix] = []
    /// The client's address: whom a declared forwarder names in x-forwarded-for, else the connection's.
    public var remoteIPBlocks: [IPPrefix] = []
    /// None of these.
    public var notRemoteIPBlocks: [IPPrefix] = []

    /// A source that asks for nothing yet.
    public init() {}
  }

  /// Every list that is given must match.
  public struct Operation: Hashable, Sendable {
    /// Compared without regard to case.
    public var hosts: [TextMatch] = []
    /// None of these.
    public var notHosts: [TextMatch] = []
    /// The port that was dialled.
    public var ports: [UInt16] = []
    /// None of these.
    public var notPorts: [UInt16] = []
    /// Case matters, as in HTTP.
    public var methods: [TextMatch] = []
    /// None of these.
    public var notMethods: [TextMatch] = []
    /// The normalised path, without the query.
    public var paths: [TextMatch] = []
    /// None of these.
    public var notPaths: [TextMatch] = []

    /// An operation that asks for nothing yet.
    public init() {}
  }

  /// An attribute that must have one of `values`, and none of `notValues`.
  public struct Condition: Hashable, Sendable {
    /// The attribute.
    public var key: Key
    /// One of these must match; empty: nothing is asked.
    public var values: [TextMatch]
    /// None of these may match.
    public var notValues: [TextMatch]

    /// A condition.
    public init(_ key: Key, values: [TextMatch] = [], notValues: [TextMatch] = []) {
      self.key = key
      self.values = values
      self.notValues = notValues
    }
  }

  /// What a condition asks about (Istio's "conditions" reference).
  public enum Key: Hashable, Sendable {
    /// `request.headers[name]`, lower case; every occurrence is judged.
    case header(String)
    case sourceIP
    case remoteIP
    case sourceNamespace
    case sourcePrincipal
    case requestPrincipal
    case requestAudiences
    case requestPresenter
    /// `request.auth.claims[a][b]`.
    case claim([String])
    case destinationIP
    case destinationPort
    /// `connection.sni`.
    case serverName
  }
}

/// Istio's way to write a text to compare with: `abc`, `abc*`, `*abc`, or `*` for any that is there.
public enum TextMatch: Hashable, Sendable {
  case exact(String)
  case prefix(String)
  case suffix(String)
  /// Any, but not none.
  case present
}

extension TextMatch: LosslessStringConvertible {
  /// Reads Istio's form; never fails.
  public init(_ text: String) {
    if text == "*" {
      self = .present
    } else if text.hasPrefix("*") {
      // Before the other, as in Istio: `*a*` is whatever ends in `a*`.
      self = .suffix(String(text.dropFirst()))
    } else if text.hasSuffix("*") {
      self = .prefix(String(text.dropLast()))
    } else {
      self = .exact(text)
    }
  }

  /// The form that the initializer reads.
  public var description: String {
    switch self {
    case .exact(let text): text
    case .prefix(let text): "\(text)*"
    case .suffix(let text): "*\(text)"
    case .present: "*"
    }
  }
}
