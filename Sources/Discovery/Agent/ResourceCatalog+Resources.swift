internal import FoundationEssentials
internal import MeshModel

extension ResourceCatalog {
  /// What there is of a resource, as `node` gets it.
  public mutating func resource(_ key: ResourceKey, for node: ProxyNode) -> ResourceState {
    switch key.type {
    case .policies: key.name == ResourceKey.policies.name ? policies(for: node) : .absent
    case .lookup: encoded(key) { try lookup(key.name, node.workload.namespace)?.encode() }
    case .service, .endpoints: cached(key)
    }
  }

  /// What stands behind a lookup's name, seen from `namespace`.
  func lookup(_ name: String, _ namespace: String) -> LookupAnswer? {
    var answer = LookupAnswer()
    switch LookupKey(name: name, in: namespace) {
    case .host(let namespace, let service):
      let name = "\(namespace)/\(service)"
      answer.service = services[name] == nil ? "" : name
    case .address(let address):
      answer.service = services.owner(of: address) ?? ""
      services.describe(address, in: &answer)
    case nil: return nil
    }
    return answer.isNothing ? nil : answer
  }

  /// A service with the addresses that are its own, and its documents.
  func content(of name: String) -> ServiceContent? {
    guard var service = services[name]?.shape else { return nil }
    service.addresses.removeAll { services.owner(of: $0) != name }
    let routes = documents.routes(of: name)
    return ServiceContent(service: service, routes: routes, traffic: documents.traffic(of: service, routes))
  }

  /// What is in force at a workload.
  func policiesContent(for node: ProxyNode) -> PoliciesContent {
    var content = documents.policies(for: node.workload)
    let own = node.addresses.reduce(into: Set<String>()) { $0.formUnion(services.serving($1)) }
    // What TLS clients and requests name outside the mesh is not asked about name by name: `*.` could be any.
    let outside = services.outside.subtracting(own).sorted().prefix(DiscoveryLimit.outsideServices)
    content.ownServices = Array((own.sorted() + outside).prefix(DiscoveryLimit.ownServices))
    return content
  }

  private mutating func policies(for node: ProxyNode) -> ResourceState {
    if let known = policies[node] { return .present(known) }
    let state = encoded(.policies) { try policiesContent(for: node).encode() }
    if case .present(let resource) = state { policies.put(resource, for: node) }
    return state
  }

  /// A resource that is the same for all.
  private mutating func cached(_ key: ResourceKey) -> ResourceState {
    if let known = cache[key] { return .present(known) }
    let state = encoded(key) {
      key.type == .service
        ? try content(of: key.name)?.encode() : try services[key.name].map { try EndpointsContent($0).encode() }
    }
    if case .present(let resource) = state { cache.put(resource, at: key) }
    return state
  }

  private func encoded(_ key: ResourceKey, _ encode: () throws -> Data?) -> ResourceState {
    do {
      guard let body = try encode() else { return .absent }
      guard body.count <= DiscoveryLimit.resourceBytes else {
        return .unsendable(
          "\(key) has \(body.count) bytes, more than the \(DiscoveryLimit.resourceBytes) that are sent"
        )
      }
      return .present(EncodedResource(body))
    } catch {
      return .unsendable("\(key) cannot be written: \(error)")
    }
  }
}
