/// AuthorizationPolicies.
enum AuthorizationValidation {
  private typealias Words = SnapshotValidation
  private typealias Limits = SnapshotLimits

  static func check(_ policy: AuthorizationPolicy, _ place: String) throws(SnapshotError) {
    try Words.bound(policy.rules.count, Limits.maxAuthorizationTerms, "\(place).rules")
    for (index, rule) in policy.rules.enumerated() {
      let place = "\(place).rules[\(index)]"
      for count in [rule.from.count, rule.to.count, rule.when.count] {
        try Words.bound(count, Limits.maxAuthorizationTerms, place)
      }
      for (index, source) in rule.from.enumerated() { try check(source, "\(place).from[\(index)]") }
      for (index, operation) in rule.to.enumerated() { try check(operation, "\(place).to[\(index)]") }
      for (index, condition) in rule.when.enumerated() { try check(condition, "\(place).when[\(index)]") }
    }
  }

  private static func check(_ source: AuthorizationPolicy.Source, _ place: String) throws(SnapshotError) {
    try texts(AuthorizationPolicy.Source.texts.map { source[keyPath: $0.1] }, place)
    for (_, blocks) in AuthorizationPolicy.Source.blocks {
      try Words.bound(source[keyPath: blocks].count, Limits.maxIPBlocks, place)
    }
  }

  private static func check(_ operation: AuthorizationPolicy.Operation, _ place: String) throws(SnapshotError) {
    try texts(AuthorizationPolicy.Operation.texts.map { operation[keyPath: $0.1] }, place)
    for (_, numbers) in AuthorizationPolicy.Operation.numbers {
      let ports = operation[keyPath: numbers]
      try Words.bound(ports.count, Limits.maxAuthorizationValues, place)
      for port in ports { try Words.range(port, 1...UInt16.max, place) }
    }
  }

  private static func check(_ condition: AuthorizationPolicy.Condition, _ place: String) throws(SnapshotError) {
    guard !condition.values.isEmpty || !condition.notValues.isEmpty else {
      throw SnapshotError(place, "has neither values nor notValues")
    }
    try texts([condition.values, condition.notValues], place)
    switch condition.key {
    case .header(let name):
      try Words.refuse(name, HTTPSyntax.fieldNameProblem(name), "\(place).key")
      try RouteValidation.lowerCase(name, "\(place).key")
    case .claim(let path):
      try Words.bound(path.count, Limits.maxClaimDepth, "\(place).key")
      guard AuthorizationPolicy.Key(condition.key.description) == condition.key else {
        throw SnapshotError("\(place).key", "\"\(condition.key)\" cannot be read back")
      }
      for name in path { try Words.refuse(name, HTTPSyntax.textProblem(name), "\(place).key") }
    case .sourceIP, .remoteIP, .destinationIP:
      for value in condition.values + condition.notValues where AuthorizationPolicy.Condition.prefix(value) == nil {
        throw SnapshotError(place, "\"\(value)\" is neither an address nor a CIDR block")
      }
    case .destinationPort:
      for value in condition.values + condition.notValues where UInt16(value.description).map({ $0 > 0 }) != true {
        throw SnapshotError(place, "\"\(value)\" is not a port; ports are 1 to 65535")
      }
    case .sourceNamespace, .sourcePrincipal, .requestPrincipal, .requestAudiences, .requestPresenter, .serverName: break
    }
  }

  private static func texts(_ lists: [[TextMatch]], _ place: String) throws(SnapshotError) {
    for list in lists {
      try Words.bound(list.count, Limits.maxAuthorizationValues, place)
      for match in list {
        let text = match.description
        try Words.refuse(text, HTTPSyntax.textProblem(text), place)
        // An exact text that ends in a star would come back as a prefix.
        guard TextMatch(text) == match else { throw SnapshotError(place, "\"\(text)\" cannot be read back") }
      }
    }
  }
}

extension AuthorizationPolicy.Condition {
  /// The block that a value of an address's condition means; nil where it means none.
  public static func prefix(_ value: TextMatch) -> IPPrefix? {
    guard case .exact(let text) = value else { return nil }
    return IPPrefix(text) ?? IPAddress(text).flatMap { IPPrefix($0, length: $0.isIPv4 ? 32 : 128) }
  }
}
