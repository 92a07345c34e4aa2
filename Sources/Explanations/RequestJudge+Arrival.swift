internal import HTTP1
internal import MeshModel
internal import Policy

/// Where an inbound request comes from, and what it is counted under.
extension RequestJudge {
  static let ownConnection = "where the connection comes from"

  /// What became of x-forwarded-for.
  func forwarding(of client: IPAddress, _ source: IPAddress, _ isTrusted: Bool) -> String {
    guard isTrusted else {
      return "\(Self.ownConnection); that is no endpoint of the mesh, so its x-forwarded-for is dropped"
    }
    guard table.isForwarder(source) else {
      return
        "\(Self.ownConnection); no service says that this endpoint forwards clients, so its x-forwarded-for goes on "
        + "and is not believed"
    }
    return client == source
      ? "\(Self.ownConnection); it forwards clients, and its x-forwarded-for does not end in another's address"
      : "the last of x-forwarded-for that is not a forwarder's, believed of \(source), which forwards clients"
  }

  /// What it is counted under, and what limits it there.
  func arrival(_ head: borrowing RequestHead, _ facts: borrowing RequestFacts) -> InboundExplanation.Arrival {
    var arrival = InboundExplanation.Arrival()
    guard let port = table.port(servedAt: facts.destination) else {
      arrival.reason = "no service of the mesh has the endpoint \(facts.destination)"
      return arrival
    }
    let scratch = PatternScratch()
    let choice = table.route(port, head, path: facts.path, draw: 0, scratch: scratch)
    arrival.service = table.ports[port].fullName
    arrival.reason = "\(facts.destination) is one of its endpoints"
    var route: String?
    switch choice {
    case .rule(let rule, _, _), .noBackend(let rule):
      arrival.rule = table.rules[rule].label
      let found = table.rules[rule]
      route = HTTPRoute.key(found.routeKind, "\(found.routeNamespace)/\(found.routeName)")
    case .direct: arrival.reason += ", and no route is attached to it"
    case .noRule: arrival.reason += ", and no rule of the routes attached to it takes the request"
    }
    if table.ports[port].appProtocol == .http {
      arrival.reason += "; it is declared to speak HTTP, so nothing else gets in"
    }
    let service = "\(table.ports[port].namespace)/\(table.ports[port].service)"
    arrival.traffic = table.mesh.trafficClauses(service: service, route: route, isArriving: true)
    if let index = table.rateLimit(choice, port: port, head, source: facts.remote, scratch: scratch) {
      let limit = table.rateLimits[index]
      let whose = limit.isPerClient ? "\(facts.remote)" : "all clients together"
      arrival.limit =
        "\(limit.label): \(limit.requests) requests in \(limit.period_ns / 1_000_000_000) s for \(whose), 429 beyond"
        + left(ofLimit: index, for: limit.isPerClient ? facts.remote : nil)
    }
    return arrival
  }
}
