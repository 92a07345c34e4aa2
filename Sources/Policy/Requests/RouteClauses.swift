public import MeshModel

// Filters, backends and traffic policies in words.

extension HTTPRoute.Rule {
  /// The rule that takes a request, told.
  func explanation(label: String) -> RequestExplanation.RulePart {
    RequestExplanation.RulePart(
      rule: label,
      filters: filters.map { $0.clause(of: self) },
      requestTimeout_ms: requestTimeout_ms == 0 ? nil : requestTimeout_ms,
      backendTimeout_ms: backendTimeout_ms == 0 ? nil : backendTimeout_ms,
      retry: retry?.clause ?? ""
    )
  }
}

extension HTTPRoute.Retry {
  fileprivate var clause: String {
    guard attempts > 0 else { return "never" }
    let statuses = codes.isEmpty ? "" : " or status \(codes.map(String.init).joined(separator: ", "))"
    let calls = grpcCodes.isEmpty ? "" : " or grpc-status \(grpcCodes.map(String.init).joined(separator: ", "))"
    return "up to \(attempts) more times after a failed connection\(statuses)\(calls), from \(backoff_ms) ms on"
  }
}

extension HTTPRoute.Filter {
  /// What is done, as a clause; where it cannot be done, why.
  func clause(of rule: HTTPRoute.Rule) -> String {
    switch self {
    case .requestHeaders(let edits): "request headers: \(edits.clause)"
    case .responseHeaders(let edits): "response headers: \(edits.clause)"
    case .redirect(let redirect):
      (["redirect with status \(redirect.status)"]
        + [
          redirect.scheme.map { "to scheme \($0)" }, redirect.hostname.map { "to host \($0)" },
          redirect.port.map { "to port \($0)" }, redirect.path.map { $0.clause(of: rule) },
        ].compactMap { $0 }).joined(separator: ", ")
    case .rewrite(let hostname, let path):
      "rewrite: "
        + [hostname.map { "host becomes \($0)" }, path.map { $0.clause(of: rule) }].compactMap { $0 }
        .joined(separator: ", ")
    case .mirror(let backend, let share):
      "copies of \(percent(ofMillion: share)) % go to \(backend.namespace)/\(backend.service):\(backend.port)"
    }
  }
}

extension HTTPRoute.HeaderEdits {
  fileprivate var clause: String {
    let names = set.map(\.name) + add.map(\.name) + remove
    let ignored = names.filter { CompiledEdits.owned.contains($0) && $0 != "host" }
    return
      (set.map { "\($0.name) becomes \"\($0.value)\"" } + add.map { "\($0.name) gets \"\($0.value)\" too" }
      + remove.map { "\($0) is taken away" } + ignored.map { "\($0) is the proxy's own, so nothing happens to it" })
      .joined(separator: ", ")
  }
}

extension HTTPRoute.PathEdit {
  fileprivate func clause(of rule: HTTPRoute.Rule) -> String {
    switch self {
    case .replaceFull(let path): "path becomes \(path)"
    case .replacePrefix(let replacement):
      rule.commonPrefix.map { "\($0) at the path's beginning becomes \(replacement)" }
        ?? "the path stays, since the rule's matches have no one prefix that could be replaced"
    }
  }
}

extension MeshConfiguration {
  /// Whether the mesh has this port of this service.
  func hasPort(_ namespace: String, _ service: String, _ port: UInt16) -> Bool {
    find(namespace, service)?.ports.contains { $0.port == port } ?? false
  }

  private func find(_ namespace: String, _ service: String) -> Service? {
    services.first { $0.namespace == namespace && $0.name == service }
  }

  /// A backend with its endpoints, and what is wrong with it; `refusal` says what becomes of what goes to one that is not there.
  func backend(
    service namespace: String,
    _ name: String,
    _ port: UInt16,
    weight: UInt32,
    of total: UInt64,
    _ filters: [HTTPRoute.Filter] = [],
    refusal: String = "it is answered 500"
  ) -> RequestExplanation.Backend {
    let service = find(namespace, name)
    let endpoints = service?.ports.first { $0.port == port }?.endpoints
    let problem =
      service == nil
      ? "there is no such service, so \(refusal)"
      : endpoints.map {
        $0.isEmpty ? "it has no endpoint" : $0.contains(where: \.isReady) ? "" : "none of its endpoints is ready"
      } ?? "the service has no port \(port), so \(refusal)"
    return RequestExplanation.Backend(
      service: "\(namespace)/\(name):\(port)",
      weight: weight,
      percent: total == 0 ? 0 : Double(weight) * 100 / Double(total),
      problem: problem,
      filters: filters.map { $0.clause(of: HTTPRoute.Rule()) },
      endpoints: (endpoints ?? []).map(RequestExplanation.EndpointPart.init)
    )
  }

