internal import MeshModel

extension ProxyView {
  /// Takes all that a response brings, or nothing: what cannot be read, is against a rule of snapshots, or is more than a
  /// proxy holds is an error that names the resource and the place in it.
  public mutating func take(_ offer: Offer) throws(ResourceRefusal) {
    switch offer.type {
    case .policies: try takePolicies(offer)
    case .lookup: try takeLookups(offer)
    case .service: try takeServices(offer)
    case .endpoints: try takeEndpoints(offer)
    }
  }

  private mutating func takePolicies(_ offer: Offer) throws(ResourceRefusal) {
    guard offer.removed.isEmpty else {
      // To be without policies is to allow everything.
      throw ResourceRefusal(.policies, "", "is told as removed, and every workload has policies, if only empty ones")
    }
    for item in offer.items {
      let content = try PoliciesContent(item.body, of: .policies)
      if policies != content { isChanged = true }
      policies = content
    }
    review()
  }

  private mutating func takeLookups(_ offer: Offer) throws(ResourceRefusal) {
    var answers: [(LookupKey, LookupAnswer)] = []
    for item in offer.items {
      let answer = try LookupAnswer(item.body, of: ResourceKey(.lookup, item.name))
      if let key = LookupKey(name: item.name, in: namespace) { answers.append((key, answer)) }
    }
    for name in offer.removed {
      if let key = LookupKey(name: name, in: namespace) { answers.append((key, LookupAnswer())) }
    }
    var isReviewNeeded = false
    for (key, answer) in answers {
      isReviewNeeded = isReviewNeeded || lookup(key)?.answer?.service ?? "" != answer.service
      take(answer, key)
    }
    // Most lookups of a proxy that strangers call are of nobody, and must not cost a walk through all others.
    if isReviewNeeded { review() } else { settleLookups() }
  }

  private mutating func takeServices(_ offer: Offer) throws(ResourceRefusal) {
    var contents: [(String, ServiceContent?)] = offer.removed.map { ($0, nil) }
    for item in offer.items {
      contents.append((item.name, try ServiceContent(item.body, of: ResourceKey(.service, item.name), for: namespace)))
    }
    try bound(contents)
    for (name, content) in contents where services[name] != nil {
      if content == nil, services[name]?.current != nil { isChanged = true }
      let now = tick()
      services[name]?.take(content, arrival: now)
    }
    review()
  }

  private mutating func takeEndpoints(_ offer: Offer) throws(ResourceRefusal) {
    var contents: [(String, EndpointsContent)] = offer.removed.map { ($0, EndpointsContent()) }
    for item in offer.items {
      contents.append((item.name, try EndpointsContent(item.body, of: ResourceKey(.endpoints, item.name))))
    }
    let replaced = Set(contents.map(\.0))
    let others = services.reduce(0) { $0 + (replaced.contains($1.key) ? 0 : $1.value.endpoints.count) }
    let count = contents.reduce(others) { $0 + $1.1.count }
    guard count <= SnapshotLimits.maxEndpoints else {
      throw ResourceRefusal(offer.type.description, "", "\(count) in all are more than \(SnapshotLimits.maxEndpoints)")
    }
    var isReviewNeeded = false
    for (name, content) in contents where services[name] != nil {
      isReviewNeeded = isReviewNeeded || services[name]?.areEndpointsKnown == false
      if services[name]?.endpoints != content { isChanged = isChanged || services[name]?.current != nil }
      services[name]?.areEndpointsKnown = true
      services[name]?.endpoints = content
    }
    if isReviewNeeded { review() }
  }

  /// Holds the documents of all services to what one snapshot may have, so that one can always be made. Of each service
  /// the larger counts of what is in force and what waits: any mixture of the two may be in force for a time.
  private func bound(_ contents: [(String, ServiceContent?)]) throws(ResourceRefusal) {
    let coming = Dictionary(contents) { _, last in last }
    var routes = 0
    var traffic = 0
    for (name, service) in services {
      let next = coming[name] ?? service.next
      routes += max(service.current?.routes.count ?? 0, next?.routes.count ?? 0)
      traffic += max(service.current?.traffic.count ?? 0, next?.traffic.count ?? 0)
    }
    guard routes <= SnapshotLimits.maxRoutes, traffic <= SnapshotLimits.maxPolicies else {
      throw ResourceRefusal(
        ResourceType.service.description,
        "",
        "\(routes) routes and \(traffic) traffic policies in all are more than a proxy holds"
      )
    }
  }
}
