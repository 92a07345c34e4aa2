internal import MeshModel

extension RequestView {
  /// Whether something asked for is there, and a clause that says so.
  struct Answer {
    let holds: Bool
    let reason: String
  }

  /// What `rule` says to the request. A strict rule, one that allows, matches only what is certain.
  func part(of rule: AuthorizationPolicy.Rule, number: Int, isStrict: Bool) -> AuthorizationExplanation.RulePart {
    let from = alternatives("from", rule.from.map { answers(to: $0) }, otherwise: "any source")
    let to = alternatives("to", rule.to.map { answers(to: $0) }, otherwise: "any operation")
    let when = rule.when.enumerated().flatMap { index, condition in
      answers(to: condition, isStrict).map { Answer(holds: $0.holds, reason: "when[\(index)] \($0.reason)") }
    }
    return AuthorizationExplanation.RulePart(
      rule: "rules[\(number)]",
      matches: from.holds && to.holds && when.allSatisfy(\.holds),
      reasons: [from.reason, to.reason] + when.map(\.reason)
    )
  }

  /// One of several must hold, each with all its answers.
  private func alternatives(_ field: String, _ entries: [[Answer]], otherwise any: String) -> Answer {
    guard !entries.isEmpty else { return Answer(holds: true, reason: "\(field): \(any)") }
    if let index = entries.firstIndex(where: { $0.allSatisfy(\.holds) }) {
      let reasons = entries[index].map(\.reason).joined(separator: "; ")
      return Answer(holds: true, reason: "\(field)[\(index)] matches\(reasons.isEmpty ? "" : ": \(reasons)")")
    }
    let misses = entries.enumerated().compactMap { index, answers in
      answers.first { !$0.holds }.map { "\(field)[\(index)] \($0.reason)" }
    }
    return Answer(holds: false, reason: misses.listed(separator: "; "))
  }

  private func answers(to source: AuthorizationPolicy.Source) -> [Answer] {
    text("principals", [peer], source.principals.map(\.withoutScheme), source.notPrincipals.map(\.withoutScheme))
      + principal("requestPrincipals", source.requestPrincipals, source.notRequestPrincipals)
      + text("namespaces", [peerNamespace], source.namespaces, source.notNamespaces)
      + address("ipBlocks", self.source, source.ipBlocks, source.notIPBlocks)
      + address("remoteIpBlocks", remote, source.remoteIPBlocks, source.notRemoteIPBlocks)
  }

  private func answers(to operation: AuthorizationPolicy.Operation) -> [Answer] {
    hosts(operation.hosts, operation.notHosts) + ports("ports", operation.ports, operation.notPorts)
      + text("methods", [method], operation.methods, operation.notMethods)
      + text("paths", [path], operation.paths, operation.notPaths)
  }

  private func answers(to condition: AuthorizationPolicy.Condition, _ isStrict: Bool) -> [Answer] {
    let (key, values, notValues) = (condition.key.spelling, condition.values, condition.notValues)
    switch condition.key {
    case .header(let name): return header(key, name, values, notValues, isStrict)
    case .claim(let path): return text(key, claimTexts(path), values, notValues)
    case .sourceNamespace: return text(key, [peerNamespace], values, notValues)
    case .sourcePrincipal: return text(key, [peer], values.map(\.withoutScheme), notValues.map(\.withoutScheme))
    case .requestPrincipal: return principal(key, values, notValues)
    case .requestAudiences: return text(key, token?.audiences.map { Array($0.utf8) } ?? [], values, notValues)
    case .requestPresenter: return text(key, [token.map { Array($0.presenter.utf8) }], values, notValues)
    case .serverName: return text(key, [serverName], values, notValues)
    case .sourceIP: return address(key, source, values, notValues, isStrict)
    case .remoteIP: return address(key, remote, values, notValues, isStrict)
    case .destinationIP: return address(key, destination.ip, values, notValues, isStrict)
    case .destinationPort:
      guard let numbers = (values + notValues).ports() else { return [unjudgeable(key, isStrict)] }
      return ports(key, Array(numbers.prefix(values.count)), Array(numbers.dropFirst(values.count)))
    }
  }

  /// What comes of a value that cannot be read: never more than the policy meant to let in.
  func unjudgeable(_ field: String, _ isStrict: Bool) -> Answer {
    let effect = isStrict ? "does not allow" : "counts as matching"
    return Answer(holds: !isStrict, reason: "\(field): a value cannot be read, so it \(effect)")
  }
}

extension AuthorizationPolicy.Key {
  /// As documents write it.
  fileprivate var spelling: String {
    switch self {
    case .header(let name): "request.headers[\(name)]"
    case .sourceIP: "source.ip"
    case .remoteIP: "remote.ip"
    case .sourceNamespace: "source.namespace"
    case .sourcePrincipal: "source.principal"
    case .requestPrincipal: "request.auth.principal"
    case .requestAudiences: "request.auth.audiences"
    case .requestPresenter: "request.auth.presenter"
    case .claim(let path): "request.auth.claims\(path.map { "[\($0)]" }.joined())"
    case .destinationIP: "destination.ip"
    case .destinationPort: "destination.port"
    case .serverName: "connection.sni"
    }
  }
}
