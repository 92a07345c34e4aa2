public import MeshModel

/// The mesh as an agent pushes it: services and documents go in, resources come out, and of each change the names of the
/// resources that it may have changed.
///
/// A change costs what the service or the documents are that changed, not what the mesh is. Resources are encoded when they
/// are asked for, and kept until they change.
public struct ResourceCatalog: Sendable {
  var services = ServiceTable()
  var documents = DocumentIndex()
  var cache = ResourceCache()
  var policies = PolicyCache()

  /// A mesh without services and documents.
  public init() {}

  /// Services known.
  public var serviceCount: Int { services.count }

  /// Bytes of encoded resources that are kept.
  public var cachedBytes: Int { cache.bytes + policies.bytes }

  /// Takes a service with its endpoints in place of what its name had. Of one port's endpoints only as many count as a
  /// snapshot may have.
  public mutating func replace(_ service: Service) -> Set<ResourceKey> {
    let old = services[service.fullName]
    let service = service.withinLimits
    guard old != service else { return [] }
    return exchange(service.fullName, old, service)
  }

  /// Takes a service away.
  public mutating func remove(_ name: String) -> Set<ResourceKey> {
    guard let old = services[name] else { return [] }
    return exchange(name, old, nil)
  }

  /// Takes other endpoints of a service, by its ports; a port that is not named has none then. Nothing happens where there
  /// is no such service.
  public mutating func replaceEndpoints(_ endpoints: [UInt16: [Endpoint]], of name: String) -> Set<ResourceKey> {
    guard var service = services[name] else { return [] }
    for index in service.ports.indices { service.ports[index].endpoints = endpoints[service.ports[index].port] ?? [] }
    return replace(service)
  }

  /// Takes what documents say otherwise than before.
  public mutating func change(_ change: ConfigurationChange) -> Set<ResourceKey> {
    let difference = documents.change(change)
    var changes = Set(difference.services.map { ResourceKey(.service, $0) })
    if !difference.hosts.isEmpty {
      for name in services.outside {
        guard let service = services[name], let hosts = difference.hosts[service.namespace] else { continue }
        if service.hostPatterns.contains(where: hosts.contains) { changes.insert(ResourceKey(.service, name)) }
      }
    }
    for key in changes { cache.remove(key) }
    if !difference.namespaces.isEmpty {
      if difference.isOfAll { policies.forgetAll() } else { policies.forget(namespaces: difference.namespaces) }
      changes.insert(.policies)
    }
    return changes
  }

  private mutating func exchange(_ name: String, _ old: Service?, _ new: Service?) -> Set<ResourceKey> {
    var changes: Set<ResourceKey> = []
    let addresses = AddressChange.virtual(old, new)
    let endpoints = AddressChange.endpoints(old, new)
    // Before and after: who had the address, and who has it.
    let before = claimants(of: addresses.differing)
    if let new {
      services.put(new, endpoints: endpoints, addresses: addresses)
    } else {
      services.remove(name, endpoints: endpoints, addresses: addresses)
    }
    for other in before.union(claimants(of: addresses.differing)) { changes.insert(ResourceKey(.service, other)) }
    for address in addresses.differing { changes.insert(ResourceKey(.lookup, LookupKey.address(address).name)) }

    let doForward = old?.forwardsClients ?? false != new?.forwardsClients ?? false
    let remeshed = AddressChange.remeshed(old, new)
    for address in doForward ? endpoints.before.union(endpoints.after) : endpoints.differing.union(remeshed) {
      changes.insert(ResourceKey(.lookup, LookupKey.address(address).name))
    }
    if policies.forget(addresses: endpoints.differing) { changes.insert(.policies) }

    if old?.hosts.isEmpty ?? true != new?.hosts.isEmpty ?? true {
      policies.forgetAll()
      changes.insert(.policies)
    }
    if old?.shape != new?.shape { changes.insert(ResourceKey(.service, name)) }
    if old == nil || new == nil || old?.ports != new?.ports { changes.insert(ResourceKey(.endpoints, name)) }
    if old == nil || new == nil, let either = old ?? new {
      for name in LookupKey.names(of: either) { changes.insert(ResourceKey(.lookup, name)) }
    }
    for key in changes { cache.remove(key) }
    return changes
  }

  private func claimants(of addresses: Set<IPAddress>) -> Set<String> {
    addresses.reduce(into: []) { $0.formUnion(services.claimants(of: $1)) }
  }
}

extension Service {
  /// The same without endpoints, which change while all else stays.
  var shape: Service {
    var shape = self
    for index in shape.ports.indices { shape.ports[index].endpoints = [] }
    return shape
  }

  /// The same with as many endpoints on each port as proxies take: the first.
  fileprivate var withinLimits: Service {
    guard ports.contains(where: { $0.endpoints.count > SnapshotLimits.maxPortEndpoints }) else { return self }
    var service = self
    for index in service.ports.indices {
      service.ports[index].endpoints = Array(service.ports[index].endpoints.prefix(SnapshotLimits.maxPortEndpoints))
    }
    return service
  }
}
