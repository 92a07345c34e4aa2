public import MeshModel

extension ProxyView {
  /// Whether what the proxy must know before it decides anything is here: the policies of its workload, and the services
  /// that it is an endpoint of.
  public var isReady: Bool {
    guard let policies else { return false }
    return policies.ownServices.allSatisfy { name in
      services[name].map { $0.current != nil || !incomplete.contains(name) } ?? true
    }
  }

  /// What workers are to decide by; nil where nothing changed since the last one, or nothing can be said yet. After an
  /// error, the one before stays.
  public mutating func takeSnapshot() throws(SnapshotError) -> Snapshot? {
    guard isChanged || !hasBegun, hasBegun || isReady, let policies else { return nil }
    isChanged = false
    var mesh = policies.mesh
    var routes: [String: (arrival: UInt64, route: HTTPRoute)] = [:]
    var traffic: [String: (arrival: UInt64, policy: TrafficPolicy)] = [:]
    var claimed: Set<SocketAddress> = []
    for (_, held) in services.sorted(by: { $0.key < $1.key }) {
      guard let content = held.current else { continue }
      mesh.services.append(held.endpoints.joined(to: content.service, &claimed))
      for route in content.routes where held.arrival > routes[route.key]?.arrival ?? 0 {
        routes[route.key] = (held.arrival, route)
      }
      for policy in content.traffic where held.arrival > traffic[policy.fullName]?.arrival ?? 0 {
        traffic[policy.fullName] = (held.arrival, policy)
      }
    }
    mesh.routes = routes.values.map(\.route)
    mesh.traffic = traffic.values.map(\.policy)
    let snapshot = try Snapshot(policies: policies.policies, mesh: mesh)
    hasBegun = true
    return snapshot
  }
}

extension EndpointsContent {
  /// The service with these endpoints. An address and port that another service has already is left out, as the agent does:
  /// for a moment both may be told to have it, and a snapshot must not.
  fileprivate func joined(to service: Service, _ claimed: inout Set<SocketAddress>) -> Service {
    var service = service
    service.addresses.removeAll { address in
      service.ports.contains { claimed.contains(SocketAddress(address, port: $0.port)) }
    }
    for index in service.ports.indices {
      service.ports[index].endpoints = ports[service.ports[index].port] ?? []
      for address in service.addresses { claimed.insert(SocketAddress(address, port: service.ports[index].port)) }
    }
    return service
  }
}
