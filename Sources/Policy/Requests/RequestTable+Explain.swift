internal import HTTP1
public import MeshModel

extension RequestTable {
  /// Routes a request as `route` does, by walking the documents instead of what was compiled from them, and tells what
  /// every route and rule had to say. For people: it allocates as it likes.
  ///
  /// The host is looked up first, with the port of `destination` or else of the request, and then `destination`; a host
  /// that is an address stands for it.
  public func explain(_ request: ImaginedRequest) -> RequestExplanation {
    var explained = RequestExplanation(request, workload: workload)
    switch SeenRequest.read(request) {
    case .refused(let fault):
      explained.status = fault.status
      explained.summary = "the proxy answers \(fault.status) without looking further: \(fault.text)"
      return explained
    case .looping:
      explained.outcome = .loop
      explained.status = 508
      explained.summary = HopCount.summary
      return explained
    case .seen(let seen):
      let (destination, place) = DestinationSearch(mesh, workload).find(request)
      explained.destination = destination
      if let place {
        explain(seen, at: place, &explained)
      } else {
        explained.outcome = outboundMode == .allowAny ? .originalDestination : .refused
        if outboundMode == .registryOnly { explained.status = 502 }
        explained.summary =
          outboundMode == .allowAny
          ? "the mesh does not know the destination, and the request goes to the address it was sent to"
          : "the mesh does not know the destination, and the workload may only ask whom the mesh knows (REGISTRY_ONLY)"
      }
      if seen.isGRPC { explained.summary += explained.callClause }
      return explained
    }
  }

  private func explain(_ seen: SeenRequest, at place: ServicePlace, _ explained: inout RequestExplanation) {
    let service = mesh.services[place.service]
    let port = service.ports[place.port]
    let name = "\(service.fullName):\(port.port)"
    var judge = RouteJudge(mesh.routes, workload, service, port.port)
    var candidates = judge.candidates(for: seen)
    explained.routes = judge.routes.map { .init(route: $0.route.key, applies: $0.host != nil, reason: $0.reason) }
    guard judge.hasRoutes else {
      explained.outcome = .direct
      explained.summary = "no route is attached to \(name) for this workload, so the request goes to the service itself"
      explained.backends = [mesh.backend(service: service.namespace, service.name, port.port, weight: 1, of: 1)]
      explained.traffic = mesh.trafficClauses(service: service.fullName, route: nil)
      abort(by: mesh.faultPolicy(service: service.fullName, route: nil), &explained)
      return
    }
    let chosen = candidates.firstIndex { $0.part.matches }
    if let chosen { candidates[chosen].part.isChosen = true }
    explained.candidates = candidates.map(\.part)
    guard let chosen else {
      explained.outcome = .noRule
      explained.status = 404
      explained.summary = "routes are attached to \(name) and no rule of them takes the request, so it is answered 404"
      return
    }
    let route = candidates[chosen].route
    let number = candidates[chosen].rule
    let rule = route.rules[number]
    explained.rule = rule.explanation(label: route.label(ofRule: number))
    explained.traffic = mesh.trafficClauses(service: service.fullName, route: route.key)
    explain(rule, route.label(ofRule: number), service, port.port, &explained)
    if explained.outcome == .routed {
      abort(by: mesh.faultPolicy(service: service.fullName, route: route.key), &explained)
    }
  }

  /// A fault that strikes every request is no chance. One that strikes some stays a clause of `traffic`.
  private func abort(by policy: TrafficPolicy?, _ explained: inout RequestExplanation) {
    guard let policy, let fault = policy.fault, let status = fault.abortStatus, fault.abortPartsPerMillion >= 1_000_000
    else { return }
    explained.outcome = .aborted
    explained.status = status
    explained.summary =
      "\(policy.fullName) injects a fault into every request, so it is answered \(status) and not sent"
  }

  /// What a rule that takes the request does with it.
  private func explain(
    _ rule: HTTPRoute.Rule,
    _ label: String,
    _ service: Service,
    _ port: UInt16,
    _ explained: inout RequestExplanation
  ) {
    if let redirect = rule.filters.redirect {
      explained.outcome = .redirected
      explained.status = redirect.status
      explained.summary = "\(label) answers with a redirect (\(redirect.status))"
      return
    }
    guard !rule.backends.isEmpty else {
      explained.outcome = .routed
      explained.summary = "\(label) takes the request and sends it to the service itself"
      explained.backends = [mesh.backend(service: service.namespace, service.name, port, weight: 1, of: 1)]
      return
    }
    let total = rule.backends.reduce(0) { $0 + UInt64($1.weight) }
    explained.backends = rule.backends.map {
      mesh.backend(service: $0.namespace, $0.service, $0.port, weight: $0.weight, of: total, $0.filters)
    }
    let usable = rule.backends.filter { $0.weight > 0 && mesh.hasPort($0.namespace, $0.service, $0.port) }
    explained.outcome = usable.isEmpty ? .noBackend : .routed
    if usable.isEmpty { explained.status = 500 }
    explained.summary =
      usable.isEmpty
      ? "\(label) takes the request and has no backend with a weight that the mesh knows, so it is answered 500"
      : "\(label) takes the request and sends it to "
        + usable.map { "\($0.namespace)/\($0.service):\($0.port)" }.joined(separator: " or ")
  }
}

/// An imagined request as rules see it.
struct SeenRequest {
  let method: String
  /// Lower case, without a dot at its end.
  let host: String
  let path: String
  let query: String?
  /// Names in lower case; only what is forwarded.
  let fields: [(name: String, value: String)]
  let isGRPC: Bool

  /// What came of writing the request down.
  enum Reading {
    case seen(SeenRequest)
    case refused(HeadFault)
    case looping
  }

  /// Writes the request down and parses it, so that what the proxy refuses or drops is known.
  static func read(_ request: ImaginedRequest) -> Reading {
    return request.head.withUnsafeBytes { bytes in
      var head = RequestHead()
      switch head.parse(bytes) {
      case .refused(let fault): return .refused(fault)
      // An imagined head has its end; it is partial only where a control character in it hides that.
      case .partial: return .refused(.controlCharacter)
      case .whole: break
      }
      guard head.hops < HopCount.limit else { return .looping }
      // As on the path: a program cannot vouch for who it is, so no rule sees that it tries.
      head.fields.drop(FieldNameSet.identity)
      var fields: [(String, String)] = []
      for index in 0..<head.fields.count where head.fields[index].isKept {
        let name = String(decoding: head.fields.name(at: index), as: UTF8.self).lowercased()
        fields.append((name, String(decoding: head.fields.value(at: index), as: UTF8.self)))
      }
      let host = request.host.lowercased()
      return .seen(
        SeenRequest(
          method: request.method,
          host: host.hasSuffix(".") ? String(host.dropLast()) : host,
          path: request.path,
          query: request.query,
          fields: fields,
          isGRPC: head.isGRPC
        )
      )
    }
  }
}
