internal import MeshModel

/// The documents of the mesh, found by what they are for.
struct DocumentIndex: Sendable {
  /// What a TrafficPolicy can be for.
  enum Target: Hashable, Sendable {
    case service(String)
    /// By its key.
    case route(String)
    /// Services of a namespace that have such a name outside the mesh.
    case host(String, namespace: String)
  }

  private(set) var routes: [String: HTTPRoute] = [:]
  private var routesByParent: [String: Set<String>] = [:]
  private(set) var traffic: [String: TrafficPolicy] = [:]
  private var trafficByTarget: [Target: Set<String>] = [:]
  private(set) var namespaces: [String: NamespaceDocuments] = [:]

  /// The routes that have a service as a parent, by name.
  func routes(of service: String) -> [HTTPRoute] {
    (routesByParent[service] ?? []).compactMap { routes[$0] }.sorted { $0.key < $1.key }
  }

  /// The traffic policies of a service and of routes, by name.
  func traffic(of service: Service, _ routes: [HTTPRoute]) -> [TrafficPolicy] {
    var names = trafficByTarget[.service(service.fullName)] ?? []
    for host in service.hostPatterns {
      names.formUnion(trafficByTarget[.host(host, namespace: service.namespace)] ?? [])
    }
    for route in routes { names.formUnion(trafficByTarget[.route(route.key)] ?? []) }
    return names.compactMap { traffic[$0] }.sorted { $0.fullName < $1.fullName }
  }

  /// What of a namespace is for one of its workloads.
  func policies(for workload: Workload) -> PoliciesContent {
    var content = namespaces[workload.namespace]?.content(for: workload) ?? PoliciesContent()
    let root = PeerAuthentication.rootNamespace
    if workload.namespace != root, let whole = namespaces[root]?.peerAuthentications(for: workload) {
      content.mesh.peerAuthentications += whole
    }
    return content
  }

  /// What a change of documents touches.
  struct Difference {
    /// Services, whether there are such or not.
    var services: Set<String> = []
    /// Names outside the mesh by which services of a namespace are meant.
    var hosts: [String: Set<String>] = [:]
    /// Namespaces whose workloads may have other policies.
    var namespaces: Set<String> = []
    /// Whether every workload may have other policies.
    var isOfAll = false
  }

  /// Takes what is other than it was; what is not is not looked at.
  mutating func change(_ change: ConfigurationChange) -> Difference {
    var difference = Difference()
    for (name, route) in change.routes where routes[name] != route { replace(route, name, &difference) }
    for (name, policy) in change.traffic where traffic[name] != policy { replace(policy, name, &difference) }
    replace(change.policies, \.policies, &difference)
    replace(change.authorizations, \.authorizations, &difference)
    replace(change.authentications, \.authentications, &difference)
    replace(change.peerAuthentications, \.peerAuthentications, &difference)
    // The root namespace's are for all; that a namespace's own documents come from there too only makes more work.
    difference.isOfAll =
      !change.peerAuthentications.isEmpty && difference.namespaces.contains(PeerAuthentication.rootNamespace)
    replace(change.telemetry, \.telemetry, &difference)
    replace(change.sidecars, \.sidecars, &difference)
    return difference
  }

  private mutating func replace(_ route: HTTPRoute?, _ name: String, _ difference: inout Difference) {
    for parent in routes[name]?.parentNames ?? [] {
      difference.services.insert(parent)
      routesByParent.remove(name, at: parent)
    }
    for parent in route?.parentNames ?? [] {
      difference.services.insert(parent)
      routesByParent[parent, default: []].insert(name)
    }
    routes[name] = route
  }

  /// After the routes: a policy of a route is told to the services that have it as a parent now. Those that had it before
  /// are told of the route itself.
  private mutating func replace(_ policy: TrafficPolicy?, _ name: String, _ difference: inout Difference) {
    for target in traffic[name]?.targetNames ?? [] {
      touch(target, &difference)
      trafficByTarget.remove(name, at: target)
    }
    for target in policy?.targetNames ?? [] {
      touch(target, &difference)
      trafficByTarget[target, default: []].insert(name)
    }
    traffic[name] = policy
  }

  private mutating func replace<Content: Equatable>(
    _ changes: [String: Content?],
    _ list: WritableKeyPath<NamespaceDocuments, [String: Content]>,
    _ difference: inout Difference
  ) {
    for (name, content) in changes {
      // The name says it, for there may be no content any more.
      let namespace = String(name.prefix { $0 != "/" })
      guard namespaces[namespace]?[keyPath: list][name] != content else { continue }
      difference.namespaces.insert(namespace)
      namespaces[namespace, default: NamespaceDocuments()][keyPath: list][name] = content
      if namespaces[namespace]?.isEmpty == true { namespaces[namespace] = nil }
    }
  }

  private func touch(_ target: Target, _ difference: inout Difference) {
    switch target {
    case .service(let name): difference.services.insert(name)
    case .route(let name): difference.services.formUnion(routes[name]?.parentNames ?? [])
    case .host(let host, let namespace): difference.hosts[namespace, default: []].insert(host)
    }
  }
}

extension Dictionary where Value == Set<String> {
  fileprivate mutating func remove(_ name: String, at key: Key) {
    self[key]?.remove(name)
    if self[key]?.isEmpty == true { self[key] = nil }
  }
}

extension HTTPRoute {
  fileprivate var parentNames: Set<String> { Set(parents.map { "\($0.namespace)/\($0.service)" }) }
}

extension TrafficPolicy {
  fileprivate var targetNames: Set<DocumentIndex.Target> {
    Set(
      targets.map {
        switch $0 {
        case .service(let name): .service("\(namespace)/\(name)")
        case .route(let name): .route(HTTPRoute.key(.http, "\(namespace)/\(name)"))
        case .grpcRoute(let name): .route(HTTPRoute.key(.grpc, "\(namespace)/\(name)"))
        case .host(let host): .host(host, namespace: namespace)
        }
      }
    )
  }
}
