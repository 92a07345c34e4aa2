extension ProxyView {
  /// After lookups, own services or routes changed: holds the services that are needed and no others, puts into force what
  /// has become complete, and settles lookups.
  mutating func review() {
    keepNeeded()
    // What came into force may lead to fewer services than what it replaced.
    if settle() { keepNeeded() }
  }

  /// The services that lookups name, those of the workload itself, and all that routes of these lead to.
  private mutating func keepNeeded() {
    var needed: Set<String> = []
    // The latest first, so that the limit cuts what was wanted longest ago.
    let asked = [hosts, addresses].joined().filter { !($0.value.answer?.service ?? "").isEmpty }
      .sorted { $0.value.wanted > $1.value.wanted }
      .compactMap { $0.value.answer?.service }
    var queue = (policies?.ownServices ?? []) + asked
    var next = 0
    leftOut = 0
    while next < queue.count {
      let name = queue[next]
      next += 1
      guard !needed.contains(name) else { continue }
      guard needed.count < limits.services else {
        leftOut += 1
        continue
      }
      needed.insert(name)
      if let service = services[name] { queue += service.backends.sorted() }
    }
    for name in services.keys.filter({ !needed.contains($0) }).sorted() {
      if services[name]?.current != nil { isChanged = true }
      services[name] = nil
      changes.append(SubscriptionChange(key: ResourceKey(.service, name), isWanted: false))
      changes.append(SubscriptionChange(key: ResourceKey(.endpoints, name), isWanted: false))
    }
    for name in needed.filter({ services[$0] == nil }).sorted() {
      services[name] = HeldService()
      changes.append(SubscriptionChange(key: ResourceKey(.service, name), isWanted: true))
      changes.append(SubscriptionChange(key: ResourceKey(.endpoints, name), isWanted: true))
    }
  }

  /// Puts into force what waits for nothing any more, and tells who may go on. Returns whether anything came into force.
  private mutating func settle() -> Bool {
    incomplete = servicesThatLeadToUnknown()
    var hasPromoted = false
    for name in services.keys where !incomplete.contains(name) {
      if services[name]?.promote() == true { hasPromoted = true }
    }
    isChanged = isChanged || hasPromoted
    settleLookups()
    return hasPromoted
  }

  /// Tells those who wait for a lookup that has become settled.
  mutating func settleLookups() {
    let ready = waiting.filter { key in lookup(key).map { isSettled($0) } ?? true }
    waiting.subtract(ready)
    settled += ready.sorted { $0.name < $1.name }
  }

  /// Walks from services that are not known yet to those whose routes lead there, against the routes.
  private func servicesThatLeadToUnknown() -> Set<String> {
    var unknown = services.filter { !$0.value.isKnown }.map(\.key)
    guard !unknown.isEmpty else { return [] }
    var leading: [String: [String]] = [:]
    for (name, service) in services {
      // What waits is what will be in force.
      for backend in (service.next ?? service.current)?.backends ?? [] { leading[backend, default: []].append(name) }
    }
    var found = Set(unknown)
    while let name = unknown.popLast() {
      for other in leading[name] ?? [] where found.insert(other).inserted { unknown.append(other) }
    }
    return found
  }
}
