public import MeshModel

extension RequestTable {
  /// Leads a TLS client as the path does, by walking the documents instead of what was compiled from them, and tells what
  /// every host and TLSRoute had to say. For people: it allocates as it likes.
  public func explain(_ question: ServerNameQuestion) -> ServerNameExplanation {
    var explained = ServerNameExplanation(question, workload: workload)
    let name = question.comparedName
    let dialled = question.destination.map { DestinationSearch(mesh, workload).byAddress($0) }
    if case .found(let place, let reason)? = dialled, !mayHear(place, reason, &explained) { return explained }
    let found = ServerNameSearch(mesh, workload).find(question)
    explained.hosts = found.hosts
    explained.hostsLeftOut = found.hostsLeftOut
    if let place = found.place {
      explained.destination = .init(service: fullName(place), found: .byName, reason: found.reason)
      lead(name, to: place, &explained)
      return explained
    }
    switch dialled {
    case .found(let place, let reason):
      let reason = "\(found.reason); \(reason)"
      explained.destination = .init(service: fullName(place), found: .byAddress, reason: reason)
      lead(name, to: place, &explained)
    case .unknown(let reason): remain("\(found.reason); \(reason)", &explained)
    case nil: remain(found.reason, &explained)
    }
    return explained
  }

  /// Whether the service whose address is dialled lets a client come as far as its hello. An endpoint of it is connected to
  /// before, since the client may be one that waits for its server to speak.
  private func mayHear(_ place: ServicePlace, _ reason: String, _ explained: inout ServerNameExplanation) -> Bool {
    let name = fullName(place)
    let port = mesh.services[place.service].ports[place.port]
    explained.destination = .init(service: name, found: .byAddress, reason: reason)
    if port.appProtocol == .http {
      explained.outcome = .requestsOnly
      explained.summary = "\(name), whose address is dialled, is declared to speak HTTP: a hello is answered 400"
      return false
    }
    if !canDial(place) {
      explained.outcome = .unreachable
      explained.summary =
        "the endpoints of \(name), whose address is dialled, are verified by the name that they are asked for, and none is "
        + "known before the hello: its DestinationRule needs sni or subjectAltNames"
      return false
    }
    let backend = backend(place, asking: nil)
    guard backend.problem.isEmpty else {
      explained.outcome = .unreachable
      explained.summary =
        "an endpoint of \(name), whose address is dialled, is connected to before the hello, and there: \(backend.problem)"
      return false
    }
    explained.dialled = backend
    return true
  }

  /// Nobody is known by the name, and the address is no service's.
  private func remain(_ reason: String, _ explained: inout ServerNameExplanation) {
    let isNameless = explained.question.name.isEmpty
    explained.destination = .init(service: "", found: .not, reason: reason)
    guard outboundMode == .registryOnly, !isNameless else {
      explained.outcome = .originalDestination
      explained.summary =
        isNameless
        ? "who asks for no name goes to the address that it dials"
        : "the mesh does not know the name, and the connection goes to the address that was dialled"
      return
    }
    explained.outcome = .refused
    explained.summary =
      "the mesh does not know the name, and the workload may only reach whom the mesh knows (REGISTRY_ONLY)"
  }

  /// To a service, or to where its TLSRoutes lead.
  private func lead(_ name: String, to place: ServicePlace, _ explained: inout ServerNameExplanation) {
    let service = mesh.services[place.service]
    let port = service.ports[place.port].port
    let judge = ServerRouteJudge(mesh.routes, workload, service, port, name: name)
    explained.routes = judge.routes
    guard judge.hasRoutes else {
      explained.outcome = .direct
      explained.summary =
        "no TLSRoute is attached to \(fullName(place)) for this workload, so the connection goes to the service itself"
      explained.backends = [backend(place, asking: name)]
      return
    }
    guard let route = judge.chosen, let rule = route.rules.first else {
      explained.outcome = .noRoute
      explained.summary =
        "TLSRoutes are attached to \(fullName(place)) and none of them is for "
        + (name.isEmpty ? "a client that asks for no name" : name) + ", so the connection is refused"
      return
    }
    let label = route.label(ofRule: 0)
    explained.rule = label
    guard !rule.backends.isEmpty else {
      explained.outcome = .routed
      explained.summary = "\(label) takes the connection and sends it to the service itself"
      explained.backends = [backend(place, asking: name)]
      return
    }
    let total = rule.backends.reduce(0) { $0 + UInt64($1.weight) }
    explained.backends = rule.backends.map { backend($0, of: total, asking: name) }
    let usable = rule.backends.filter { $0.weight > 0 && mesh.hasPort($0.namespace, $0.service, $0.port) }
    explained.outcome = usable.isEmpty ? .noBackend : .routed
    explained.summary =
      usable.isEmpty
      ? "\(label) takes the connection and has no backend with a weight that the mesh knows, so it is refused"
      : "\(label) takes the connection and sends it to "
        + usable.map { "\($0.namespace)/\($0.service):\($0.port)" }.joined(separator: " or ")
  }

