internal import MeshModel

/// Reads a gateway.networking.k8s.io TLSRoute (sigs.k8s.io/gateway-api/apis/v1alpha3 tlsroute_types.go) whose parents are
/// services: by the name that a TLS client asks for, which service its connection goes to, with not a byte changed.
struct TLSRouteReader {
  private let namespace: String
  private var references: [ServiceReference] = []

  private init(namespace: String) { self.namespace = namespace }

  private static let advice = [
    "matches": "is a request's, and of a TLS connection no request is seen; write hostnames",
    "filters": "is a request's, and of a TLS connection no request is seen; leave it out",
  ]

  /// The route; nil after an error.
  static func read(_ document: Field) -> (ObjectName, RouteDocument)? {
    let advice = ["useDefaultGateways": "is not supported: a mesh's route is for services; write parentRefs"]
    guard let (name, spec) = document.nameAndSpec(wanted: "parentRefs: ..., hostnames: ..., rules: ..."),
      let fields = spec.object(["parentRefs", "hostnames", "rules"], advice: advice)
    else { return nil }
    var reader = TLSRouteReader(namespace: name?.namespace ?? Workload.defaultNamespace)
    let parents = spec.require("parentRefs", in: fields, "parentRefs: [{kind: Service, group: \"\", name: ...}]")
    let rules = spec.require("rules", in: fields, "rules: [{backendRefs: [{name: ..., port: 443}]}]")
    if let rules, rules.count ?? 1 > 1 {
      rules.error("has more than one rule, and the first takes every connection; write a TLSRoute for each")
    }
    let route = HTTPRoute(
      .tls,
      namespace: reader.namespace,
      name: name?.name ?? "",
      created_s: name?.creationTimestamp?.timestamp(),
      parents: parents?.entries(limit: SnapshotLimits.maxParents) { reader.parent($0) } ?? [],
      hostnames: fields["hostnames"]?.entries(limit: SnapshotLimits.maxRouteTerms) { field in
        field.text { HTTPSyntax.hostnameProblem($0, mayBeWild: true) }
      } ?? [],
      rules: rules?.entries(limit: SnapshotLimits.maxRouteRules) { reader.rule($0) } ?? []
    )
    return name.map { ($0, RouteDocument(route: route, references: reader.references)) }
  }

  private mutating func parent(_ field: Field) -> HTTPRoute.Parent? {
    guard let service = ServiceReference.parent(field, in: namespace) else { return nil }
    references.append(service)
    return HTTPRoute.Parent(namespace: service.key.namespace, service: service.key.name, port: service.port)
  }

  private mutating func rule(_ field: Field) -> HTTPRoute.Rule? {
    guard let fields = field.object(["name", "backendRefs"], advice: Self.advice) else { return nil }
    let name = fields["name"]?.text {
      LabelSyntax.isSubdomain($0) ? nil : "is not a name: lower-case letters, digits, - and ."
    }
    let backends = field.require("backendRefs", in: fields, "backendRefs: [{name: ..., port: 443}]")?
      .entries(limit: SnapshotLimits.maxRouteTerms) { backend($0) }
    return backends.map { HTTPRoute.Rule(name: name ?? "", backends: $0) }
  }

  private mutating func backend(_ field: Field) -> HTTPRoute.Backend? {
    let known = ["group", "kind", "name", "namespace", "port", "weight"]
    guard let fields = field.object(known, advice: Self.advice) else { return nil }
    let weight = fields["weight"].map { $0.integer(0...SnapshotLimits.maxWeight, "a weight") } ?? 1
    guard let service = ServiceReference.backend(field, fields, in: namespace), let port = service.port, let weight
    else { return nil }
    references.append(service)
    return HTTPRoute.Backend(
      namespace: service.key.namespace,
      service: service.key.name,
      port: port,
      weight: weight
    )
  }
}
