public import MeshModel

extension RegistryState {
  /// The host has other addresses now. Instances that name none listen there; one whose port another has there stays
  /// where it was. A host that has none at the moment keeps what it had: it will come back.
  public mutating func hostChanged(_ options: Options) -> [RegistryDirective] {
    self.options = options
    guard !options.hostAddresses.isEmpty else { return [] }
    var directives: [RegistryDirective] = []
    for (key, old) in instances.sorted(by: { $0.key < $1.key })
    where old.registration.addresses.isEmpty && old.addresses != options.hostAddresses {
      var moved = RegisteredInstance(
        registration: old.registration,
        owner: old.owner,
        addresses: options.hostAddresses,
        checks: old.checks
      )
      moved.isMeshed = old.isMeshed
      guard moved.sockets.allSatisfy({ (sockets[$0] ?? key) == key }) else { continue }
      // Nothing of what is written down changes.
      directives += put(moved, in: old).filter { if case .persist = $0 { false } else { true } }
    }
    return directives
  }
}

extension RegistryState {
  /// A proxy takes the mesh's transport at these addresses, and may be whoever `isIdentity` says, of a namespace and
  /// account: the instances that are all of it are meshed from now on. Each is told and written down once.
  public mutating func meshed(
    at addresses: Set<IPAddress>,
    as isIdentity: (_ namespace: String, _ serviceAccount: String) -> Bool
  ) -> [RegistryDirective] {
    var directives: [RegistryDirective] = []
    for (key, instance) in instances.sorted(by: { $0.key < $1.key }) where !instance.isMeshed {
      guard instance.addresses.allSatisfy(addresses.contains),
        isIdentity(key.namespace, instance.registration.serviceAccount)
      else { continue }
      instances[key]?.isMeshed = true
      guard let changed = instances[key] else { continue }
      directives += [.persist(changed.persistent), .publish(changed.record)]
    }
    return directives
  }
}