  // MARK: Backends

  private func fullName(_ place: ServicePlace) -> String {
    let service = mesh.services[place.service]
    return "\(service.fullName):\(service.ports[place.port].port)"
  }

  private func backend(_ place: ServicePlace, asking name: String?) -> RequestExplanation.Backend {
    let service = mesh.services[place.service]
    let itself = HTTPRoute.Backend(
      namespace: service.namespace,
      service: service.name,
      port: service.ports[place.port].port,
      weight: 1
    )
    return backend(itself, of: 1, asking: name)
  }

  /// A backend with what a DestinationRule does to connections that go there.
  private func backend(
    _ asked: HTTPRoute.Backend,
    of total: UInt64,
    asking name: String?
  ) -> RequestExplanation.Backend {
    var backend = mesh.backend(
      service: asked.namespace,
      asked.service,
      asked.port,
      weight: asked.weight,
      of: total,
      refusal: "it is refused"
    )
    backend.filters = mesh.connectionClauses(service: "\(asked.namespace)/\(asked.service)", port: asked.port)
    guard backend.problem.isEmpty,
      let port = port(namespace: asked.namespace, service: asked.service, port: asked.port)
    else { return backend }
    switch security(of: port) {
    case .tls(let settings)? where name?.isEmpty == true && settings.isNameless:
      backend.problem = "its endpoints are verified by the name that the client asks for, and it asks for none"
    case .mesh? where !ports[port].endpoints.contains { $0.isReady && $0.isMeshed && $0.identity != nil }:
      backend.problem = "none of its endpoints that are ready has a proxy, and ISTIO_MUTUAL asks nobody else"
    default: break
    }
    return backend
  }

  /// Whether an endpoint can be connected to before it is known who is asked for.
  private func canDial(_ place: ServicePlace) -> Bool {
    let service = mesh.services[place.service]
    let known = service.ports[place.port]
    guard let port = port(namespace: service.namespace, service: service.name, port: known.port),
      case .tls(let settings)? = security(of: port)
    else { return true }
    // Where it may be HTTP, a request is waited for that says whom it is for.
    let awaitsRequest = known.appProtocol == .unspecified && settings.asksName && settings.isVerified
    return !awaitsRequest && !settings.isNameless
  }
}

extension ClusterTLS {
  /// Whether nobody can be verified where no name is asked for.
  fileprivate var isNameless: Bool { isVerified && asksName && names == .asked }
}

extension MeshConfiguration {
  /// What documents say of connections to a port of a service, named `namespace/name`, a clause each.
  fileprivate func connectionClauses(service: String, port: UInt16) -> [String] {
    guard let index = TrafficIndex(traffic).policy(ofService: service, among: services) else { return [] }
    let policy = traffic[index]
    var clauses: [String] = []
    if let balancing = policy.loadBalancing { clauses.append("endpoints are chosen by \(balancing.rawValue)") }
    if let tls = policy.tls(at: port) {
      let around =
        switch tls {
        case .simple, .mutual: ", around the TLS that the client speaks itself"
        case .mesh, .disable: ""
        }
      clauses.append("endpoints are spoken to \(tls.clause)\(around)")
    }
    return clauses.map { "\(policy.fullName): \($0)" }
  }
}
