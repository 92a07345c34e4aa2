internal import MeshModel

/// A route as a document gives it, and the services it names.
struct RouteDocument: Sendable {
  let route: HTTPRoute
  let references: [ServiceReference]
}

/// Reads a gateway.networking.k8s.io/v1 HTTPRoute or GRPCRoute (sigs.k8s.io/gateway-api/apis/v1 httproute_types.go and
/// grpcroute_types.go) whose parents are services, as the GAMMA initiative has it.
struct RouteReader {
  let kind: HTTPRoute.Kind
  let namespace: String
  private let tries: CallTries
  private(set) var references: [ServiceReference] = []
  private var ruleNames: Set<String> = []

  private init(_ kind: HTTPRoute.Kind, namespace: String, _ tries: CallTries) {
    self.kind = kind
    self.namespace = namespace
    self.tries = tries
  }

  /// The route; nil after an error.
  static func read(_ document: Field, _ kind: HTTPRoute.Kind) -> (ObjectName, RouteDocument)? {
    let advice = ["useDefaultGateways": "is not supported: a mesh's route is for services; write parentRefs"]
    let annotations = kind == .grpc ? CallTries.annotations : []
    guard let (name, spec) = document.nameAndSpec(wanted: "parentRefs: ..., rules: ...", annotations: annotations),
      let fields = spec.object(["parentRefs", "hostnames", "rules"], advice: advice)
    else { return nil }
    var reader = RouteReader(
      kind,
      namespace: name?.namespace ?? Workload.defaultNamespace,
      CallTries(kind == .grpc ? name?.annotations : nil)
    )
    let parents = spec.require("parentRefs", in: fields, "parentRefs: [{kind: Service, group: \"\", name: ...}]")
    let route = HTTPRoute(
      kind,
      namespace: reader.namespace,
      name: name?.name ?? "",
      created_s: name?.creationTimestamp?.timestamp(),
      parents: parents?.entries(limit: SnapshotLimits.maxParents) { reader.parent($0) } ?? [],
      hostnames: fields["hostnames"]?.each(limit: SnapshotLimits.maxRouteTerms) { field in
        field.text { HTTPSyntax.hostnameProblem($0, mayBeWild: true) }
      } ?? [],
      // Kubernetes fills in a rule that takes every request.
      rules: fields["rules"]?.entries(limit: SnapshotLimits.maxRouteRules) { reader.rule($0) } ?? [reader.emptyRule]
    )
    let matches = route.rules.reduce(0) { $0 + $1.matches.count }
    if matches > SnapshotLimits.maxRouteMatches {
      fields["rules"]?.error("have \(matches) matches, more than the \(SnapshotLimits.maxRouteMatches) allowed")
    }
    return name.map { ($0, RouteDocument(route: route, references: reader.references)) }
  }

  private mutating func parent(_ field: Field) -> HTTPRoute.Parent? {
    guard let service = ServiceReference.parent(field, in: namespace) else { return nil }
    references.append(service)
    return HTTPRoute.Parent(namespace: service.key.namespace, service: service.key.name, port: service.port)
  }

  private static let advice = [
    "sessionPersistence": "is not supported: requests of one client may go to several endpoints; leave it out"
  ]
  private static let callAdvice = [
    "timeouts": "is an HTTPRoute's; annotate the GRPCRoute with \(Annotations.requestTimeout): \"10s\"",
    "retry": "is an HTTPRoute's; annotate the GRPCRoute with \(Annotations.retryOn): \"unavailable\"",
  ].merging(advice) { first, _ in first }

  /// Takes what comes, as the route's annotations say.
  private var emptyRule: HTTPRoute.Rule { HTTPRoute.Rule(requestTimeout_ms: tries.timeout_ms, retry: tries.retry) }

  private mutating func rule(_ field: Field) -> HTTPRoute.Rule? {
    let known = ["name", "matches", "filters", "backendRefs"] + (kind == .grpc ? [] : ["timeouts", "retry"])
    guard let fields = field.object(known, advice: kind == .grpc ? Self.callAdvice : Self.advice) else { return nil }
    var rule = emptyRule
    rule.name = fields["name"].flatMap { ruleName($0) } ?? ""
    let match = kind == .grpc ? CallMatchReader.read : RouteMatchReader.read
    rule.matches = fields["matches"]?.each(limit: SnapshotLimits.maxRuleMatches, match) ?? []
    rule.backends = fields["backendRefs"]?.each(limit: SnapshotLimits.maxRouteTerms) { backend($0) } ?? []
    if let filters = fields["filters"] {
      rule.filters = filters.each(limit: SnapshotLimits.maxRouteTerms) { filter($0) }
      if kind == .http { RouteFilterReader.check(filters, &rule) } else { RouteFilterReader.checkCalls(filters, rule) }
    }
    if let timeouts = fields["timeouts"] { read(timeouts, into: &rule) }
    if let retry = fields["retry"] { rule.retry = self.retry(retry) }
    return rule
  }

  /// A rule's name, which records show; each once.
  private mutating func ruleName(_ field: Field) -> String? {
    let name = field.text { LabelSyntax.isSubdomain($0) ? nil : "is not a name: lower-case letters, digits, - and ." }
    if let name, !ruleNames.insert(name).inserted { field.error("\"\(name)\" is given twice") }
    return name
  }

  private mutating func backend(_ field: Field) -> HTTPRoute.Backend? {
    let known = ["group", "kind", "name", "namespace", "port", "weight", "filters"]
    guard let fields = field.object(known) else { return nil }
    let weight = fields["weight"].map { $0.integer(0...SnapshotLimits.maxWeight, "a weight") } ?? 1
    let filters = fields["filters"]?.each(limit: SnapshotLimits.maxRouteTerms, RouteFilterReader.headerEdits) ?? []
    guard let service = ServiceReference.backend(field, fields, in: namespace), let port = service.port, let weight
    else { return nil }
    references.append(service)
    return HTTPRoute.Backend(
      namespace: service.key.namespace,
      service: service.key.name,
      port: port,
      weight: weight,
      filters: filters
    )
  }

  private mutating func filter(_ field: Field) -> HTTPRoute.Filter? {
    RouteFilterReader.read(field, in: namespace, &references)
  }

  private func read(_ field: Field, into rule: inout HTTPRoute.Rule) {
    guard let fields = field.object(["request", "backendRequest"]) else { return }
    rule.requestTimeout_ms = fields["request"]?.milliseconds()
    rule.backendTimeout_ms = fields["backendRequest"]?.milliseconds()
    if let whole = rule.requestTimeout_ms, let part = rule.backendTimeout_ms, whole > 0, part > whole {
      fields["backendRequest"]?.error("is longer than request, which ends it")
    }
  }

  private func retry(_ field: Field) -> HTTPRoute.Retry? {
    guard let fields = field.object(["codes", "attempts", "backoff"]) else { return nil }
    var retry = HTTPRoute.Retry()
    retry.codes =
      fields["codes"]?.each(limit: SnapshotLimits.maxRetryCodes) { $0.integer(400...599, "a status to retry") } ?? []
    if let attempts = fields["attempts"]?.integer(0...SnapshotLimits.maxRetryAttempts, "a number of further tries") {
      retry.attempts = attempts
    }
    if let backoff_ms = fields["backoff"]?.milliseconds() { retry.backoff_ms = backoff_ms }
    return retry
  }
}
