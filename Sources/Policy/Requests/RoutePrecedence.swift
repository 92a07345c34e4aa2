internal import MeshModel

/// The order in which the matches of several routes are tried, where their host names are equally specific.
///
/// Gateway API orders them (HTTPRouteRule `matches`): exact path, longest prefix, method, more header matches, more query
/// matches, older route, `namespace/name`, rule, match. It leaves regular expressions to us: they come between exact paths
/// and prefixes, as in Envoy Gateway, since a rule for `/`, which most routes have, would otherwise hide every one of them.
///
/// For calls of gRPC (GRPCRouteRule `matches`) it is: more characters of the service, more of the method, more header matches, and
/// on as above; regular expressions, again ours to place, come between exact names and none.
struct RoutePrecedence: Comparable {
  /// 0 exact, 1 regular expression, 2 prefix.
  let pathRank: Int
  /// Of a prefix its negative length without a slash at its end, else 0.
  let pathLength: Int
  /// 0 with a method, 1 without; of a call's method its negative length less one, or -1 for a regular expression.
  let methodRank: Int
  /// Negative counts.
  let headers: Int
  let query: Int
  /// Not said counts as oldest.
  let created_s: Int64
  let route: String
  let rule: Int
  let match: Int

  init(_ route: HTTPRoute, rule: Int, match: Int, _ asked: HTTPRoute.Match) {
    switch asked.path {
    case .exact: (pathRank, pathLength) = (0, 0)
    case .regex: (pathRank, pathLength) = (1, 0)
    case .prefix(let prefix): (pathRank, pathLength) = (2, -prefix.withoutFinalSlash.utf8.count)
    case .call(let service, _, let isRegex):
      pathRank = service == nil ? 2 : isRegex ? 1 : 0
      pathLength = isRegex ? 0 : -(service?.utf8.count ?? 0)
    case nil: (pathRank, pathLength) = (2, 0)
    }
    if case .call(_, let method?, let isRegex) = asked.path {
      methodRank = isRegex ? -1 : -1 - method.utf8.count
    } else {
      methodRank = asked.method == nil ? 1 : 0
    }
    headers = -asked.headers.firstOfEachName.count
    query = -asked.query.firstOfEachName.count
    created_s = route.created_s ?? .min
    self.route = route.key
    self.rule = rule
    self.match = match
  }

  static func < (left: Self, right: Self) -> Bool {
    let paths = (left.pathRank, left.pathLength, left.methodRank, left.headers, left.query)
    let others = (right.pathRank, right.pathLength, right.methodRank, right.headers, right.query)
    if paths != others { return paths < others }
    return (left.created_s, left.route, left.rule, left.match) < (right.created_s, right.route, right.rule, right.match)
  }
}

extension String {
  /// A prefix as it is compared: `/a/` means `/a`, and `/` means everything.
  var withoutFinalSlash: Substring { last == "/" ? dropLast() : self[...] }
}

extension [HTTPRoute.ValueMatch] {
  /// Of several that name the same, only the first counts (Gateway API, HTTPHeaderMatch `name`).
  var firstOfEachName: [HTTPRoute.ValueMatch] {
    enumerated().filter { index, one in !self[..<index].contains { $0.name == one.name } }.map(\.element)
  }
}
