public import MeshModel

/// The policies of one snapshot, compiled for one workload.
///
/// As in Kubernetes, a direction that no policy restricts is open; one that some policy restricts is closed to
/// all but what a rule of any of them allows. Loopback and the traffic a workload has with itself never reach
/// a proxy, so no rule here speaks of them.
public final class PolicyTable: Sendable {
  /// Whom it decides for.
  public let workload: Workload
  /// What it was compiled from; nil where none is loaded and everything passes.
  public let snapshot: Snapshot?
  private let inbound: RuleList
  private let outbound: RuleList

  /// Compiles `snapshot` for `workload`; nil passes everything and says so.
  public init(_ snapshot: Snapshot?, for workload: Workload) {
    let policies = snapshot ?? .empty
    self.workload = workload
    self.snapshot = snapshot
    self.inbound = RuleList(policies, workload, .inbound)
    self.outbound = RuleList(policies, workload, .outbound)
  }

  /// What `older` says, in the name of `snapshot`, whose policies are the same: nothing is compiled again.
  public init(_ older: PolicyTable, samePoliciesIn snapshot: Snapshot) {
    workload = older.workload
    self.snapshot = snapshot
    inbound = older.inbound
    outbound = older.outbound
  }

  /// The table of a workload without policy.
  public static let passEverything = PolicyTable(nil, for: .unlabelled)

  /// Decides about a flow: inbound, `peer` is who dials; outbound, `peer` is who is dialled. `port` is the
  /// destination port in both. It neither allocates nor locks.
  public func decide(_ direction: Direction, peer: IPAddress, port: UInt16, transport: Transport) -> Verdict {
    guard snapshot != nil else { return Verdict(.allow, .noSnapshot, direction) }
    return direction == .inbound
      ? decide(inbound, direction, peer, port, transport) : decide(outbound, direction, peer, port, transport)
  }

  @inline(__always)
  private func decide(
    _ rules: borrowing RuleList,
    _ direction: Direction,
    _ peer: IPAddress,
    _ port: UInt16,
    _ transport: Transport
  ) -> Verdict {
    guard rules.firstPolicy != Verdict.noPolicy else { return Verdict(.allow, .notRestricted, direction) }
    guard let match = rules.firstMatch(peer: peer, port: port, transport: transport) else {
      return Verdict(.deny, .noRuleAllows, direction, policy: rules.firstPolicy)
    }
    return Verdict(.allow, .ruleAllows, direction, policy: match.policy, rule: match.rule)
  }

  /// Tells a verdict of this table in words.
  public func describe(_ verdict: Verdict) -> VerdictDescription {
    let policy = snapshot.flatMap {
      $0.policies.indices.contains(Int(verdict.policy)) ? $0.policies[Int(verdict.policy)].fullName : nil
    }
    return VerdictDescription(
      decision: verdict.decision,
      policy: policy ?? "",
      rule: verdict.reason == .ruleAllows ? "\(verdict.direction.policyField)[\(verdict.rule)]" : "",
      reason: verdict.reason.sentence(verdict.direction)
    )
  }
}

extension Verdict.Reason {
  /// The reason as a sentence without its full stop.
  func sentence(_ direction: Direction) -> String {
    switch self {
    case .unasked: "each request is judged by the endpoint it goes to"
    case .noSnapshot: "no policy is loaded"
    case .notRestricted: "no policy restricts the workload's \(direction.policyField)"
    case .ruleAllows: "a rule allows it"
    case .noRuleAllows: "the workload's \(direction.policyField) is restricted and no rule allows it"
    }
  }
}
