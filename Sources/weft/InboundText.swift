import MeshModel

/// What would become of a request that comes to the workload, as people read it: the verdict, what it was judged by, then
/// every policy and rule.
struct InboundText {
  let explanation: InboundExplanation

  func text(_ style: Style) -> String {
    var lines = ExplanationLines(style)
    let request = explanation.request
    lines.headline(
      "inbound \(request.method) \(request.url) from \(explanation.source) to \(explanation.destination)",
      isGood: explanation.outcome == .allowed,
      answer
    )
    lines.line(explanation.summary)
    lines.line(
      "workload: namespace \(explanation.workload.namespace), labels \(explanation.workload.labels.labelText)"
    )
    lines.line("connection: \(explanation.connection.clause)")
    if let peer = explanation.peer {
      for line in PeerLines(peer).lines { lines.line(line) }
    }
    guard let authorization = explanation.authorization else { return lines.text }
    addFacts(&lines)
    lines.line("policies: \(authorization.verdict.clause)")
    if !authorization.dryRunPolicy.isEmpty {
      lines.line("dry run: \(authorization.dryRunPolicy) would have decided otherwise")
    }
    if !authorization.auditPolicy.isEmpty { lines.line("audit: \(authorization.auditPolicy) matches") }
    add(authorization.policies, &lines)
    return lines.text
  }

  private var answer: String {
    switch explanation.outcome {
    case .allowed: "allowed"
    case .connectionDenied: "denied\(by(explanation.connection))"
    case .unidentified: "denied\(explanation.peer.map { by($0.verdict) } ?? "")"
    case .denied: "denied\(explanation.authorization.map { by($0.verdict) } ?? "")"
    case .unauthenticated, .loop, .malformed: "refused"
    }
  }

  private func by(_ verdict: VerdictDescription) -> String {
    let maker = [verdict.policy, verdict.rule].filter { !$0.isEmpty }.joined(separator: " ")
    return maker.isEmpty ? "" : " by \(maker)"
  }

  private func addFacts(_ lines: inout ExplanationLines) {
    lines.line("client: \(explanation.client.address), \(explanation.client.reason)")
    let arrival = explanation.arrival
    lines.line("service: \(arrival.service.isEmpty ? "none" : arrival.service); \(arrival.reason)")
    if !arrival.rule.isEmpty { lines.line("route: \(arrival.rule)") }
    let path = explanation.path
    let change = path.received == path.forwarded ? path.received : "\(path.received) becomes \(path.forwarded)"
    lines.line("path: \(change); \(path.reason)")
    if !path.hazards.isEmpty {
      lines.line("hazards: \(path.hazards.joined(separator: ", ")), which not all programs read alike")
    }
    let token = explanation.token
    let outcome = [.valid: "valid: ", .refused: "refused: "][token.outcome] ?? ""
    lines.line("token: \(outcome)\(token.reason)")
    for rule in token.rules { lines.line("by \(rule)", indent: 2) }
    for clause in arrival.traffic { lines.line("limit: \(clause)") }
    if !arrival.limit.isEmpty { lines.line("counts against: \(arrival.limit)") }
  }

  /// Policies that do not apply and are told all the same: enough to see why a mistaken label or namespace is one.
  private static let maxOthers = 10

  private func add(_ policies: [AuthorizationExplanation.PolicyPart], _ lines: inout ExplanationLines) {
    let applying = policies.filter { $0.outcome != .notSelected }
    let others = policies.filter { $0.outcome == .notSelected }
    for policy in applying + others.prefix(Self.maxOthers) {
      lines.section("\(policy.policy) (\(policy.action)\(policy.isDryRun ? ", dry run" : ""))", policy.reason)
      for rule in policy.rules {
        lines.verdict(rule.rule, rule.matches, rule.matches ? "matches" : "does not match")
        for reason in rule.reasons { lines.line(reason, indent: 2) }
      }
    }
    let rest = others.count - Self.maxOthers
    if rest > 0 {
      lines.section("and \(Amounts.count(rest, "policy", "policies")) more that do not apply; -o json lists all")
    }
  }
}
