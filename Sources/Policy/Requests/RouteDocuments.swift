internal import MeshModel

// What the documents say, asked for by what one wants to know of them.

extension HTTPRoute {
  /// `namespace/route/rule` for records: the rule by its name, or as `rule0`.
  func label(ofRule number: Int) -> String {
    let name = rules.indices.contains(number) ? rules[number].name : ""
    return "\(fullName)/\(name.isEmpty ? "rule\(number)" : name)"
  }
}

extension [HTTPRoute.Filter] {
  var requestEdits: [HTTPRoute.HeaderEdits] {
    compactMap { if case .requestHeaders(let edits) = $0 { edits } else { nil } }
  }

  var responseEdits: [HTTPRoute.HeaderEdits] {
    compactMap { if case .responseHeaders(let edits) = $0 { edits } else { nil } }
  }

  /// The one redirect that a rule may have.
  var redirect: HTTPRoute.Redirect? {
    for case .redirect(let redirect) in self { return redirect }
    return nil
  }

  /// The one rewrite that a rule may have.
  var rewrite: (hostname: String?, path: HTTPRoute.PathEdit?)? {
    for case .rewrite(let hostname, let path) in self { return (hostname, path) }
    return nil
  }

  var mirrors: [(HTTPRoute.Backend, UInt32)] {
    compactMap { if case .mirror(let backend, let share) = $0 { (backend, share) } else { nil } }
  }
}

/// TrafficPolicies by what they are for. Where two are for the same, the first by name counts, as for any two documents
/// of one age.
struct TrafficIndex {
  private var services: [String: Int] = [:]
  private var routes: [String: Int] = [:]
  /// By `namespace/host`.
  private var hosts: [String: Int] = [:]

  init(_ policies: [TrafficPolicy]) {
    for index in policies.indices.sorted(by: { policies[$0].fullName < policies[$1].fullName }) {
      for target in policies[index].targets {
        switch target {
        case .service(let name):
          let key = "\(policies[index].namespace)/\(name)"
          services[key] = services[key] ?? index
        case .route(let name):
          let key = HTTPRoute.key(.http, "\(policies[index].namespace)/\(name)")
          routes[key] = routes[key] ?? index
        case .grpcRoute(let name):
          let key = HTTPRoute.key(.grpc, "\(policies[index].namespace)/\(name)")
          routes[key] = routes[key] ?? index
        case .host(let name):
          let key = "\(policies[index].namespace)/\(name)"
          hosts[key] = hosts[key] ?? index
        }
      }
    }
  }

  /// The policy for a service, or else for the most specific of its names outside the mesh.
  func policy(of service: Service) -> Int? {
    services[service.fullName] ?? service.hostPatterns.lazy.compactMap { hosts["\(service.namespace)/\($0)"] }.first
  }

  /// The same by `namespace/name`; nil also where it is none of `all`.
  func policy(ofService name: String, among all: [Service]) -> Int? {
    all.first { $0.fullName == name }.flatMap { policy(of: $0) }
  }

  /// The policy for a route, by the route's key.
  func policy(ofRoute name: String) -> Int? { routes[name] }
}
