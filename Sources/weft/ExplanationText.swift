import MeshModel

/// An explanation as people read it: the verdict, then every policy and rule.
struct ExplanationText {
  let explanation: Explanation

  func text(_ style: Style) -> String {
    var lines = [headline(style), "  \(explanation.verdict.reason)"]
    let labels = explanation.workload.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    lines.append(
      "  workload: namespace \(explanation.workload.namespace), labels \(labels.joined(separator: ",").orNone)"
    )
    if let peer = explanation.identity { lines += PeerLines(peer).lines.map { "  \(Printable.text($0))" } }
    lines.append("  snapshot: \(explanation.revision ?? "none")")
    for policy in shown {
      lines.append("")
      lines.append("\(style.strong(policy.policy)): \(policy.reason)")
      for rule in policy.rules {
        lines.append("  \(rule.rule): \(rule.matches ? style.good("allows") : "does not allow")")
        lines += rule.reasons.map { "    \($0)" }
      }
    }
    let rest = explanation.policies.count - shown.count
    if rest > 0 {
      lines += ["", "and \(Amounts.count(rest, "policy", "policies")) more that do not apply; -o json lists all"]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Policies that do not apply and are told all the same: enough to see why a mistaken label or namespace is one.
  private static let maxOthers = 10

  /// The policies that restrict the workload in this direction, and after them some of the others.
  private var shown: [Explanation.PolicyPart] {
    let applying = explanation.policies.filter { [.allows, .doesNotAllow].contains($0.outcome) }
    let others = explanation.policies.filter { ![.allows, .doesNotAllow].contains($0.outcome) }
    return applying + others.prefix(Self.maxOthers)
  }

  private func headline(_ style: Style) -> String {
    let verdict = explanation.verdict
    let arrow = explanation.direction == .inbound ? "from \(explanation.peer) to port" : "to \(explanation.peer) port"
    let flow = "\(explanation.direction.rawValue) \(arrow) \(explanation.port)/\(explanation.transport.rawValue)"
    let decision = verdict.decision == .allow ? style.good("allowed") : style.bad("denied")
    let maker = [verdict.policy, verdict.rule].filter { !$0.isEmpty }.joined(separator: " ")
    return "\(flow): \(decision)\(maker.isEmpty ? "" : " by \(maker)")"
  }
}

extension String {
  fileprivate var orNone: String { isEmpty ? "none" : self }
}
