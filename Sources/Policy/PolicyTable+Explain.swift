public import MeshModel

extension PolicyTable {
  /// Decides as `decide` does, by walking the documents instead of the compiled rules, and tells what every
  /// policy and rule had to say. For people: it allocates as it likes.
  public func explain(_ direction: Direction, peer: IPAddress, port: UInt16, transport: Transport) -> Explanation {
    let flow = Flow(direction: direction, peer: peer, port: port, transport: transport)
    let parts = (snapshot?.policies ?? []).map { flow.part(of: $0, for: workload) }
    return Explanation(
      direction: direction,
      transport: transport,
      peer: peer,
      port: port,
      workload: workload,
      revision: snapshot?.revision,
      verdict: describe(verdict(of: parts, direction)),
      policies: parts
    )
  }

  private func verdict(of parts: [Explanation.PolicyPart], _ direction: Direction) -> Verdict {
    guard snapshot != nil else { return Verdict(.allow, .noSnapshot, direction) }
    if let index = parts.firstIndex(where: { $0.outcome == .allows }) {
      let rule = parts[index].rules.firstIndex { $0.matches } ?? 0
      return Verdict(.allow, .ruleAllows, direction, policy: UInt16(index), rule: UInt16(rule))
    }
    guard let index = parts.firstIndex(where: { $0.outcome == .doesNotAllow }) else {
      return Verdict(.allow, .notRestricted, direction)
    }
    return Verdict(.deny, .noRuleAllows, direction, policy: UInt16(index))
  }
}

/// A flow as policies see it.
private struct Flow {
  let direction: Direction
  let peer: IPAddress
  let port: UInt16
  let transport: Transport

  /// What one policy says of the flow, and why.
  func part(of policy: NetworkPolicy, for workload: Workload) -> Explanation.PolicyPart {
    let name = policy.fullName
    guard policy.namespace == workload.namespace else {
      let reason = "it is for namespace \(policy.namespace), and the workload is in \(workload.namespace)"
      return .init(policy: name, outcome: .notSelected, reason: reason)
    }
    if let mismatch = policy.podSelector.firstMismatch(workload.labels) {
      return .init(
        policy: name,
        outcome: .notSelected,
        reason: "its podSelector does not select the workload: \(mismatch)"
      )
    }
    guard let rules = policy.rules(direction) else {
      let reason = "it does not restrict \(direction.policyField)"
      return .init(policy: name, outcome: .otherDirection, reason: reason)
    }
    let parts = rules.enumerated().map { part(of: $0.element, "\(direction.policyField)[\($0.offset)]") }
    if let match = parts.first(where: \.matches) {
      return .init(policy: name, outcome: .allows, reason: "\(match.rule) allows it", rules: parts)
    }
    let reason =
      parts.isEmpty
      ? "it has no \(direction.policyField) rule, which denies all"
      : parts.count == 1
        ? "its only \(direction.policyField) rule does not allow it"
        : "none of its \(parts.count) \(direction.policyField) rules allows it"
    return .init(policy: name, outcome: .doesNotAllow, reason: reason, rules: parts)
  }

  private func part(of rule: NetworkPolicy.Rule, _ name: String) -> Explanation.RulePart {
    let peers = peerPart(rule.ipBlocks)
    let ports = portPart(rule.ports)
    return .init(rule: name, matches: peers.matches && ports.matches, reasons: [peers.reason, ports.reason])
  }

  private func peerPart(_ blocks: [IPBlock]) -> (matches: Bool, reason: String) {
    let field = direction.peersField
    guard !blocks.isEmpty else { return (true, "\(field): any address") }
    if let index = blocks.firstIndex(where: { $0.contains(peer) }) {
      return (true, "\(field)[\(index)].ipBlock \(blocks[index].cidr) contains \(peer)")
    }
    // A block that would hold the peer but for an exception is what the asker wants to hear of first.
    for (index, block) in blocks.enumerated() where block.cidr.contains(peer) {
      let hole = block.except.first { $0.contains(peer) }.map(\.description) ?? ""
      return (false, "\(field)[\(index)].ipBlock \(block.cidr) contains \(peer), but except \(hole) excludes it")
    }
    return (false, "\(field): \(peer) is not in \(blocks.map(\.cidr.description).listed())")
  }

  private func portPart(_ ports: [PortMatch]) -> (matches: Bool, reason: String) {
    guard !ports.isEmpty else { return (true, "ports: any port") }
    if let index = ports.firstIndex(where: { $0.matches(port, transport) }) {
      return (true, "ports[\(index)] \(ports[index]) matches")
    }
    return (false, "ports: \(port)/\(transport.rawValue) is not in \(ports.map(\.description).listed())")
  }
}
