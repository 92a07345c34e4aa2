public import HTTP1
public import MeshModel

/// The AuthorizationPolicies of one snapshot that select one workload, compiled: immutable and shared by all workers.
///
/// As in Istio: a request is denied if a DENY policy matches; else allowed if there is no ALLOW policy or one matches;
/// else denied. AUDIT policies are only noted. A dry-run policy is tried and noted where it would have decided
/// otherwise. Where policies speak of paths, a path that two programs could read differently is denied first.
public final class AuthorizationTable: Sendable {
  /// Whom it decides for.
  public let workload: Workload
  /// All that the table was made from, in order: what verdicts index.
  public let policies: [AuthorizationPolicy]
  /// Whether no policy selects the workload: every request passes.
  public let isEmpty: Bool
  /// Whether a policy that decides speaks of paths: then the path must be normalised before it is judged, and what is
  /// forwarded is the normalised path. Policies that only audit or are tried judge whatever path they are given.
  public let usesPaths: Bool
  /// Whether a policy asks about tokens.
  public let usesTokens: Bool

  private let rules: CompiledRules
  private let denies: PolicyList
  private let allows: PolicyList
  private let audits: PolicyList
  private let triedDenies: PolicyList
  private let triedAllows: PolicyList

  /// The policies of one action: a run of the compiled rules.
  private struct PolicyList {
    var rules = 0..<0
    /// The first policy of the list, and the first with a rule on paths; `RequestVerdict.none` where there is none.
    var firstPolicy = RequestVerdict.none
    var firstWithPaths = RequestVerdict.none
  }

  /// Compiles those of `policies` that select `workload`. A snapshot's limits hold their numbers within 16 bits.
  public init(_ policies: [AuthorizationPolicy], for workload: Workload) {
    var compiled = CompiledRules()
    func list(_ action: AuthorizationPolicy.Action, isDryRun: Bool = false) -> PolicyList {
      var list = PolicyList()
      let first = compiled.rules.count
      for (index, policy) in policies.enumerated()
      where policy.action == action && policy.isDryRun == isDryRun && policy.selects(workload) {
        let index = UInt16(index)
        if list.firstPolicy == RequestVerdict.none { list.firstPolicy = index }
        if list.firstWithPaths == RequestVerdict.none, policy.usesPaths { list.firstWithPaths = index }
        compiled.append(policy, index: index)
      }
      list.rules = first..<compiled.rules.count
      return list
    }
    denies = list(.deny)
    allows = list(.allow)
    audits = list(.audit)
    triedDenies = list(.deny, isDryRun: true)
    triedAllows = list(.allow, isDryRun: true)
    self.workload = workload
    self.policies = policies
    rules = compiled
    isEmpty = [denies, allows, audits, triedDenies, triedAllows].allSatisfy { $0.firstPolicy == RequestVerdict.none }
    usesPaths = denies.firstWithPaths != RequestVerdict.none || allows.firstWithPaths != RequestVerdict.none
    usesTokens = compiled.checks.contains {
      [.requestPrincipal, .presenter, .audience, .claim].contains($0.subject)
    }
  }

  /// Decides about a request. It neither allocates nor locks.
  public func decide(_ head: borrowing RequestHead, _ facts: borrowing RequestFacts) -> RequestVerdict {
    guard !isEmpty else { return .notRestricted }
    var verdict = enforce(head, facts)
    if !audits.rules.isEmpty, let audit = rules.firstMatch(audits.rules, head, facts) {
      verdict.auditPolicy = audit.policy
    }
    if triedDenies.firstPolicy != RequestVerdict.none || triedAllows.firstPolicy != RequestVerdict.none {
      verdict.dryRunPolicy = tryOut(head, facts, verdict)
    }
    return verdict
  }

  /// Decides about a connection in which no request can be seen: another protocol, or none so far. Of the facts, those that
  /// only a request has are not looked at.
  public func decide(connection facts: borrowing RequestFacts) -> RequestVerdict {
    if !denies.rules.isEmpty, let rule = rules.firstMatch(denies.rules, ofConnection: facts) {
      return RequestVerdict(isAllowed: false, reason: .denyMatches, policy: rule.policy, rule: rule.rule)
    }
    guard allows.firstPolicy != RequestVerdict.none else { return .notRestricted }
    guard let rule = rules.firstMatch(allows.rules, ofConnection: facts) else {
      return RequestVerdict(isAllowed: false, reason: .noAllowMatches, policy: allows.firstPolicy)
    }
    return RequestVerdict(isAllowed: true, reason: .allowMatches, policy: rule.policy, rule: rule.rule)
  }

