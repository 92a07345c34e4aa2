/// What authorization decides about a request, with the part that every policy had in it.
public struct AuthorizationExplanation: Codable, Hashable, Sendable {
  /// The workload that the policies were matched against.
  public var workload: Workload
  /// Where the connection came from.
  public var source: IPAddress
  /// The address and port that were dialled.
  public var destination: SocketAddress
  /// The request's method.
  public var method: String
  /// The host it names, without port.
  public var host: String
  /// The path as it is forwarded, without the query.
  public var path: String
  /// What is decided.
  public var verdict: VerdictDescription
  /// The dry-run policy by which it would be decided otherwise; empty where there is none.
  public var dryRunPolicy: String
  /// The first AUDIT policy that matches; empty where none does.
  public var auditPolicy: String
  /// One entry for each policy, in their order.
  public var policies: [PolicyPart]

  /// An explanation.
  public init(
    workload: Workload,
    source: IPAddress,
    destination: SocketAddress,
    method: String,
    host: String,
    path: String,
    verdict: VerdictDescription,
    dryRunPolicy: String = "",
    auditPolicy: String = "",
    policies: [PolicyPart]
  ) {
    self.workload = workload
    self.source = source
    self.destination = destination
    self.method = method
    self.host = host
    self.path = path
    self.verdict = verdict
    self.dryRunPolicy = dryRunPolicy
    self.auditPolicy = auditPolicy
    self.policies = policies
  }

  /// What one policy had to say.
  public struct PolicyPart: Codable, Hashable, Sendable {
    /// How a policy bears on a request.
    public enum Outcome: String, Codable, Hashable, Sendable {
      /// One of its rules matches.
      case matches
      /// It applies, and none of its rules matches.
      case doesNotMatch
      /// It does not select the workload.
      case notSelected
    }

    /// `namespace/name`.
    public var policy: String
    /// ALLOW, DENY or AUDIT.
    public var action: String
    /// Whether it is only tried.
    public var isDryRun: Bool
    /// How it bears on the request.
    public var outcome: Outcome
    /// Why, as a clause without a full stop.
    public var reason: String
    /// Each of its rules; empty where the policy does not apply.
    public var rules: [RulePart]

    /// The part of one policy.
    public init(
      policy: String,
      action: String,
      isDryRun: Bool,
      outcome: Outcome,
      reason: String,
      rules: [RulePart] = []
    ) {
      self.policy = policy
      self.action = action
      self.isDryRun = isDryRun
      self.outcome = outcome
      self.reason = reason
      self.rules = rules
    }
  }

  /// What one rule had to say: clauses about the source, the operation and each condition.
  public typealias RulePart = Explanation.RulePart
}
