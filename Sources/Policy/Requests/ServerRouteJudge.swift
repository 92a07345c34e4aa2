internal import MeshModel

/// Judges, by the documents, which TLSRoute takes a client of one port of a service. What `ServerRoutes` does for the path,
/// this does for people.
struct ServerRouteJudge {
  /// Every TLSRoute that names the service.
  private(set) var routes: [RequestExplanation.RoutePart] = []
  /// The one that takes the client.
  private(set) var chosen: HTTPRoute?
  /// Whether any is attached, so that a client which none of them takes is refused.
  let hasRoutes: Bool

  /// `name` is what the hello asks for, in lower case and without a dot at its end; empty where it asks for none.
  init(_ all: [HTTPRoute], _ workload: Workload, _ service: Service, _ port: UInt16, name: String) {
    let judged = RouteJudge(all, workload, service, port, ofServers: true).routes
    hasRoutes = judged.contains(where: \.isAttached)
    let fitting = judged.compactMap { judged -> (route: HTTPRoute, fit: RouteJudge.HostFit)? in
      guard judged.isAttached, !judged.route.rules.isEmpty else { return nil }
      return RouteJudge.fit(judged.route, name).map { (judged.route, $0) }
    }
    let best = fitting.min { Self.precedes($0, $1) }
    chosen = best?.route
    routes = judged.map { judged in
      let route = judged.route
      guard judged.isAttached else { return .init(route: route.fullName, applies: false, reason: judged.reason) }
      guard let one = fitting.first(where: { $0.route.key == route.key }), let best else {
        return .init(route: route.fullName, applies: false, reason: Self.rejection(route, name))
      }
      let reason =
        one.fit.hostname.isEmpty ? "it is for every name" : "its hostname \(one.fit.hostname) includes \(name)"
      guard route.key != best.route.key else { return .init(route: route.fullName, applies: true, reason: reason) }
      return .init(route: route.fullName, applies: false, reason: "\(reason), and \(Self.preference(best, to: one))")
    }
  }

  private typealias Fitting = (route: HTTPRoute, fit: RouteJudge.HostFit)

  /// The more specific name, then the older route, then the first by name.
  private static func precedes(_ left: Fitting, _ right: Fitting) -> Bool {
    if left.fit < right.fit { return true }
    return !(right.fit < left.fit) && order(left) < order(right)
  }

  private static func order(_ one: Fitting) -> (Int64, String) { (one.route.created_s ?? .min, one.route.fullName) }

  private static func rejection(_ route: HTTPRoute, _ name: String) -> String {
    guard !route.rules.isEmpty else { return "it has no rule" }
    let hostnames = route.hostnames.joined(separator: ", ")
    return name.isEmpty
      ? "it is for \(hostnames), and the hello asks for no name"
      : "its hostnames \(hostnames) do not include \(name)"
  }

  private static func preference(_ best: Fitting, to other: Fitting) -> String {
    if best.fit < other.fit { return "\(best.route.fullName) has it by a more specific one, \(best.fit.hostname)" }
    let isOlder = (best.route.created_s ?? .min) < (other.route.created_s ?? .min)
    return "\(best.route.fullName), which has it too, \(isOlder ? "is older" : "comes first by name")"
  }
}