  /// The policy whose faults strike a request: the route's, or where there is none the service's. A service is named
  /// `namespace/name`, a route by its key.
  func faultPolicy(service: String, route: String?) -> TrafficPolicy? {
    let index = TrafficIndex(traffic)
    let found = route.flatMap { index.policy(ofRoute: $0) } ?? index.policy(ofService: service, among: services)
    return found.map { traffic[$0] }
  }

  /// What the policy for a route says, or where there is none that for its service, named `namespace/name`; a route by its
  /// key. Where requests arrive only the limits bear on them.
  public func trafficClauses(service: String, route: String?, isArriving: Bool = false) -> [String] {
    let index = TrafficIndex(traffic)
    let ofRoute = route.flatMap { index.policy(ofRoute: $0) }
    let ofService = index.policy(ofService: service, among: services)
    var clauses: [String] = []
    if let policy = (ofRoute ?? ofService).map({ traffic[$0] }) {
      clauses += (isArriving ? policy.limitClauses : policy.clauses).map { "\(policy.fullName): \($0)" }
    }
    if let ofRoute, let ofService, ofRoute != ofService {
      clauses.append("\(traffic[ofService].fullName) is for the service, and gives way to the route's policy")
    }
    return clauses
  }
}

extension TrafficPolicy {
  fileprivate var clauses: [String] {
    var clauses: [String] = []
    if let fault, let delay = fault.delay_ms {
      clauses.append("\(percent(ofMillion: fault.delayPartsPerMillion)) % of requests wait \(delay) ms")
    }
    if let fault, let status = fault.abortStatus {
      clauses.append("\(percent(ofMillion: fault.abortPartsPerMillion)) % of requests are answered \(status)")
    }
    clauses += limitClauses.map { "\($0), where they arrive" }
    if let loadBalancing { clauses.append("endpoints are chosen by \(loadBalancing.rawValue)") }
    if let tls { clauses.append("endpoints are spoken to \(tls.clause)") }
    clauses += portTLS.map { port in
      "endpoints of port \(port.port) are spoken to \(port.tls?.clause ?? "as where no document says anything")"
    }
    return clauses
  }

  fileprivate var limitClauses: [String] {
    rateLimits.map { limit in
      let who = limit.source.map { " from \($0)" } ?? ""
      let fields = limit.headers.map { " with \($0.name) \($0.isRegex ? "matching " : "")\"\($0.value)\"" }.joined()
      let each = limit.isPerClient ? " for each client" : ""
      return "\(limit.requests) requests\(who)\(fields) in \(limit.period_s) s\(each)"
    }
  }
}

extension UpstreamTLS {
  /// How endpoints are spoken to.
  var clause: String {
    switch self {
    case .disable: "as programs speak, without TLS (DISABLE)"
    case .mesh: "by the mesh's mutual TLS (ISTIO_MUTUAL)"
    case .simple(let server), .mutual(let server, _):
      "by TLS (\(mode)) as \(server.name ?? "whoever is asked for"), vouched for by "
        + "\(server.authorities ?? "whom the host trusts")"
        + (server.alternativeNames.isEmpty
          ? "" : ", with a certificate for \(server.alternativeNames.joined(separator: " or "))")
    }
  }
}

/// Parts of a million as percent, without zeros that say nothing.
private func percent(ofMillion parts: UInt32) -> String {
  var fraction = "\(1_000_000 + UInt64(parts) % 10_000 * 100)".dropFirst().prefix(4)
  while fraction.last == "0" { fraction.removeLast() }
  return "\(parts / 10_000)" + (fraction.isEmpty ? "" : ".\(fraction)")
}
