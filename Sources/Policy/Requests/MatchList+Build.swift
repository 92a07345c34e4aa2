internal import HTTP1
internal import MeshModel

extension MatchList {
  /// Adds bytes.
  mutating func slice(_ text: some StringProtocol) -> MatchCondition.Slice {
    defer { bytes.append(contentsOf: text.utf8) }
    return MatchCondition.Slice(start: UInt32(bytes.count), count: UInt32(text.utf8.count))
  }

  /// Adds a pattern, unless it is there; nil for one that cannot be compiled, and so never matches.
  private mutating func pattern(_ text: String, _ known: inout [String: UInt32]) -> MatchCondition.Slice? {
    if let index = known[text] { return .init(start: index, count: 0) }
    guard let pattern = PathPattern(text) else { return nil }
    let index = UInt32(patterns.count)
    patterns.append(pattern)
    known[text] = index
    return .init(start: index, count: 0)
  }

  /// Adds the conditions on header fields and parameters; nil where one of them can never hold.
  mutating func append(
    headers: [HTTPRoute.ValueMatch],
    query: [HTTPRoute.ValueMatch] = [],
    method: String? = nil,
    _ known: inout [String: UInt32]
  ) -> Range<Int>? {
    let first = conditions.count
    if let method { conditions.append(.init(kind: .method, name: slice(""), value: slice(method))) }
    for wanted in headers.firstOfEachName {
      guard let condition = condition(wanted, .headerIs, .headerMatches, &known) else { return nil }
      conditions.append(condition)
    }
    for wanted in query.firstOfEachName {
      guard let condition = condition(wanted, .queryIs, .queryMatches, &known) else { return nil }
      conditions.append(condition)
    }
    return first..<conditions.count
  }

  private mutating func condition(
    _ wanted: HTTPRoute.ValueMatch,
    _ exact: MatchCondition.Kind,
    _ regex: MatchCondition.Kind,
    _ known: inout [String: UInt32]
  ) -> MatchCondition? {
    if !wanted.isRegex { return .init(kind: exact, name: slice(wanted.name), value: slice(wanted.value)) }
    return pattern(wanted.value, &known).map { .init(kind: regex, name: slice(wanted.name), value: $0) }
  }

  /// Adds a match; nil where it can never hold, since a pattern of it cannot be compiled.
  mutating func append(_ wanted: HTTPRoute.Match, rule: UInt32, _ known: inout [String: UInt32]) -> UInt32? {
    let method = wanted.method.flatMap { text in Method.allCases.first { $0 != .other && "\($0.text)" == text } }
    let unusual = method == nil ? wanted.method : nil
    guard let conditions = append(headers: wanted.headers, query: wanted.query, method: unusual, &known) else {
      return nil
    }
    let kind: Match.Path
    let pathBytes: MatchCondition.Slice
    switch wanted.path {
    case .exact(let path): (kind, pathBytes) = (.exact, slice(path))
    case .prefix(let prefix) where prefix.withoutFinalSlash.isEmpty: (kind, pathBytes) = (.any, slice(""))
    case .prefix(let prefix): (kind, pathBytes) = (.prefix, slice(prefix.withoutFinalSlash))
    case nil: (kind, pathBytes) = (.any, slice(""))
    case .regex(let text):
      guard let pattern = pattern(text, &known) else { return nil }
      (kind, pathBytes) = (.regex, pattern)
    case .call(let service, let method, isRegex: true):
      guard CallPattern.problem(service: service, method: method) == nil,
        let pattern = pattern(CallPattern.path(service: service, method: method), &known)
      else { return nil }
      (kind, pathBytes) = (.regex, pattern)
    case .call(let service?, let method?, _): (kind, pathBytes) = (.exact, slice("/\(service)/\(method)"))
    case .call(let service?, nil, _): (kind, pathBytes) = (.service, slice("/\(service)/"))
    case .call(nil, let method?, _): (kind, pathBytes) = (.callMethod, slice("/\(method)"))
    case .call(nil, nil, _): (kind, pathBytes) = (.any, slice(""))
    }
    matches.append(
      Match(
        path: kind,
        method: method?.rawValue ?? Self.anyMethod,
        conditionCount: UInt16(clamping: conditions.count),
        firstCondition: UInt32(conditions.lowerBound),
        pathBytes: pathBytes,
        rule: rule
      )
    )
    return UInt32(matches.count - 1)
  }

  /// Adds the groups of some routes: one for each host name any of them has, the most specific first.
  ///
  /// Gateway API (HTTPRouteSpec `hostnames`): exact names, then longer wildcards, then routes for every host. With `isGRPC`
  /// they are for calls of gRPC alone.
  mutating func append(
    groupsOf routes: [(hostnames: [String], matches: [(RoutePrecedence, UInt32)])],
    isGRPC: Bool
  ) -> Range<UInt32> {
    let first = UInt32(groups.count)
    let hostnames = Set(routes.flatMap { $0.hostnames.isEmpty ? [""] : $0.hostnames })
    for hostname in hostnames.sorted(by: { HostPattern($0) < HostPattern($1) }) {
      let members = routes.filter { hostname.isEmpty ? $0.hostnames.isEmpty : $0.hostnames.contains(hostname) }
      let sorted = members.flatMap(\.matches).sorted { $0.0 < $1.0 }
      let pattern = HostPattern(hostname)
      groups.append(
        Group(
          host: pattern.host,
          isGRPC: isGRPC,
          hostBytes: slice(pattern.text),
          first: UInt32(order.count),
          count: UInt32(sorted.count)
        )
      )
      order += sorted.map(\.1)
    }
    return first..<UInt32(groups.count)
  }

  /// A host name of a route, the more specific before the less.
  private struct HostPattern: Comparable {
    let host: Group.Host
    let text: Substring

    init(_ hostname: String) {
      host = hostname.isEmpty ? .any : hostname.hasPrefix("*.") ? .wildcard : .exact
      text = host == .wildcard ? hostname.dropFirst() : hostname[...]
    }

    private var rank: (Int, Int) { (host == .exact ? 0 : host == .wildcard ? 1 : 2, -text.utf8.count) }

    static func < (left: Self, right: Self) -> Bool {
      left.rank != right.rank ? left.rank < right.rank : left.text < right.text
    }
  }
}
