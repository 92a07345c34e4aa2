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
    for backend in explanation.backends { add(backend, &lines) }
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

  private func add(_ backend: RequestExplanation.Backend, _ lines: inout ExplanationLines) {
    lines.section(
      "backend \(backend.service)",
      "weight \(backend.weight), \(Self.percent(backend.percent)) of requests"
    )
    if !backend.problem.isEmpty { lines.line(backend.problem) }
    for filter in backend.filters { lines.line(filter) }
    lines.table(backend.endpoints.map(Self.cells))
  }

  private static func cells(_ endpoint: RequestExplanation.EndpointPart) -> [String] {
    [
      endpoint.address.description, endpoint.isReady ? "ready" : "not ready",
      endpoint.zone.isEmpty ? "no zone" : "zone \(endpoint.zone)", endpoint.egress?.clause ?? "",
      endpoint.live.map(known) ?? "",
    ]
  }

  /// What the proxy knows of it.
  private static func known(_ live: LiveEndpoint) -> String {
    guard live.workers > 0 else { return "no worker has met it" }
    let passed = live.passedOverBy > 0 ? ", passed over by \(live.passedOverBy) of \(live.workers) workers" : ""
    return "\(tenths(live.latencyMs)) ms expected, \(live.pending) under way, \(live.idleConnections) idle connections"
      + passed
  }

  private static func percent(_ value: Double) -> String {
    let text = tenths(value)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " %"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int64((min(max(value, 0), 1e12) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension VerdictDescription {
  /// `allowed by shop/web egress[0]: a rule allows it`.
  var clause: String {
    let maker = [policy, rule].filter { !$0.isEmpty }.joined(separator: " ")
    return "\(decision == .allow ? "allowed" : "denied")\(maker.isEmpty ? "" : " by \(maker)"): \(reason)"
  }
}
