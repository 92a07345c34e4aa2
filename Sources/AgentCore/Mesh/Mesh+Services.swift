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
    let dirt = dirty
    dirty = DirtySet()
    var touched = Set(dirt.services.map { ServiceKey(namespace: $0.namespace, name: $0.name) })
    var changed: Set<ResourceKey> = []
    if dirt.all || !dirt.documents.isEmpty {
      refreshDocuments(dirt.all ? Set(catalogue.documentKeys) : dirt.documents)
      changed.formUnion(
        resources.replace(documents: documents.compiled.mesh, policies: documents.compiled.policies)
      )
      touched.formUnion(changedServices())
    }
    if dirt.all {
      touched.formUnion(services.keys)
      touched.formUnion(catalogue.boundKeys.map { ServiceKey(namespace: $0.namespace, name: $0.name) })
    }
    for key in touched { changed.formUnion(refresh(key)) }
    tell(changed)
  }

  /// Services of documents that are new, gone or other than when they were told last. Documents are few beside instances,
  /// so all are looked at.
  private func changedServices() -> Set<ServiceKey> {
    let old = documentServices
    documentServices = Dictionary(
      documents.compiled.mesh.services.map { (ServiceKey(namespace: $0.namespace, name: $0.name), $0) }
    ) { first, _ in first }
    var changed = Set(old.keys.filter { documentServices[$0] == nil })
    for (key, service) in documentServices where old[key] != service { changed.insert(key) }
    return changed
  }

  /// Works one service out anew, and says which resources of it are others now.
  private func refresh(_ key: ServiceKey) -> Set<ResourceKey> {
    let instances = instances(of: key)
    let document = documentServices[key]
    guard document != nil || !instances.isEmpty else {
      guard services.removeValue(forKey: key) != nil else { return [] }
      release(key)
      names.remove(namespace: key.namespace, name: key.name)
      return resources.remove("\(key.namespace)/\(key.name)")
    }
    let registered = RegisteredService(
      namespace: key.namespace,
      name: key.name,
      instances: instances.map(\.record),
      virtualAddresses: addresses(of: key)
    )
    let isHeadless = documents.compiled.headless.contains("\(key.namespace)/\(key.name)")
    let merge = ServiceMerge(document, isHeadless: isHeadless, registered)
    for note in merge.notes { log.warning("\(note)") }
    guard var service = merge.services.first else { return [] }
    if document == nil { WebPort.add(to: &service) }
    let known = KnownService(service: service, instances: instances)
    services[key] = known
    names.put(service)
    return resources.replace(service)
  }

  /// What live hosts say that they run of a service.
  private func instances(of key: ServiceKey) -> [HostInstance] {
    catalogue.endpoints(key.record).flatMap { contender -> [HostInstance] in
      guard let content = contender.record.content,
        let decoded = try? InstanceRecord.decode(content, namespace: key.namespace, name: key.name)
      else {
        count("records_unreadable")
        return []
      }
      if decoded.left > 0 { count("instances_unreadable", by: UInt64(decoded.left)) }
      return decoded.instances.map { HostInstance(host: contender.owner, record: $0) }
    }
  }

  // MARK: Virtual addresses

  private func addresses(of key: ServiceKey) -> [IPAddress] {
    let known = virtual.assignment(namespace: key.namespace, name: key.name)
    guard let assignment = known ?? virtual.assign(namespace: key.namespace, name: key.name) else {
      count("virtual_addresses_exhausted")
      return []
    }
    if known == nil { remember([assignment]) }
    return assignment.addresses
  }

  private func release(_ key: ServiceKey) {
    virtual.release(namespace: key.namespace, name: key.name, now_ms: Int64(Clocks.wall_ms))
    if let assignment = virtual.assignments.first(where: { $0.namespace == key.namespace && $0.name == key.name }) {
      remember([assignment])
    }
  }

  /// A virtual address that is not on disk is one that may be another after a restart: worth a warning, not a refusal.
  private func remember(_ assignments: [VirtualAssignment]) {
    do {
      try store.put(assignments)
    } catch {
      log.warning("virtual addresses were not written down and may change with a restart", error: error)
    }
  }

  /// Gives addresses back that have been nobody's for long enough.
  func expireAddresses() {
    let now_ms = Clocks.monotonic_ms
    guard now_ms >= addressesDue_ms else { return }
    addressesDue_ms = now_ms + Self.addressInterval_ms
    let before = virtual.assignments
    virtual.expire(now_ms: Int64(Clocks.wall_ms))
    let kept = Set(virtual.assignments.map { ServiceKey(namespace: $0.namespace, name: $0.name) })
    for gone in before where !kept.contains(ServiceKey(namespace: gone.namespace, name: gone.name)) {
      try? store.removeVirtualAddresses(namespace: gone.namespace, name: gone.name)
    }
  }

  /// Between two looks for addresses that nobody has: they are kept for an hour, so a minute more is nothing.
  static let addressInterval_ms: UInt64 = 60_000
}
