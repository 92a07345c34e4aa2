public import MeshModel

/// What was decided about a flow, small enough to keep with every connection (8 bytes).
///
/// The indices mean something only to the `PolicyTable` that made the verdict: describe it by that table
/// before the next one replaces it.
public struct Verdict: Hashable, Sendable, BitwiseCopyable {
  /// Whether the flow may pass.
  public let decision: VerdictDescription.Decision
  /// Why it was decided so.
  public let reason: Reason
  /// Seen from the workload.
  public let direction: Direction
  /// Index of the policy in the snapshot; `noPolicy` where none decided.
  public let policy: UInt16
  /// Index of the rule in that policy and direction.
  public let rule: UInt16

  /// `policy` of a verdict that no policy made.
  public static let noPolicy = UInt16.max

  /// Of a connection to a service, whose requests are judged one by one.
  public static let unasked = Verdict(.allow, .unasked, .outbound)

  /// Whether the flow may pass.
  public var isAllowed: Bool { decision == .allow }

  /// Why it was decided so.
  public enum Reason: UInt8, Hashable, Sendable, BitwiseCopyable {
    /// Nobody was asked yet: each request is judged by where it goes.
    case unasked
    /// There is no snapshot, so everything passes.
    case noSnapshot
    /// No policy restricts the workload in this direction.
    case notRestricted
    /// `rule` of `policy` allows it.
    case ruleAllows
    /// Policies restrict the workload in this direction and no rule allows it; `policy` is the first of them.
    case noRuleAllows
  }

  @inlinable
  init(
    _ decision: VerdictDescription.Decision,
    _ reason: Reason,
    _ direction: Direction,
    policy: UInt16 = noPolicy,
    rule: UInt16 = 0
  ) {
    self.decision = decision
    self.reason = reason
    self.direction = direction
    self.policy = policy
    self.rule = rule
  }
}
