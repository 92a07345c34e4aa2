internal import MeshModel

/// The documents of the mesh, found by what they are for.
struct DocumentIndex: Sendable {
  /// What a TrafficPolicy can be for.
  enum Target: Hashable, Sendable {
    case service(String)
    case route(String)
  }

  private var routes: [String: HTTPRoute] = [:]
  private var routesByParent: [String: Set<String>] = [:]
  private var traffic: [String: TrafficPolicy] = [:]
  private var trafficByTarget: [Target: Set<String>] = [:]
  private var namespaces: [String: NamespaceDocuments] = [:]

  /// The routes that have a service as a parent, by name.
  func routes(of service: String) -> [HTTPRoute] {
    (routesByParent[service] ?? []).compactMap { routes[$0] }.sorted { $0.fullName < $1.fullName }
  }

  /// The traffic policies of a service and of routes, by name.
  func traffic(of service: String, _ routes: [HTTPRoute]) -> [TrafficPolicy] {
    var names = trafficByTarget[.service(service)] ?? []
    for route in routes { names.formUnion(trafficByTarget[.route(route.fullName)] ?? []) }
    return names.compactMap { traffic[$0] }.sorted { $0.fullName < $1.fullName }
  }

  /// What of a namespace is for one of its workloads.
  func policies(for workload: Workload) -> PoliciesContent {
    guard let documents = namespaces[workload.namespace] else { return PoliciesContent() }
    return PoliciesContent(
      policies: documents.policies.filter { $0.selects(workload) },
      mesh: MeshConfiguration(
        authorizations: documents.mesh.authorizations.filter { $0.selects(workload) },
        authentications: documents.mesh.authentications.filter { $0.selects(workload) },
        telemetry: documents.mesh.telemetry.filter { $0.selects(workload) },
        sidecars: documents.mesh.sidecars.filter { $0.selects(workload) }
      )
    )
  }

  /// What an exchange of documents touches.
  struct Difference {
    /// Services, whether there are such or not.
    var services: Set<String> = []
    /// Namespaces whose workloads may have other policies.
    var namespaces: Set<String> = []
  }

  /// Takes documents in place of all that there were. Of two of one kind and name the last counts.
  mutating func replace(_ mesh: MeshConfiguration, _ policies: [NetworkPolicy]) -> Difference {
    var difference = Difference()
    replace(routes: mesh.routes, &difference)
    replace(traffic: mesh.traffic, &difference)
    let found = NamespaceDocuments.byNamespace(mesh, policies)
    for namespace in Set(found.keys).union(namespaces.keys) where found[namespace] != namespaces[namespace] {
      difference.namespaces.insert(namespace)
    }
    namespaces = found
    return difference
  }

  private mutating func replace(routes list: [HTTPRoute], _ difference: inout Difference) {
    let found = Dictionary(list.map { ($0.fullName, $0) }) { _, last in last }
    for (name, old) in routes where found[name] != old {
      for parent in old.parentNames {
        difference.services.insert(parent)
        routesByParent.remove(name, at: parent)
      }
    }
    for (name, new) in found where routes[name] != new {
      for parent in new.parentNames {
        difference.services.insert(parent)
        routesByParent[parent, default: []].insert(name)
      }
    }
    routes = found
  }

  /// After the routes: a policy of a route is told to the services that have it as a parent now. Those that had it before
  /// are told of the route itself.
  private mutating func replace(traffic list: [TrafficPolicy], _ difference: inout Difference) {
    let found = Dictionary(list.map { ($0.fullName, $0) }) { _, last in last }
    for (name, old) in traffic where found[name] != old {
      for target in old.targetNames {
        difference.services.formUnion(services(at: target))
        trafficByTarget.remove(name, at: target)
      }
    }
    for (name, new) in found where traffic[name] != new {
      for target in new.targetNames {
        difference.services.formUnion(services(at: target))
        trafficByTarget[target, default: []].insert(name)
      }
    }
    traffic = found
  }

  private func services(at target: Target) -> Set<String> {
    switch target {
    case .service(let name): [name]
    case .route(let name): routes[name]?.parentNames ?? []
    }
  }
}

/// What is said of a namespace's workloads.
private struct NamespaceDocuments: Hashable, Sendable {
  var policies: [NetworkPolicy] = []
  var mesh = MeshConfiguration()

  /// Documents by namespace, each list by name.
  static func byNamespace(_ mesh: MeshConfiguration, _ policies: [NetworkPolicy]) -> [String: NamespaceDocuments] {
    var found: [String: NamespaceDocuments] = [:]
    for policy in policies.unique { found[policy.namespace, default: .init()].policies.append(policy) }
    for policy in mesh.authorizations.unique {
      found[policy.namespace, default: .init()].mesh.authorizations.append(policy)
    }
    for document in mesh.authentications.unique {
      found[document.namespace, default: .init()].mesh.authentications.append(document)
    }
    for policy in mesh.telemetry.unique { found[policy.namespace, default: .init()].mesh.telemetry.append(policy) }
    for policy in mesh.sidecars.unique { found[policy.namespace, default: .init()].mesh.sidecars.append(policy) }
    return found
  }
}

/// A document with a name.
private protocol NamedDocument {
  var fullName: String { get }
}

extension NetworkPolicy: NamedDocument {}
extension AuthorizationPolicy: NamedDocument {}
extension RequestAuthentication: NamedDocument {}
extension TelemetryPolicy: NamedDocument {}
extension SidecarPolicy: NamedDocument {}

extension Array where Element: NamedDocument {
  /// By name, each name once: the last counts.
  fileprivate var unique: [Element] {
    Dictionary(map { ($0.fullName, $0) }) { _, last in last }.values.sorted { $0.fullName < $1.fullName }
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
        case .route(let name): .route("\(namespace)/\(name)")
        }
      }
    )
  }
}
