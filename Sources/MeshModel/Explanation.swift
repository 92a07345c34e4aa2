/// What was decided, told to a person: the decision, who made it, and why.
public struct VerdictDescription: Codable, Hashable, Sendable {
  /// Whether a flow may pass.
  public enum Decision: String, Codable, Hashable, Sendable, BitwiseCopyable {
    case allow, deny
  }

  /// Whether it may pass.
  public var decision: Decision
  /// `namespace/name` of the policy that decided; empty where none did.
  public var policy: String
  /// The rule of that policy, such as `ingress[0]`; empty where no single rule decided.
  public var rule: String
  /// One sentence without a final full stop.
  public var reason: String

  /// A description; by default no policy decided.
  public init(decision: Decision, policy: String = "", rule: String = "", reason: String) {
    self.decision = decision
    self.policy = policy
    self.rule = rule
    self.reason = reason
  }
}

/// A verdict with the part that every policy of the snapshot had in it.
public struct Explanation: Codable, Hashable, Sendable {
  /// Seen from the workload.
  public var direction: Direction
  /// The protocol.
  public var transport: Transport
  /// The address on the other side: the source of an inbound flow, the destination of an outbound one.
  public var peer: IPAddress
  /// The destination port.
  public var port: UInt16
  /// The workload that the policies were matched against.
  public var workload: Workload
  /// The content revision of the snapshot; nil where none is loaded.
  public var revision: String?
  /// What is decided.
  public var verdict: VerdictDescription
  /// One entry for each policy of the snapshot, in its order.
  public var policies: [PolicyPart]
  /// Whether who connects must show an identity; nil of an outbound flow, and where nobody is asked for one.
  public var identity: PeerExplanation?

  /// An explanation.
  public init(
    direction: Direction,
    transport: Transport,
    peer: IPAddress,
    port: UInt16,
    workload: Workload,
    revision: String?,
    verdict: VerdictDescription,
    policies: [PolicyPart]
  ) {
    self.direction = direction
    self.transport = transport
    self.peer = peer
    self.port = port
    self.workload = workload
    self.revision = revision
    self.verdict = verdict
    self.policies = policies
  }

  /// What one policy had to say.
  public struct PolicyPart: Codable, Hashable, Sendable {
    /// How a policy bears on a flow.
    public enum Outcome: String, Codable, Hashable, Sendable {
      /// One of its rules allows the flow.
      case allows
      /// It restricts the workload in this direction, and none of its rules allows the flow.
      case doesNotAllow
      /// It does not speak of this direction.
      case otherDirection
      /// It does not select the workload.
      case notSelected
    }

    /// `namespace/name`.
    public var policy: String
    /// How it bears on the flow.
    public var outcome: Outcome
    /// Why, as a clause without a full stop.
    public var reason: String
    /// Each rule for the direction; empty where the policy does not apply.
    public var rules: [RulePart]

    /// The part of one policy.
    public init(policy: String, outcome: Outcome, reason: String, rules: [RulePart] = []) {
      self.policy = policy
      self.outcome = outcome
      self.reason = reason
      self.rules = rules
    }
  }

  /// What one rule had to say, of a NetworkPolicy or of an AuthorizationPolicy.
  public struct RulePart: Codable, Hashable, Sendable {
    /// Such as `ingress[0]`.
    public var rule: String
    /// Whether the rule matches the flow or the request.
    public var matches: Bool
    /// Clauses about what the rule asks for, such as the peer and the port: what matched, or why not.
    public var reasons: [String]

    /// The part of one rule.
    public init(rule: String, matches: Bool, reasons: [String]) {
      self.rule = rule
      self.matches = matches
      self.reasons = reasons
    }
  }
}
