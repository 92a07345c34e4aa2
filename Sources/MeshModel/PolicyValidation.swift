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
    try texts(
      [
        source.principals, source.notPrincipals, source.requestPrincipals, source.notRequestPrincipals,
        source.namespaces, source.notNamespaces,
      ],
      place
    )
    for blocks in [source.ipBlocks, source.notIPBlocks, source.remoteIPBlocks, source.notRemoteIPBlocks] {
      try Words.bound(blocks.count, Limits.maxIPBlocks, place)
    }
  }

  private static func check(_ operation: AuthorizationPolicy.Operation, _ place: String) throws(SnapshotError) {
    try texts(
      [
        operation.hosts, operation.notHosts, operation.methods, operation.notMethods, operation.paths,
        operation.notPaths,
      ],
      place
    )
    for ports in [operation.ports, operation.notPorts] {
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

/// RequestAuthentications and their keys.
enum TokenValidation {
  private typealias Words = SnapshotValidation
  private typealias Limits = SnapshotLimits

  static func check(_ document: RequestAuthentication, _ place: String) throws(SnapshotError) {
    try Words.bound(document.rules.count, Limits.maxTokenTerms, "\(place).rules")
    for (index, rule) in document.rules.enumerated() { try check(rule, "\(place).rules[\(index)]") }
  }

  private static func check(_ rule: RequestAuthentication.Rule, _ place: String) throws(SnapshotError) {
    try Words.refuse(rule.issuer, HTTPSyntax.textProblem(rule.issuer), "\(place).issuer")
    guard !rule.keys.isEmpty else { throw SnapshotError("\(place).keys", "is empty") }
    for count in [
      rule.audiences.count, rule.keys.count, rule.fromHeaders.count, rule.fromParameters.count, rule.claimHeaders.count,
    ] { try Words.bound(count, Limits.maxTokenTerms, place) }
    for text in rule.audiences + rule.fromParameters { try Words.refuse(text, HTTPSyntax.textProblem(text), place) }
    for header in rule.fromHeaders {
      try Words.refuse(header.name, HTTPSyntax.fieldNameProblem(header.name), "\(place).fromHeaders")
      try RouteValidation.lowerCase(header.name, "\(place).fromHeaders")
      guard header.prefix.isEmpty || HTTPSyntax.textProblem(header.prefix) == nil else {
        throw SnapshotError("\(place).fromHeaders", "\"\(header.prefix)\" is no prefix")
      }
    }
    for name in rule.claimHeaders.map(\.header) + (rule.payloadHeader.isEmpty ? [] : [rule.payloadHeader]) {
      try Words.refuse(name, HTTPSyntax.editedNameProblem(name), place)
      try RouteValidation.lowerCase(name, place)
    }
    for claim in rule.claimHeaders.map(\.claim) {
      try Words.bound(claim.count, Limits.maxClaimDepth, "\(place).claimHeaders")
      guard !claim.isEmpty else { throw SnapshotError("\(place).claimHeaders", "names no claim") }
      for name in claim { try Words.refuse(name, HTTPSyntax.textProblem(name), "\(place).claimHeaders") }
    }
    for (index, key) in rule.keys.enumerated() {
      if let problem = key.problem { throw SnapshotError("\(place).keys[\(index)]", problem) }
    }
  }
}

extension JSONWebKey {
  /// Why the key cannot be used, as a clause; nil where it can. Whether a point lies on the curve is not looked at.
  public var problem: String? {
    if !id.isEmpty, let problem = HTTPSyntax.textProblem(id) { return "kid \(problem)" }
    switch material {
    case .rsa(let modulus, let exponent):
      let size = modulus.drop { $0 == 0 }.count
      guard size >= SnapshotLimits.minModulusBytes else { return "has fewer than 2048 bits (RFC 7518 section 3.3)" }
      guard modulus.count <= SnapshotLimits.maxModulusBytes else { return "has more than 16384 bits" }
      guard exponent.count <= SnapshotLimits.maxExponentBytes, (exponent.last ?? 0) & 1 == 1,
        exponent.reduce(0, { $0 << 8 | UInt64($1) }) > 1
      else { return "has an exponent that is even, 1, or longer than 64 bits" }
      return nil
    case .p256(let x, let y):
      return x.count == 32 && y.count == 32 ? nil : "has coordinates that are not of 32 bytes"
    }
  }
}

/// BackendTrafficPolicies.
enum TrafficValidation {
  private typealias Words = SnapshotValidation

  static func check(_ policy: TrafficPolicy, _ place: String) throws(SnapshotError) {
    try Words.bound(policy.targets.count, SnapshotLimits.maxTrafficTerms, "\(place).targets")
    for (index, target) in policy.targets.enumerated() {
      switch target {
      case .service(let name), .route(let name):
        guard LabelSyntax.isSubdomain(name) else {
          throw SnapshotError("\(place).targets[\(index)]", "\"\(name)\" is not a DNS subdomain")
        }
      }
    }
    if let fault = policy.fault {
      try Words.range(fault.delay_ms, 0...SnapshotLimits.maxTime_ms, "\(place).fault.delay_ms")
      try Words.range(fault.delayPartsPerMillion, 0...1_000_000, "\(place).fault.delayPartsPerMillion")
      try Words.range(fault.abortStatus, 200...599, "\(place).fault.abortStatus")
      try Words.range(fault.abortPartsPerMillion, 0...1_000_000, "\(place).fault.abortPartsPerMillion")
    }
    try Words.bound(policy.rateLimits.count, SnapshotLimits.maxTrafficTerms, "\(place).rateLimits")
    for (index, limit) in policy.rateLimits.enumerated() {
      let place = "\(place).rateLimits[\(index)]"
      try RouteValidation.values(limit.headers, "\(place).headers")
      for header in limit.headers { try RouteValidation.lowerCase(header.name, "\(place).headers") }
      guard [1, 60, 3_600, 86_400].contains(limit.period_s) else {
        throw SnapshotError("\(place).period_s", "\(limit.period_s) is not a second, minute, hour or day")
      }
    }
  }
}
