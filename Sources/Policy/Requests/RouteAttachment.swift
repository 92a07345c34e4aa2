internal import MeshModel

/// Which routes bear on requests to a service, seen from one workload.
///
/// A route of the service's own namespace (a producer route) is for every client. One of another namespace (a consumer
/// route) is for the clients of that namespace alone, and there it replaces the producer's routes for the same port: rules
/// of one namespace are combined, those of two never are (GAMMA, "producer and consumer routes"). Of what is left, GRPCRoutes
/// replace HTTPRoutes for the same port: routes of two kinds are never combined either (GEP-1426, "Route types").
struct RouteAttachment {
  private let routes: [HTTPRoute]
  private let namespace: String
  /// Indices of routes by `namespace/name` of a parent.
  private var byService: [String: [Int]] = [:]
  /// The same of TLSRoutes, which bear on connections and stand beside the others.
  private var ofServers: [String: [Int]] = [:]

  init(_ routes: [HTTPRoute], for workload: Workload) {
    self.routes = routes
    namespace = workload.namespace
    for (index, route) in routes.enumerated() {
      let isOfServers = route.kind == .tls
      for service in Set(route.parents.map { "\($0.namespace)/\($0.service)" }) {
        if isOfServers {
          ofServers[service, default: []].append(index)
        } else {
          byService[service, default: []].append(index)
        }
      }
    }
  }

  /// Indices of the routes for a port of a service, ascending.
  func routes(for service: Service, port: UInt16) -> [Int] {
    let chosen = chosen(of: byService, service, port)
    let calls = chosen.filter { routes[$0].kind == .grpc }
    return calls.isEmpty ? chosen : calls
  }

  /// Indices of the TLSRoutes for a port of a service, ascending.
  func serverRoutes(for service: Service, port: UInt16) -> [Int] { chosen(of: ofServers, service, port) }

  private func chosen(of named: [String: [Int]], _ service: Service, _ port: UInt16) -> [Int] {
    guard let candidates = named[service.fullName] else { return [] }
    let attached = candidates.filter { index in
      routes[index].parents.contains {
        $0.namespace == service.namespace && $0.service == service.name && ($0.port ?? port) == port
      }
    }
    let own = attached.filter { routes[$0].namespace == namespace }
    return own.isEmpty ? attached.filter { routes[$0].namespace == service.namespace } : own
  }
}
