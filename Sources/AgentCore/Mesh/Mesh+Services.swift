internal import AgentStore
internal import Discovery
internal import Logging
internal import MeshDocuments
internal import MeshModel
internal import Registry
internal import Replication

/// What changed is worked out here, once for all that a call did, and told to proxies and names.
extension Mesh {
  /// Tells what is different since the last call.
  func settle() {
    guard !dirty.isEmpty else { return }
    if dirty.all || !dirty.documents.isEmpty {
      let all = catalogue.documentKeys.lazy.filter { !$0.kind.isInternal }
      refreshDocuments(dirty.all ? Set(all) : dirty.documents)
    }
    let dirt = dirty
    dirty = DirtySet()
    var touched = Set(dirt.services.map { ServiceKey(namespace: $0.namespace, name: $0.name) })
    for service in dirt.effects.services {
      touched.insert(ServiceKey(namespace: service.namespace, name: service.name))
    }
    let changed = resources.change(dirt.effects.configuration)
    if dirt.all {
      touched.formUnion(services.keys)
      touched.formUnion(catalogue.boundKeys.map { ServiceKey(namespace: $0.namespace, name: $0.name) })
    }
    tell(touched, changed)
  }

  /// Works services out anew and tells them. Addresses that some of them get or give up are on disk before anybody hears
  /// of them, those of all in one transaction.
  private func tell(_ touched: Set<ServiceKey>, _ other: Set<ResourceKey>) {
    var addresses = StoreChanges()
    let outcomes = touched.map { ($0, workOut($0, &addresses)) }
    remember(addresses)
    var changed = other
    for (key, outcome) in outcomes { changed.formUnion(take(outcome, of: key)) }
    tell(changed)
  }

  /// What becomes of a service.
  private enum Outcome {
    case unchanged
    case known(KnownService)
    case gone
  }

  /// Works one service out anew.
  private func workOut(_ key: ServiceKey, _ addresses: inout StoreChanges) -> Outcome {
    let instances = instances(of: key)
    let name = ServiceName(namespace: key.namespace, name: key.name)
    let document = documents.service(name)
    guard document != nil || !instances.isEmpty else {
      guard services[key] != nil else { return .unchanged }
      release(key, &addresses)
      return .gone
    }
    let registered = RegisteredService(
      namespace: key.namespace,
      name: key.name,
      instances: instances.map(\.record),
      virtualAddresses: self.addresses(of: key, &addresses)
    )
    let merge = ServiceMerge(document, isHeadless: documents.isHeadless(name), registered)
    for note in merge.notes { log.warning("\(note)") }
    guard var service = merge.services.first else { return .unchanged }
    if document == nil { WebPort.add(to: &service) }
    return .known(KnownService(service: service, instances: instances))
  }

  /// Puts into force what a service is now, and says which resources of it are others for that.
  private func take(_ outcome: Outcome, of key: ServiceKey) -> Set<ResourceKey> {
    switch outcome {
    case .unchanged: return []
    case .gone:
      services[key] = nil
      names.remove(namespace: key.namespace, name: key.name)
      return resources.remove("\(key.namespace)/\(key.name)")
    case .known(let known):
      services[key] = known
      names.put(known.service)
      return resources.replace(known.service)
    }
  }

  /// What live hosts say that they run of a service.
  private func instances(of key: ServiceKey) -> [HostInstance] {
    catalogue.endpoints(key.record).flatMap { contender -> [HostInstance] in
      guard let content = contender.record.content,
        let decoded = try? InstanceRecord.decode(content, namespace: key.namespace, name: key.name, in: domain)
      else {
        count("records_unreadable")
        return []
      }
      if decoded.left > 0 { count("instances_unreadable", by: UInt64(decoded.left)) }
      return decoded.instances.map { HostInstance(host: contender.owner, record: $0) }
    }
  }

  // MARK: Virtual addresses

  private func addresses(of key: ServiceKey, _ changes: inout StoreChanges) -> [IPAddress] {
    if let known = virtual.assignment(namespace: key.namespace, name: key.name) { return known.addresses }
    guard let assignment = virtual.assign(namespace: key.namespace, name: key.name) else {
      count("virtual_addresses_exhausted")
      return []
    }
    changes.put(assignment)
    return assignment.addresses
  }

  private func release(_ key: ServiceKey, _ changes: inout StoreChanges) {
    let released = virtual.release(namespace: key.namespace, name: key.name, now_ms: Int64(Clocks.wall_ms))
    if let released { changes.put(released) }
  }

  /// Gives addresses back that have been nobody's for long enough.
  func expireAddresses() {
    let now_ms = Clocks.monotonic_ms
    guard now_ms >= addressesDue_ms else { return }
    addressesDue_ms = now_ms + Self.addressInterval_ms
    var changes = StoreChanges()
    for gone in virtual.expire(now_ms: Int64(Clocks.wall_ms)) {
      changes.removeVirtualAddresses(namespace: gone.namespace, name: gone.name)
    }
    remember(changes)
  }

  /// Between two looks for addresses that nobody has: they are kept for an hour, so a minute more is nothing.
  static let addressInterval_ms: UInt64 = 60_000
}
