internal import MeshModel

/// A BackendTrafficPolicy as a document gives it, and where its targets stand.
struct TrafficDocument: Sendable {
  let policy: TrafficPolicy
  /// In the order of the policy's.
  let targets: [Spot]
}

/// Reads Envoy Gateway's BackendTrafficPolicy (gateway.envoyproxy.io/v1alpha1), as far as it speaks of faults, local
/// rate limits and the choice of endpoints.
enum TrafficReader {
  /// The policy; nil after an error.
  static func read(_ document: Field) -> (ObjectName, TrafficDocument)? {
    let advice = [
      "retry": "is not supported here; write retry in an HTTPRoute's rule",
      "timeout": "is not supported here; write timeouts in an HTTPRoute's rule",
      "targetSelectors": "is not supported; write targetRefs",
    ]
    let known = ["targetRef", "targetRefs", "faultInjection", "rateLimit", "loadBalancer"]
    guard let (name, spec) = document.nameAndSpec(wanted: "targetRefs: ..., rateLimit: ..."),
      let fields = spec.object(known, advice: advice)
    else { return nil }
    let limits = fields["rateLimit"].map(RateLimitReader.read)
    let fault = fields["faultInjection"].flatMap(fault)
    let balancing = fields["loadBalancer"].flatMap(loadBalancing)
    let targets = targets(spec, fields)
    guard let name else { return nil }
    let policy = TrafficPolicy(
      namespace: name.namespace,
      name: name.name,
      targets: targets.map(\.target),
      fault: fault,
      rateLimits: limits ?? [],
      loadBalancing: balancing
    )
    return (name, TrafficDocument(policy: policy, targets: targets.map(\.field.spot)))
  }

  private static func targets(_ spec: Field, _ fields: [String: Field]) -> [(
    field: Field, target: TrafficPolicy.Target
  )] {
    if fields["targetRef"] != nil { fields["targetRefs"]?.error("does not go with targetRef; leave one out") }
    if let one = fields["targetRef"] { return target(one).map { [(one, $0)] } ?? [] }
    return spec.require("targetRefs", in: fields, "targetRefs: [{group: \"\", kind: Service, name: ...}]")?
      .entries(limit: SnapshotLimits.maxTrafficTerms) { field in target(field).map { (field, $0) } } ?? []
  }

  private enum Kind: String, CaseIterable {
    case service = "Service"
    case route = "HTTPRoute"
    case grpcRoute = "GRPCRoute"

    var group: String { self == .service ? "" : "gateway.networking.k8s.io" }
  }

  private static func target(_ field: Field) -> TrafficPolicy.Target? {
    let advice = ["sectionName": "is not supported: a policy is for a whole service or route"]
    guard let fields = field.object(["group", "kind", "name"], advice: advice),
      let kind = field.require("kind", in: fields, "kind: Service")?
        .word(Kind.self, "target here", advice: ["Gateway": "is not supported; write Service, HTTPRoute or GRPCRoute"])
    else { return nil }
    let group = field.require("group", in: fields, "group: \"\(kind.group)\"")?.text {
      $0 == kind.group || kind == .service && $0 == "core"
        ? nil : "is not the group of \(kind.rawValue); wanted is \"\(kind.group)\""
    }
    let name = field.require("name", in: fields, "name: ...")?.text {
      LabelSyntax.isSubdomain($0) ? nil : "is not a name: lower-case letters, digits, - and ., at most 253"
    }
    guard group != nil, let name else { return nil }
    switch kind {
    case .service: return .service(name)
    case .route: return .route(name)
    case .grpcRoute: return .grpcRoute(name)
    }
  }

  private static func fault(_ field: Field) -> TrafficPolicy.Fault? {
    guard let fields = field.object(["delay", "abort"]) else { return nil }
    if field.saysNothing(fields) { field.error("injects nothing; wanted is delay or abort") }
    var fault = TrafficPolicy.Fault()
    if let delay = fields["delay"], let fields = delay.object(["fixedDelay", "percentage"]) {
      fault.delay_ms = delay.require("fixedDelay", in: fields, "fixedDelay: 100ms")?.milliseconds()
      fault.delayPartsPerMillion = fields["percentage"]?.partsPerMillion() ?? 1_000_000
    }
    let advice = ["grpcStatus": "is not supported; write httpStatus"]
    if let abort = fields["abort"], let fields = abort.object(["httpStatus", "percentage"], advice: advice) {
      fault.abortStatus = abort.require("httpStatus", in: fields, "httpStatus: 503")?.integer(200...599, "a status")
      fault.abortPartsPerMillion = fields["percentage"]?.partsPerMillion() ?? 1_000_000
    }
    return fault
  }

  private static func loadBalancing(_ field: Field) -> TrafficPolicy.LoadBalancing? {
    let unsupported = "is not supported"
    let advice = [
      "consistentHash": unsupported, "slowStart": unsupported, "zoneAware": unsupported,
      "endpointOverride": unsupported,
    ]
    guard let fields = field.object(["type"], advice: advice) else { return nil }
    return field.require("type", in: fields, "type: LeastRequest")?.word(
      TrafficPolicy.LoadBalancing.self,
      "way to choose",
      advice: ["ConsistentHash": "is not supported yet; write LeastRequest, RoundRobin or Random"]
    )
  }
}
