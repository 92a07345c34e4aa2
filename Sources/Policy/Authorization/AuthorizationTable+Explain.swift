public import HTTP1
public import MeshModel

extension AuthorizationTable {
  /// Decides as `decide` does, by walking the documents instead of the compiled rules, and tells what every policy and
  /// rule had to say. For people: it allocates as it likes.
  public func explain(_ head: borrowing RequestHead, _ facts: borrowing RequestFacts) -> AuthorizationExplanation {
    let view = RequestView(head, facts)
    let parts = policies.map { part(of: $0, view) }
    let verdict = enforce(parts, view.hazards, isTrial: false)
    let trial = enforce(parts, view.hazards, isTrial: true)
    return AuthorizationExplanation(
      workload: workload,
      source: view.source,
      destination: view.destination,
      method: String(decoding: view.method, as: UTF8.self),
      host: String(decoding: view.host, as: UTF8.self),
      path: String(decoding: view.path, as: UTF8.self),
      verdict: describe(verdict),
      dryRunPolicy: trial.isAllowed == verdict.isAllowed ? "" : policyName(turning(parts, view.hazards, trial)),
      auditPolicy: parts.indices.first { bears($0, .audit, parts) && parts[$0].outcome == .matches }
        .map { policies[$0].fullName } ?? "",
      policies: parts
    )
  }

  /// What is decided by the parts, the dry-run policies among them in a trial.
  private func enforce(
    _ parts: [AuthorizationExplanation.PolicyPart],
    _ hazards: PathHazards,
    isTrial: Bool
  ) -> RequestVerdict {
    let denies = parts.indices.filter { bears($0, .deny, parts, isTrial: isTrial) }
    let allows = parts.indices.filter { bears($0, .allow, parts, isTrial: isTrial) }
    if !hazards.isEmpty, (denies + allows).contains(where: { policies[$0].usesPaths }) {
      return RequestVerdict(isAllowed: false, reason: .hazardousPath)
    }
    if let index = denies.first(where: { parts[$0].outcome == .matches }) {
      let rule = parts[index].rules.firstIndex { $0.matches } ?? 0
      let isJudgeable = policies[index].rules[rule].when.allSatisfy(\.isJudgeable)
      let reason: RequestVerdict.Reason = isJudgeable ? .denyMatches : .matchFailed
      return RequestVerdict(isAllowed: false, reason: reason, policy: UInt16(index), rule: UInt16(rule))
    }
    guard let first = allows.first else { return .notRestricted }
    guard let index = allows.first(where: { parts[$0].outcome == .matches }) else {
      return RequestVerdict(isAllowed: false, reason: .noAllowMatches, policy: UInt16(first))
    }
    let rule = parts[index].rules.firstIndex { $0.matches } ?? 0
    return RequestVerdict(isAllowed: true, reason: .allowMatches, policy: UInt16(index), rule: UInt16(rule))
  }

  /// The dry-run policy that makes the trial differ.
  private func turning(
    _ parts: [AuthorizationExplanation.PolicyPart],
    _ hazards: PathHazards,
    _ trial: RequestVerdict
  ) -> UInt16 {
    let tried = parts.indices.filter { policies[$0].isDryRun && parts[$0].outcome != .notSelected }
    let denies = tried.filter { policies[$0].action == .deny }
    let allows = tried.filter { policies[$0].action == .allow }
    let index =
      switch trial.reason {
      case .hazardousPath: (denies + allows).first { policies[$0].usesPaths }
      case .denyMatches, .matchFailed: denies.first { parts[$0].outcome == .matches }
      case .allowMatches: allows.first { parts[$0].outcome == .matches }
      case .noAllowMatches, .notRestricted: allows.first
      }
    return index.map { UInt16($0) } ?? RequestVerdict.none
  }

  /// Whether the policy at `index` has this action and a say.
  private func bears(
    _ index: Int,
    _ action: AuthorizationPolicy.Action,
    _ parts: [AuthorizationExplanation.PolicyPart],
    isTrial: Bool = false
  ) -> Bool {
    policies[index].action == action && (isTrial || !policies[index].isDryRun) && parts[index].outcome != .notSelected
  }

  private func part(of policy: AuthorizationPolicy, _ view: RequestView) -> AuthorizationExplanation.PolicyPart {
    func part(_ outcome: AuthorizationExplanation.PolicyPart.Outcome, _ reason: String)
      -> AuthorizationExplanation.PolicyPart
    {
      .init(
        policy: policy.fullName,
        action: policy.action.rawValue,
        isDryRun: policy.isDryRun,
        outcome: outcome,
        reason: reason
      )
    }
    guard policy.namespace == workload.namespace else {
      return part(
        .notSelected,
        "it is for namespace \(policy.namespace), and the workload is in \(workload.namespace)"
      )
    }
    if let mismatch = policy.selector.firstMismatch(workload.labels) {
      return part(.notSelected, "its selector does not select the workload: \(mismatch)")
    }
    let rules = policy.rules.enumerated().map {
      view.part(of: $0.element, number: $0.offset, isStrict: policy.action == .allow)
    }
    guard let match = rules.first(where: \.matches) else {
      var missed = part(
        .doesNotMatch,
        rules.isEmpty
          ? "it has no rule, so it never matches"
          : rules.count == 1 ? "its only rule does not match" : "none of its \(rules.count) rules matches"
      )
      missed.rules = rules
      return missed
    }
    var matched = part(.matches, "\(match.rule) matches")
    matched.rules = rules
    return matched
  }
}

extension AuthorizationPolicy.Condition {
  /// Whether its values can be read as what its key asks for.
  fileprivate var isJudgeable: Bool {
    switch key {
    case .sourceIP, .remoteIP, .destinationIP: (values + notValues).prefixes() != nil
    case .destinationPort: (values + notValues).ports() != nil
    default: true
    }
  }
}
