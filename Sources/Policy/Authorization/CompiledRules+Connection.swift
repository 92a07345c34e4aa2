internal import MeshModel

extension CompiledRules {
  /// The first rule of `list` that matches a connection of which no request can be seen.
  ///
  /// What only a request has is not known. As in Istio, a rule that allows by it does not match, and one that denies by it
  /// matches as if it held: nobody gets past a policy by speaking something else, or slowly.
  func firstMatch(_ list: Range<Int>, ofConnection facts: borrowing RequestFacts) -> Rule? {
    for index in list {
      let rule = rules[index]
      if holdsAny(rule.sources, rule.isStrict, facts), holdsAny(rule.operations, rule.isStrict, facts),
        holdsAll(rule.conditions, rule.isStrict, facts)
      {
        return rule
      }
    }
    return nil
  }

  private func holdsAny(_ alternatives: Slice, _ isStrict: Bool, _ facts: borrowing RequestFacts) -> Bool {
    guard !alternatives.isEmpty else { return true }
    for index in alternatives.indices where holdsAll(groups[index], isStrict, facts) { return true }
    return false
  }

  private func holdsAll(_ group: Slice, _ isStrict: Bool, _ facts: borrowing RequestFacts) -> Bool {
    for index in group.indices where !holds(checks[index], isStrict, facts) { return false }
    return true
  }

  private func holds(_ check: Check, _ isStrict: Bool, _ facts: borrowing RequestFacts) -> Bool {
    switch check.subject {
    case .port: contains(facts.destination.port, check.entries) != check.isNegated
    case .source: contains(facts.source, check.entries) != check.isNegated
    case .remote: contains(facts.remote, check.entries) != check.isNegated
    case .destination: contains(facts.destination.ip, check.entries) != check.isNegated
    case .serverName: matchesAny(check.entries, facts.serverName) != check.isNegated
    case .namespace: matchesAny(check.entries, facts.peerNamespace) != check.isNegated
    case .principal: matchesAny(check.entries, facts.peer.map(Self.withoutScheme)) != check.isNegated
    case .unjudgeable, .method, .path, .host, .requestPrincipal, .presenter, .audience, .header, .claim: !isStrict
    }
  }
}
