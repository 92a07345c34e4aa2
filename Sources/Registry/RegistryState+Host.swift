extension RegistryState {
  /// The host has other addresses now. Instances that name none listen there; one whose port another has there stays
  /// where it was. A host that has none at the moment keeps what it had: it will come back.
  public mutating func hostChanged(_ options: Options) -> [RegistryDirective] {
    self.options = options
    guard !options.hostAddresses.isEmpty else { return [] }
    var directives: [RegistryDirective] = []
    for (key, old) in instances.sorted(by: { $0.key < $1.key })
    where old.registration.addresses.isEmpty && old.addresses != options.hostAddresses {
      let moved = RegisteredInstance(
        registration: old.registration,
        owner: old.owner,
        addresses: options.hostAddresses,
        checks: old.checks
      )
      guard moved.sockets.allSatisfy({ (sockets[$0] ?? key) == key }) else { continue }
      // Nothing of what is written down changes.
      directives += put(moved, in: old).filter { if case .persist = $0 { false } else { true } }
    }
    return directives
  }
}
