/// What was decided about a request, small enough to keep with it (10 bytes).
///
/// The indices are those of the policies that the `AuthorizationTable` was made from and mean something only to it:
/// describe a verdict by that table before the next one replaces it.
public struct RequestVerdict: Hashable, Sendable, BitwiseCopyable {
  /// Whether the request may pass.
  public let isAllowed: Bool
  /// Why it was decided so.
  public let reason: Reason
  /// Index of the policy that decided; `none` where no single one did.
  public let policy: UInt16
  /// Index of the rule in that policy; it means nothing where `policy` is `none`.
  public let rule: UInt16
  /// Index of a dry-run policy by which it would have been decided otherwise; `none` where there is none.
  public var dryRunPolicy: UInt16
  /// Index of the first AUDIT policy that matched; `none` where none did.
  public var auditPolicy: UInt16

  /// The index that names no policy.
  public static let none = UInt16.max

  /// Why a request was allowed or denied.
  public enum Reason: UInt8, Hashable, Sendable, BitwiseCopyable, CaseIterable {
    /// No ALLOW policy selects the workload and no DENY policy matches.
    case notRestricted
    /// `rule` of the ALLOW policy `policy` matches.
    case allowMatches
    /// `rule` of the DENY policy `policy` matches.
    case denyMatches
    /// ALLOW policies select the workload and none matches; `policy` is the first of them.
    case noAllowMatches
    /// `rule` of the DENY policy `policy` asks what could not be judged, and what cannot be judged is denied.
    case matchFailed
    /// Policies speak of paths, and the program might read another path from this one than they did.
    case hazardousPath
  }

  /// A verdict; by default no policy made it, none was tried and none audits it.
  @inlinable
  public init(
    isAllowed: Bool,
    reason: Reason,
    policy: UInt16 = none,
    rule: UInt16 = 0,
    dryRunPolicy: UInt16 = none,
    auditPolicy: UInt16 = none
  ) {
    self.isAllowed = isAllowed
    self.reason = reason
    self.policy = policy
    self.rule = rule
    self.dryRunPolicy = dryRunPolicy
    self.auditPolicy = auditPolicy
  }

  /// The verdict where no policy selects the workload.
  public static let notRestricted = RequestVerdict(isAllowed: true, reason: .notRestricted)
}
