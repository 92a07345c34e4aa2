import MeshModel

/// What would become of a request of the workload's own, as people read it: whether it is forwarded, whom it is for, every
/// rule that was tried, and whom it may go to.
struct OutboundText {
  let explanation: RequestExplanation

  func text(_ style: Style) -> String {
    var lines = ExplanationLines(style)
    let request = explanation.request
    let refusal = explanation.refusal
    lines.headline(
      "outbound \(request.method) \(request.url)" + (request.destination.map { " to \($0)" } ?? ""),
      isGood: refusal == nil,
      answer(isRefused: refusal != nil)
    )
    lines.line(refusal ?? explanation.summary)
    lines.line(
      "workload: namespace \(explanation.workload.namespace), labels \(explanation.workload.labels.labelText)"
    )
    if explanation.outcome == .malformed { return lines.text }
    let destination = explanation.destination
    lines.line("service: \(destination.service.isEmpty ? "none" : destination.service); \(destination.reason)")
    if let connection = explanation.connection {
      lines.line("connection: \(connection.clause)")
    } else if explanation.outcome == .originalDestination {
      lines.line("connection: which address that is, --to ADDRESS:PORT would tell")
    }
    addRules(&lines)
    for backend in explanation.backends { lines.add(backend) }
    return lines.text
  }

  private func answer(isRefused: Bool) -> String {
    switch explanation.outcome {
    // With the flag that its record will have.
    case .aborted: "answered by fault injection" + (explanation.status.map { ": \($0), FI" } ?? "")
    case _ where isRefused: "refused"
    case .redirected: "redirected"
    default: "forwarded"
    }
  }

  private func addRules(_ lines: inout ExplanationLines) {
    if !explanation.routes.isEmpty {
      lines.section("routes", "\(explanation.routes.count) for the service")
      lines.list(explanation.routes) { $1.verdict($0.route, $0.applies, $0.applies ? "asked" : "not asked", $0.reason) }
    }
    if !explanation.candidates.isEmpty {
      lines.section("rules", "in the order in which they are tried; the first that matches takes the request")
      lines.list(explanation.candidates) { candidate, lines in
        let place = candidate.match.map { " matches[\($0)]" } ?? ""
        let answer = candidate.isChosen ? "takes it" : candidate.matches ? "matches too, and comes later" : "no"
        lines.verdict(candidate.rule + place, candidate.isChosen, answer, candidate.reason)
      }
    }
    if let rule = explanation.rule {
      lines.section(rule.rule)
      for filter in rule.filters { lines.line(filter) }
      lines.line("timeout: \(limit(rule.requestTimeout_ms)) for the whole, \(limit(rule.backendTimeout_ms)) for a try")
      lines.line("retry: \(rule.retry.isEmpty ? "only where no connection could be made" : rule.retry)")
    }
    if !explanation.traffic.isEmpty {
      lines.section("traffic")
      for clause in explanation.traffic { lines.line(clause) }
    }
  }

  private func limit(_ time_ms: UInt32?) -> String { time_ms.map { "\($0) ms" } ?? "no limit" }
}

extension VerdictDescription {
  /// `allowed by shop/web egress[0]: a rule allows it`.
  var clause: String {
    let maker = [policy, rule].filter { !$0.isEmpty }.joined(separator: " ")
    return "\(decision == .allow ? "allowed" : "denied")\(maker.isEmpty ? "" : " by \(maker)"): \(reason)"
  }
}
