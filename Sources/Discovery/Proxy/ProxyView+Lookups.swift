internal import MeshModel
internal import Policy

extension ProxyView {
  /// Somebody needs a lookup: a program dials, or a peer. Pending: it will be told by `takeSettled`.
  public mutating func want(_ key: LookupKey) -> Settlement {
    let now = tick()
    if let known = lookup(key) {
      change(key) { $0?.wanted = now }
      guard isSettled(known) else {
        waiting.insert(key)
        return .pending
      }
      return .settled
    }
    makeRoom(for: key)
    change(key) { $0 = Lookup(answer: nil, wanted: now) }
    changes.append(SubscriptionChange(key: ResourceKey(.lookup, key.name), isWanted: true))
    waiting.insert(key)
    return .pending
  }

  /// The answer to a lookup; nil where it is not known.
  public func answer(_ key: LookupKey) -> LookupAnswer? { lookup(key)?.answer }

  /// Whether a lookup that is wanted has all of its answer here.
  public func hasSettled(_ key: LookupKey) -> Bool { lookup(key).map(isSettled) ?? false }

  func lookup(_ key: LookupKey) -> Lookup? {
    switch key {
    case .host: hosts[key]
    case .address: addresses[key]
    }
  }

  mutating func change(_ key: LookupKey, _ body: (inout Lookup?) -> Void) {
    switch key {
    case .host: body(&hosts[key])
    case .address: body(&addresses[key])
    }
  }

  /// Whether all is here that a connection needs to be decided about: the service, what its routes lead to, or the
  /// knowledge that there is none.
  func isSettled(_ lookup: Lookup) -> Bool {
    guard let answer = lookup.answer else { return false }
    guard !answer.service.isEmpty, let service = services[answer.service] else { return true }
    return service.current != nil || !incomplete.contains(answer.service)
  }

  /// Takes the answer to a lookup.
  mutating func take(_ answer: LookupAnswer, _ key: LookupKey) {
    guard lookup(key) != nil else { return }
    change(key) { $0?.answer = answer }
    guard case .address(let address) = key else { return }
    guard answer.isEndpoint else { return peers[address] = nil }
    peers[address] = PeerStanding(
      isEndpoint: true,
      forwardsClients: answer.forwardsClients,
      isMeshed: answer.isMeshed,
      identity: answer.identity
    )
  }

  /// Lets go of the lookups of one kind that were wanted longest ago, when there are too many: first those behind which
  /// there is nothing, so that who tries every address does not drive out what is in use.
  private mutating func makeRoom(for key: LookupKey) {
    let (held, limit) =
      switch key {
      case .host: (hosts, limits.hosts)
      case .address: (addresses, limits.addresses)
      }
    guard held.count >= limit else { return }
    let order = held.map { (key: $0.key, isUsed: !($0.value.answer?.isNothing ?? true), wanted: $0.value.wanted) }
      .sorted { ($0.isUsed ? 1 : 0, $0.wanted) < ($1.isUsed ? 1 : 0, $1.wanted) }
    var hasServices = false
    for entry in order.prefix(max(1, limit / DiscoveryLimit.evictedShare)) {
      hasServices = hasServices || entry.isUsed
      forget(entry.key)
    }
    if hasServices { review() }
  }

  private mutating func forget(_ key: LookupKey) {
    change(key) { $0 = nil }
    if case .address(let address) = key { peers[address] = nil }
    changes.append(SubscriptionChange(key: ResourceKey(.lookup, key.name), isWanted: false))
    // Whoever waits for it goes on as if the mesh did not know it.
    if waiting.remove(key) != nil { settled.append(key) }
  }
}