  @inline(__always)
  private func enforce(_ head: borrowing RequestHead, _ facts: borrowing RequestFacts) -> RequestVerdict {
    if usesPaths, !facts.hazards.isEmpty { return RequestVerdict(isAllowed: false, reason: .hazardousPath) }
    if !denies.rules.isEmpty, let rule = rules.firstMatch(denies.rules, head, facts) {
      let reason: RequestVerdict.Reason = rule.isJudgeable ? .denyMatches : .matchFailed
      return RequestVerdict(isAllowed: false, reason: reason, policy: rule.policy, rule: rule.rule)
    }
    guard allows.firstPolicy != RequestVerdict.none else { return .notRestricted }
    guard let rule = rules.firstMatch(allows.rules, head, facts) else {
      return RequestVerdict(isAllowed: false, reason: .noAllowMatches, policy: allows.firstPolicy)
    }
    return RequestVerdict(isAllowed: true, reason: .allowMatches, policy: rule.policy, rule: rule.rule)
  }

  /// The dry-run policy that would have turned the verdict, were all of them enforced.
  private func tryOut(
    _ head: borrowing RequestHead,
    _ facts: borrowing RequestFacts,
    _ verdict: RequestVerdict
  ) -> UInt16 {
    let isHazardous = !facts.hazards.isEmpty
    let denying: UInt16
    if isHazardous, triedDenies.firstWithPaths != RequestVerdict.none {
      denying = triedDenies.firstWithPaths
    } else if isHazardous, triedAllows.firstWithPaths != RequestVerdict.none {
      denying = triedAllows.firstWithPaths
    } else {
      denying = rules.firstMatch(triedDenies.rules, head, facts)?.policy ?? RequestVerdict.none
    }
    let allowing = rules.firstMatch(triedAllows.rules, head, facts)?.policy ?? RequestVerdict.none
    switch verdict.reason {
    case .allowMatches: return denying
    case .notRestricted:
      // The first ALLOW policy closes what was open.
      return denying == RequestVerdict.none && allowing == RequestVerdict.none ? triedAllows.firstPolicy : denying
    case .noAllowMatches: return denying == RequestVerdict.none ? allowing : RequestVerdict.none
    // More policies cannot undo these.
    case .denyMatches, .matchFailed, .hazardousPath: return RequestVerdict.none
    }
  }

  /// `namespace/name` of the policy that a verdict of this table names; empty for `RequestVerdict.none`.
  public func policyName(_ index: UInt16) -> String {
    policies.indices.contains(Int(index)) ? policies[Int(index)].fullName : ""
  }

  /// Tells who decided and why; for the policies tried and auditing see `policyName`.
  public func describe(_ verdict: RequestVerdict) -> VerdictDescription {
    VerdictDescription(
      decision: verdict.isAllowed ? .allow : .deny,
      policy: policyName(verdict.policy),
      rule: verdict.reason.hasRule ? "rules[\(verdict.rule)]" : "",
      reason: verdict.reason.sentence
    )
  }
}

extension RequestVerdict.Reason {
  /// Whether a single rule made the decision.
  var hasRule: Bool { self == .allowMatches || self == .denyMatches || self == .matchFailed }

  /// The reason as a sentence without its full stop.
  var sentence: String {
    switch self {
    case .notRestricted: "no ALLOW policy selects the workload and no DENY policy matches"
    case .allowMatches: "a rule of an ALLOW policy matches"
    case .denyMatches: "a rule of a DENY policy matches"
    case .noAllowMatches: "ALLOW policies select the workload and none matches"
    case .matchFailed: "a rule of a DENY policy asks what cannot be judged"
    case .hazardousPath: "policies speak of paths, and this path means different things to different programs"
    }
  }
}

extension AuthorizationPolicy {
  /// Whether some rule speaks of paths.
  var usesPaths: Bool { rules.contains { $0.to.contains { !$0.paths.isEmpty || !$0.notPaths.isEmpty } } }
}
