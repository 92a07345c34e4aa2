internal import MeshModel

/// Judges, by the documents, which routes and matches bear on a request for one port of a service.
struct RouteJudge {
  /// A route that names the service.
  struct Judged {
    let route: HTTPRoute
    /// Whether it is for this port and workload.
    let isAttached: Bool
    /// How it fits a request's host; nil where it does not, or is not attached.
    var host: HostFit?
    var reason: String
  }

  /// How specifically a route names a host: exact names before wildcards, longer before shorter, all before none.
  struct HostFit {
    let rank: Int
    let bytes: Int
    let hostname: String

    static func < (left: Self, right: Self) -> Bool { (left.rank, -left.bytes) < (right.rank, -right.bytes) }
  }

  /// A rule that may take the request, and what is told of it.
  struct Candidate {
    let route: HTTPRoute
    let rule: Int
    var part: RequestExplanation.Candidate
  }

  private(set) var routes: [Judged]

  /// Whether any route is attached, so that a request none of them takes is refused.
  var hasRoutes: Bool { routes.contains(where: \.isAttached) }

  /// Of routes of requests; with `ofServers` of TLSRoutes, which are for connections.
  init(_ all: [HTTPRoute], _ workload: Workload, _ service: Service, _ port: UInt16, ofServers: Bool = false) {
    let naming = all.filter { route in
      (route.kind == .tls) == ofServers
        && route.parents.contains { $0.namespace == service.namespace && $0.service == service.name }
    }
    let fitting = naming.filter { route in
      route.parents.contains {
        $0.namespace == service.namespace && $0.service == service.name && ($0.port == nil || $0.port == port)
      }
    }
    let hasConsumerRoute =
      workload.namespace != service.namespace && fitting.contains { $0.namespace == workload.namespace }
    let callRoute = fitting.first {
      $0.kind == .grpc && $0.namespace == (hasConsumerRoute ? workload.namespace : service.namespace)
    }
    routes = naming.map { route in
      func not(_ reason: String) -> Judged { Judged(route: route, isAttached: false, host: nil, reason: reason) }
      guard fitting.contains(where: { $0.key == route.key }) else {
        return not("it is attached to other ports of \(service.fullName) than \(port)")
      }
      guard route.namespace == workload.namespace || route.namespace == service.namespace else {
        return not("it is for clients of namespace \(route.namespace), and the workload is in \(workload.namespace)")
      }
      guard !hasConsumerRoute || route.namespace == workload.namespace else {
        return not("the workload's namespace \(workload.namespace) has routes of its own for \(service.fullName)")
      }
      if let callRoute, route.kind != .grpc {
        return not("GRPCRoute \(callRoute.fullName) is for the same port, and replaces HTTPRoutes there")
      }
      return Judged(route: route, isAttached: true, host: nil, reason: "")
    }
  }

  /// Every match of the attached routes that fit the host, in the order of precedence. Call it once.
  mutating func candidates(for request: SeenRequest) -> [Candidate] {
    var found: [(HostFit, RoutePrecedence, Candidate)] = []
    for index in routes.indices where routes[index].isAttached {
      let route = routes[index].route
      guard let fit = Self.fit(route, request.host) else {
        routes[index].reason = "its hostnames \(route.hostnames.joined(separator: ", ")) do not include \(request.host)"
        continue
      }
      routes[index].host = fit
      routes[index].reason =
        fit.hostname.isEmpty ? "it is for every host" : "its hostname \(fit.hostname) includes \(request.host)"
      for (number, rule) in route.rules.enumerated() {
        for (place, match) in (rule.matches.isEmpty ? [HTTPRoute.Match()] : rule.matches).enumerated() {
          let (matches, reason) = MatchJudge(request).judge(match, of: route.kind)
          let part = RequestExplanation.Candidate(
            rule: route.label(ofRule: number),
            match: rule.matches.isEmpty ? nil : place,
            matches: matches,
            reason: reason
          )
          let precedence = RoutePrecedence(route, rule: number, match: place, match)
          found.append((fit, precedence, Candidate(route: route, rule: number, part: part)))
        }
      }
    }
    return found.sorted { $0.0 < $1.0 || !($1.0 < $0.0) && $0.1 < $1.1 }.map(\.2)
  }

  /// How a route fits a host, in lower case and without a dot at its end; nil where it does not.
  static func fit(_ route: HTTPRoute, _ host: String) -> HostFit? {
    guard !route.hostnames.isEmpty else { return HostFit(rank: 2, bytes: 0, hostname: "") }
    let fits = route.hostnames.compactMap { hostname -> HostFit? in
      if hostname == host { return HostFit(rank: 0, bytes: 0, hostname: hostname) }
      guard hostname.hasPrefix("*."), host.hasSuffix(hostname.dropFirst()), host.utf8.count >= hostname.utf8.count
      else {
        return nil
      }
      return HostFit(rank: 1, bytes: hostname.utf8.count, hostname: hostname)
    }
    return fits.min { $0 < $1 }
  }
}
