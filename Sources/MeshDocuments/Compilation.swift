internal import MeshModel

/// What documents say together: what of each that is not left out is in force.
struct Compilation {
  private(set) var policies: [NetworkPolicy] = []
  private(set) var mesh: MeshConfiguration
  /// The full names of services that say that they have no address.
  private(set) var headless: Set<String> = []

  /// Compiles `documents`; `services` are theirs, with all endpoints.
  init(_ documents: some Sequence<ReadDocument>, without refused: Set<DocumentKey>, _ services: [Service]) {
    mesh = MeshConfiguration(services: services)
    for document in documents where !refused.contains(document.key) {
      switch document.content {
      case .networkPolicy(let policy): policies.append(policy)
      case .httpRoute(let content): mesh.routes.append(content.route)
      case .authorizationPolicy(let policy): mesh.authorizations.append(policy)
      case .requestAuthentication(let policy): mesh.authentications.append(policy)
      case .peerAuthentication(let policy): mesh.peerAuthentications.append(policy)
      case .backendTrafficPolicy(let content): mesh.traffic.append(content.policy)
      case .telemetry(let policy): mesh.telemetry.append(policy)
      case .sidecar(let policy): mesh.sidecars.append(policy)
      case .service(let content): if content.isHeadless { headless.insert(content.fullName) }
      case .endpointSlice, .serviceEntry, .workloadEntry: break
      }
    }
    order()
  }

  /// Orders every list by namespace and name: what documents say together does not depend on how they came about.
  private mutating func order() {
    policies.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.services.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.routes.sort { ($0.namespace, $0.name, $0.key) < ($1.namespace, $1.name, $1.key) }
    mesh.authorizations.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.authentications.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.peerAuthentications.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.traffic.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.telemetry.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.sidecars.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }
}

extension ConfigurationChange {
  /// What of `documents` is in force.
  init(_ documents: some Sequence<ReadDocument>, without refused: Set<DocumentKey>) {
    self.init()
    for document in documents where !refused.contains(document.key) {
      let name = document.key.fullName
      switch document.content {
      case .networkPolicy(let policy): policies[name] = policy
      case .httpRoute(let content): routes[content.route.key] = content.route
      case .authorizationPolicy(let policy): authorizations[name] = policy
      case .requestAuthentication(let policy): authentications[name] = policy
      case .peerAuthentication(let policy): peerAuthentications[name] = policy
      case .backendTrafficPolicy(let content): traffic[name] = content.policy
      case .telemetry(let policy): telemetry[name] = policy
      case .sidecar(let policy): sidecars[name] = policy
      case .service, .endpointSlice, .serviceEntry, .workloadEntry: break
      }
    }
  }
}
