/// Routes: the rules of Gateway API that make a route mean one thing.
enum RouteValidation {
  private typealias Words = SnapshotValidation
  private typealias Limits = SnapshotLimits

  static func check(_ route: HTTPRoute, _ place: String) throws(SnapshotError) {
    try Words.bound(route.parents.count, Limits.maxParents, "\(place).parents")
    try Words.bound(route.hostnames.count, Limits.maxRouteTerms, "\(place).hostnames")
    try Words.bound(route.rules.count, Limits.maxRouteRules, "\(place).rules")
    for (index, parent) in route.parents.enumerated() {
      try reference(parent.namespace, parent.service, parent.port, "\(place).parents[\(index)]")
    }
    for (index, name) in route.hostnames.enumerated() {
      try Words.refuse(name, HTTPSyntax.hostnameProblem(name, mayBeWild: true), "\(place).hostnames[\(index)]")
    }
    for (index, rule) in route.rules.enumerated() { try check(rule, "\(place).rules[\(index)]") }
    if route.kind == .tls { try checkServerRules(route.rules, "\(place).rules") }
    try Words.bound(route.rules.reduce(0) { $0 + $1.matches.count }, Limits.maxRouteMatches, "\(place): all matches")
  }

  /// What a TLSRoute has: one rule that says where connections go, and nothing of requests.
  private static func checkServerRules(_ rules: [HTTPRoute.Rule], _ place: String) throws(SnapshotError) {
    guard rules.count == 1, let rule = rules.first else {
      throw SnapshotError(place, "of a TLSRoute are \(rules.count), and it has one")
    }
    let bare = HTTPRoute.Rule(name: rule.name, backends: rule.backends)
    guard rule == bare, !rule.backends.isEmpty, rule.backends.allSatisfy(\.filters.isEmpty) else {
      throw SnapshotError("\(place)[0]", "of a TLSRoute has backends and nothing else")
    }
  }

  private static func check(_ rule: HTTPRoute.Rule, _ place: String) throws(SnapshotError) {
    guard rule.name.isEmpty || LabelSyntax.isSubdomain(rule.name) else {
      throw SnapshotError("\(place).name", "\"\(rule.name)\" is not a DNS subdomain")
    }
    try Words.bound(rule.matches.count, Limits.maxRuleMatches, "\(place).matches")
    try Words.bound(rule.backends.count, Limits.maxRouteTerms, "\(place).backends")
    for (index, match) in rule.matches.enumerated() { try check(match, "\(place).matches[\(index)]") }
    try FilterValidation.check(rule.filters, of: rule, "\(place).filters")
    for (index, backend) in rule.backends.enumerated() { try check(backend, "\(place).backends[\(index)]") }
    try Words.range(rule.requestTimeout_ms, 0...Limits.maxTime_ms, "\(place).requestTimeout_ms")
    try Words.range(rule.backendTimeout_ms, 0...Limits.maxTime_ms, "\(place).backendTimeout_ms")
    guard let retry = rule.retry else { return }
    try Words.bound(retry.codes.count, Limits.maxRetryCodes, "\(place).retry.codes")
    for code in retry.grpcCodes { try Words.range(code, 1...16, "\(place).retry.grpcCodes") }
    for code in retry.codes { try Words.range(code, 400...599, "\(place).retry.codes") }
    try Words.range(retry.attempts, 0...Limits.maxRetryAttempts, "\(place).retry.attempts")
    try Words.range(retry.backoff_ms, 0...Limits.maxTime_ms, "\(place).retry.backoff_ms")
  }

  private static func check(_ match: HTTPRoute.Match, _ place: String) throws(SnapshotError) {
    switch match.path {
    case .exact(let path), .prefix(let path): try Words.refuse(path, HTTPSyntax.pathProblem(path), "\(place).path")
    case .regex(let text): try Words.refuse(text, HTTPSyntax.patternProblem(text), "\(place).path")
    case .call(let service, let method, let isRegex):
      guard service != nil || method != nil else { throw SnapshotError("\(place).path", "is a call of nothing") }
      for text in [service, method].compactMap({ $0 }) {
        let problem = isRegex ? HTTPSyntax.patternProblem(text) : HTTPSyntax.callProblem(text)
        try Words.refuse(text, problem, "\(place).path")
      }
    case nil: break
    }
    if let method = match.method { try Words.refuse(method, HTTPSyntax.methodProblem(method), "\(place).method") }
    for (list, place) in [(match.headers, "\(place).headers"), (match.query, "\(place).query")] {
      try values(list, place)
    }
    for header in match.headers { try lowerCase(header.name, "\(place).headers") }
  }

  /// Names and values of header fields or query parameters, each name once.
  static func values(_ list: [HTTPRoute.ValueMatch], _ place: String) throws(SnapshotError) {
    try Words.bound(list.count, Limits.maxRouteTerms, place)
    var names: Set<String> = []
    for (index, match) in list.enumerated() {
      let place = "\(place)[\(index)]"
      try Words.refuse(match.name, HTTPSyntax.fieldNameProblem(match.name), "\(place).name")
      guard names.insert(match.name).inserted else { throw SnapshotError(place, "\"\(match.name)\" is given twice") }
      let problem = match.isRegex ? HTTPSyntax.patternProblem(match.value) : HTTPSyntax.textProblem(match.value)
      try Words.refuse(match.value, problem, "\(place).value")
    }
  }

  static func lowerCase(_ name: String, _ place: @autoclosure () -> String) throws(SnapshotError) {
    guard name.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) else { return }
    throw SnapshotError(place(), "\"\(name)\" is not in lower case")
  }

  static func check(_ backend: HTTPRoute.Backend, _ place: String) throws(SnapshotError) {
    try reference(backend.namespace, backend.service, backend.port, place)
    try Words.range(backend.weight, 0...Limits.maxWeight, "\(place).weight")
    try FilterValidation.check(backend.filters, of: nil, "\(place).filters")
  }

  private static func reference(
    _ namespace: String,
    _ service: String,
    _ port: UInt16?,
    _ place: String
  ) throws(SnapshotError) {
    guard LabelSyntax.isDNSLabel(namespace), LabelSyntax.isSubdomain(service) else {
      throw SnapshotError(place, "\"\(namespace)/\(service)\" is not a service's name")
    }
    try Words.range(port, 1...UInt16.max, "\(place).port")
  }
}
