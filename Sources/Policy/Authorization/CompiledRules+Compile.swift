internal import HTTP1
internal import MeshModel

extension CompiledRules {
  /// Adds the rules of `policy`, which is the `index`th.
  mutating func append(_ policy: AuthorizationPolicy, index: UInt16) {
    for (number, rule) in policy.rules.enumerated() {
      let firstCheck = checks.count
      let sources = slice(of: rule.from) { $0.append($1) }
      let operations = slice(of: rule.to) { $0.append($1) }
      let conditions = group { rules in rule.when.forEach { rules.append($0) } }
      rules.append(
        Rule(
          policy: index,
          rule: UInt16(number),
          isStrict: policy.action == .allow,
          isJudgeable: !checks[firstCheck...].contains { $0.subject == .unjudgeable },
          sources: sources,
          operations: operations,
          conditions: conditions
        )
      )
    }
  }

  private mutating func slice<Part>(of parts: [Part], _ append: (inout CompiledRules, Part) -> Void) -> Slice {
    let made = parts.map { part in group { append(&$0, part) } }
    let first = groups.count
    groups += made
    return Slice(first, to: groups.count)
  }

  /// The checks that `append` adds, the cheap ones first: all must hold, so their order decides nothing.
  private mutating func group(_ append: (inout CompiledRules) -> Void) -> Slice {
    let first = checks.count
    append(&self)
    checks[first...].sort { $0.subject.rawValue < $1.subject.rawValue }
    return Slice(first, to: checks.count)
  }

  private mutating func append(_ source: AuthorizationPolicy.Source) {
    add(.principal, source.principals, source.notPrincipals)
    add(.requestPrincipal, source.requestPrincipals, source.notRequestPrincipals)
    add(.namespace, source.namespaces, source.notNamespaces)
    add(.source, source.ipBlocks, source.notIPBlocks)
    add(.remote, source.remoteIPBlocks, source.notRemoteIPBlocks)
  }

  private mutating func append(_ operation: AuthorizationPolicy.Operation) {
    add(.host, operation.hosts, operation.notHosts)
    add(.port, operation.ports, operation.notPorts)
    add(.method, operation.methods, operation.notMethods)
    add(.path, operation.paths, operation.notPaths)
  }

  private mutating func append(_ condition: AuthorizationPolicy.Condition) {
    let (values, notValues) = (condition.values, condition.notValues)
    switch condition.key {
    case .header(let name):
      names.append(appendToStore(name.lowercased()))
      add(.header, values, notValues, name: names.count - 1)
    case .claim(let path):
      claims.append(path)
      add(.claim, values, notValues, name: claims.count - 1)
    case .sourceIP: addAddresses(.source, values, notValues)
    case .remoteIP: addAddresses(.remote, values, notValues)
    case .destinationIP: addAddresses(.destination, values, notValues)
    case .destinationPort: addPorts(values, notValues)
    case .sourceNamespace: add(.namespace, values, notValues)
    case .sourcePrincipal: add(.principal, values, notValues)
    case .requestPrincipal: add(.requestPrincipal, values, notValues)
    case .requestAudiences: add(.audience, values, notValues)
    case .requestPresenter: add(.presenter, values, notValues)
    case .serverName: add(.serverName, values, notValues)
    }
  }

  private mutating func appendToStore(_ text: String) -> Slice {
    let first = store.count
    store += text.utf8
    return Slice(first, to: store.count)
  }
}

extension CompiledRules {
  private mutating func add(_ subject: Subject, _ values: [TextMatch], _ notValues: [TextMatch], name: Int = 0) {
    for (list, isNegated) in [(values, false), (notValues, true)] where !list.isEmpty {
      let first = patterns.count
      for match in list { appendPatterns(match, subject) }
      var check = Check(subject: subject, isNegated: isNegated, entries: Slice(first, to: patterns.count))
      check.name = UInt16(name)
      if subject == .method { check.methods = Self.knownMethods(list) }
      checks.append(check)
    }
  }

  private mutating func appendPatterns(_ match: TextMatch, _ subject: Subject) {
    switch subject {
    case .requestPrincipal:
      let (issuer, subject) = match.issuerAndSubject
      patterns.append(TextPattern(issuer, store: &store))
      patterns.append(TextPattern(subject, store: &store))
    case .principal: patterns.append(TextPattern(match.withoutScheme, store: &store))
    case .host: patterns.append(TextPattern(match.text.map { match.with($0.lowercased()) } ?? match, store: &store))
    default: patterns.append(TextPattern(match, store: &store))
    }
  }

  private mutating func add(_ subject: Subject, _ blocks: [IPPrefix], _ notBlocks: [IPPrefix]) {
    for (list, isNegated) in [(blocks, false), (notBlocks, true)] where !list.isEmpty {
      let first = ranges.count
      ranges += AddressRanges(list.compactMap { IPBlock($0) }).ranges
      checks.append(Check(subject: subject, isNegated: isNegated, entries: Slice(first, to: ranges.count)))
    }
  }

  private mutating func add(_ subject: Subject, _ values: [UInt16], _ notValues: [UInt16]) {
    for (list, isNegated) in [(values, false), (notValues, true)] where !list.isEmpty {
      let first = ports.count
      ports += list
      checks.append(Check(subject: subject, isNegated: isNegated, entries: Slice(first, to: ports.count)))
    }
  }

  private mutating func addAddresses(_ subject: Subject, _ values: [TextMatch], _ notValues: [TextMatch]) {
    guard let blocks = (values + notValues).prefixes() else { return addUnjudgeable() }
    add(subject, Array(blocks.prefix(values.count)), Array(blocks.dropFirst(values.count)))
  }

  private mutating func addPorts(_ values: [TextMatch], _ notValues: [TextMatch]) {
    guard let ports = (values + notValues).ports() else { return addUnjudgeable() }
    add(.port, Array(ports.prefix(values.count)), Array(ports.dropFirst(values.count)))
  }

  /// A condition that no request can be held to: it never allows, and always denies.
  private mutating func addUnjudgeable() {
    checks.append(Check(subject: .unjudgeable, isNegated: false, entries: Slice(0, to: 0)))
  }

  private static func knownMethods(_ list: [TextMatch]) -> UInt16 {
    Method.allCases.reduce(0) { mask, method in
      let text = String(describing: method.text)
      return method != .other && list.contains { $0.matches(Array(text.utf8)) } ? mask | 1 << method.rawValue : mask
    }
  }
}
