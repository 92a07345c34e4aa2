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
    try Words.bound(route.rules.reduce(0) { $0 + $1.matches.count }, Limits.maxRouteMatches, "\(place): all matches")
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
    for code in retry.codes { try Words.range(code, 400...599, "\(place).retry.codes") }
    try Words.range(retry.attempts, 0...Limits.maxRetryAttempts, "\(place).retry.attempts")
    try Words.range(retry.backoff_ms, 0...Limits.maxTime_ms, "\(place).retry.backoff_ms")
  }

  private static func check(_ match: HTTPRoute.Match, _ place: String) throws(SnapshotError) {
    switch match.path {
    case .exact(let path), .prefix(let path): try Words.refuse(path, HTTPSyntax.pathProblem(path), "\(place).path")
    case .regex(let text): try Words.refuse(text, HTTPSyntax.patternProblem(text), "\(place).path")
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

/// What filters may do, and which of them go together.
enum FilterValidation {
  private typealias Words = SnapshotValidation

  /// `rule`: whose filters they are; nil for those of a backend, which may only change header fields.
  static func check(_ filters: [HTTPRoute.Filter], of rule: HTTPRoute.Rule?, _ place: String) throws(SnapshotError) {
    try Words.bound(filters.count, SnapshotLimits.maxRouteTerms, place)
    var kinds: Set<String> = []
    for (index, filter) in filters.enumerated() {
      let place = "\(place)[\(index)]"
      let (kind, path) = try check(filter, place)
      guard let rule else {
        guard kind == "request" || kind == "response" else {
          throw SnapshotError(place, "a backend's filters can only change header fields")
        }
        continue
      }
      guard kind == "mirror" || kinds.insert(kind).inserted else {
        throw SnapshotError(place, "there is another filter of its kind")
      }
      if case .replacePrefix = path {
        guard rule.matches.count == 1, case .prefix = rule.matches[0].path else {
          throw SnapshotError(place, "a prefix can only be replaced where exactly one match has one")
        }
      }
    }
    if kinds.contains("redirect"), kinds.contains("rewrite") || rule?.backends.isEmpty == false {
      throw SnapshotError(place, "a redirect goes with neither a rewrite nor backends")
    }
  }

  /// The filter's kind, and how it changes the path.
  private static func check(
    _ filter: HTTPRoute.Filter,
    _ place: String
  ) throws(SnapshotError) -> (kind: String, path: HTTPRoute.PathEdit?) {
    switch filter {
    case .requestHeaders(let edits):
      try check(edits, place)
      return ("request", nil)
    case .responseHeaders(let edits):
      try check(edits, place)
      return ("response", nil)
    case .redirect(let redirect):
      guard [301, 302, 303, 307, 308].contains(redirect.status) else {
        throw SnapshotError("\(place).status", "\(redirect.status) is not 301, 302, 303, 307 or 308")
      }
      guard redirect.scheme.map({ ["http", "https"].contains($0) }) ?? true else {
        throw SnapshotError("\(place).scheme", "is neither http nor https")
      }
      try Words.range(redirect.port, 1...UInt16.max, "\(place).port")
      try check(redirect.hostname, redirect.path, place)
      return ("redirect", redirect.path)
    case .rewrite(let hostname, let path):
      try check(hostname, path, place)
      return ("rewrite", path)
    case .mirror(let backend, let parts):
      try RouteValidation.check(backend, "\(place).backend")
      try Words.range(parts, 0...1_000_000, "\(place).partsPerMillion")
      return ("mirror", nil)
    }
  }

  private static func check(
    _ hostname: String?,
    _ path: HTTPRoute.PathEdit?,
    _ place: String
  ) throws(SnapshotError) {
    if let hostname { try Words.refuse(hostname, HTTPSyntax.hostnameProblem(hostname), "\(place).hostname") }
    switch path {
    case .replaceFull(let text), .replacePrefix(let text):
      try Words.refuse(text, HTTPSyntax.replacementProblem(text), "\(place).path")
    case nil: break
    }
  }

  private static func check(_ edits: HTTPRoute.HeaderEdits, _ place: String) throws(SnapshotError) {
    for list in [edits.set.count, edits.add.count, edits.remove.count] {
      try Words.bound(list, SnapshotLimits.maxRouteTerms, place)
    }
    for header in edits.set + edits.add {
      try Words.refuse(header.value, HTTPSyntax.fieldValueProblem(header.value), place)
    }
    for name in (edits.set + edits.add).map(\.name) + edits.remove {
      try Words.refuse(name, HTTPSyntax.editedNameProblem(name), place)
      try RouteValidation.lowerCase(name, place)
    }
  }
}
