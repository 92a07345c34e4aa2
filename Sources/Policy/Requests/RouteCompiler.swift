internal import MeshModel

/// Turns documents into the flat arrays of a `RequestTable`.
struct RouteCompiler {
  private let mesh: MeshConfiguration
  private let attachment: RouteAttachment
  private let traffic: TrafficIndex
  private let names: NameTable

  private(set) var rules: [CompiledRule] = []
  private(set) var backends: [CompiledBackend] = []
  private(set) var rateLimits: [CompiledRateLimit] = []
  private(set) var faults: [CompiledFault] = []
  private(set) var securities: [EndpointSecurity] = []
  private(set) var matches = MatchList()
  /// The TLSRoutes of ports that have some.
  private(set) var serverRoutes: [Int: ServerRoutes] = [:]
  private var patterns: [String: UInt32] = [:]
  /// The limits of each policy, compiled once, so that all that a policy is for share them.
  private var limitsByPolicy: [Int: Range<UInt32>] = [:]

  init(_ mesh: MeshConfiguration, for workload: Workload, _ names: NameTable) {
    self.mesh = mesh
    self.names = names
    attachment = RouteAttachment(mesh.routes, for: workload)
    traffic = TrafficIndex(mesh.traffic)
  }

  /// Completes the ports of one service, which are `range` of `ports`.
  mutating func complete(_ ports: inout [ServicePort], _ range: Range<Int>, of service: Service) {
    let policy = traffic.policy(of: service)
    if let policy {
      let fault = mesh.traffic[policy].fault.map { add($0) } ?? ServicePort.none
      let limits = limits(of: policy)
      for index in range {
        ports[index].balancing = mesh.traffic[policy].loadBalancing
        ports[index].faultIndex = fault
        ports[index].limits = limits
        if let tls = mesh.traffic[policy].tls(at: ports[index].port) {
          ports[index].securityIndex = add(EndpointSecurity(tls))
        }
      }
    }
    // A route's rules are compiled once for the service, and its groups once for each set of routes: ports mostly have
    // the same.
    var compiled: [Int: [(RoutePrecedence, UInt32)]] = [:]
    var groups: [[Int]: Range<UInt32>] = [:]
    var compiledOfServers: [Int: Int] = [:]
    for index in range {
      attachServerRoutes(to: index, of: service, port: ports[index].port, &compiledOfServers)
      let routes = attachment.routes(for: service, port: ports[index].port)
      guard !routes.isEmpty else { continue }
      if let known = groups[routes] {
        ports[index].groups = known
        continue
      }
      for route in routes where compiled[route] == nil {
        compiled[route] = append(mesh.routes[route], servicePolicy: policy)
      }
      let range = matches.append(
        groupsOf: routes.map { (hostnames: mesh.routes[$0].hostnames, matches: compiled[$0] ?? []) },
        // All of a port's are of one kind.
        isGRPC: routes.allSatisfy { mesh.routes[$0].kind == .grpc }
      )
      groups[routes] = range
      ports[index].groups = range
    }
  }

  /// Adds the TLSRoutes of a port. `known` are those whose rule is compiled already, by the index of the route.
  private mutating func attachServerRoutes(to index: Int, of service: Service, port: UInt16, _ known: inout [Int: Int])
  {
    let attached = attachment.serverRoutes(for: service, port: port)
    guard !attached.isEmpty else { return }
    var compiled: [(route: HTTPRoute, rule: Int)] = []
    for route in attached {
      // A rule has nothing that could keep it from taking a client, so there is no use for a second.
      guard let rule = mesh.routes[route].rules.first else { continue }
      if known[route] == nil {
        known[route] = rules.count
        rules.append(compile(rule, 0, of: mesh.routes[route], nil))
      }
      if let number = known[route] { compiled.append((mesh.routes[route], number)) }
    }
    serverRoutes[index] = ServerRoutes(compiled)
  }

  /// Adds a route's rules; returns its matches with their precedence.
  private mutating func append(_ route: HTTPRoute, servicePolicy: Int?) -> [(RoutePrecedence, UInt32)] {
    // A route's policy wins over its service's, whole: what it leaves out is then not there.
    let policy = traffic.policy(ofRoute: route.key) ?? servicePolicy
    var found: [(RoutePrecedence, UInt32)] = []
    for (number, rule) in route.rules.enumerated() {
      let index = UInt32(rules.count)
      rules.append(compile(rule, number, of: route, policy))
      let asked = rule.matches.isEmpty ? [HTTPRoute.Match()] : rule.matches
      for (place, match) in asked.enumerated() {
        guard let added = matches.append(match, rule: index, &patterns) else { continue }
        found.append((RoutePrecedence(route, rule: number, match: place, match), added))
      }
    }
    return found
  }

  private mutating func compile(
    _ rule: HTTPRoute.Rule,
    _ number: Int,
    of route: HTTPRoute,
    _ policy: Int?
  ) -> CompiledRule {
    let first = backends.count
    backends += rule.backends.map(compile)
    let edits = CompiledEdits(rule.filters.requestEdits)
    let terms = policy.map { mesh.traffic[$0] }
    let limits = policy.map { self.limits(of: $0) } ?? 0..<0
    let rewrite = rule.filters.rewrite
    let isRoutePolicy = traffic.policy(ofRoute: route.key) != nil
    return CompiledRule(
      routeKind: route.kind,
      routeNamespace: route.namespace,
      routeName: route.name,
      ruleName: rule.name,
      ruleIndex: number,
      label: route.label(ofRule: number),
      requestEdits: edits,
      responseEdits: CompiledEdits(rule.filters.responseEdits),
      redirect: rule.filters.redirect.map { CompiledRedirect($0, of: rule) },
      hostname: (rewrite?.hostname ?? edits.host).flatMap { CompiledEdits.isSafe($0) ? Array($0.utf8) : nil },
      path: rewrite?.path.flatMap { CompiledPathEdit($0, of: rule) },
      mirrors: rule.filters.mirrors.compactMap { backend, share in
        names.index(backend).map { CompiledMirror(port: Int32($0), partsPerMillion: share) }
      },
      requestTimeout_ns: UInt64(rule.requestTimeout_ms ?? 0) * 1_000_000,
      backendTimeout_ns: UInt64(rule.backendTimeout_ms ?? 0) * 1_000_000,
      retry: rule.retry.map(CompiledRetry.init),
      fault: terms?.fault.map(CompiledFault.init),
      rateLimits: Int(limits.lowerBound)..<Int(limits.upperBound),
      balancing: isRoutePolicy ? terms?.loadBalancing : nil,
      backends: first..<backends.count,
      totalWeight: rule.backends.reduce(0) { $0 + UInt64($1.weight) }
    )
  }

  private func compile(_ backend: HTTPRoute.Backend) -> CompiledBackend {
    CompiledBackend(
      port: names.index(backend).map { Int32($0) } ?? -1,
      weight: backend.weight,
      requestEdits: CompiledEdits(backend.filters.requestEdits),
      responseEdits: CompiledEdits(backend.filters.responseEdits)
    )
  }

  private mutating func add(_ fault: TrafficPolicy.Fault) -> Int32 {
    faults.append(CompiledFault(fault))
    return Int32(faults.count - 1)
  }

  private mutating func add(_ security: EndpointSecurity) -> Int32 {
    // The ports of a service nearly always have the same.
    if securities.last != security { securities.append(security) }
    return Int32(securities.count - 1)
  }

  private mutating func limits(of policy: Int) -> Range<UInt32> {
    if let known = limitsByPolicy[policy] { return known }
    let first = UInt32(rateLimits.count)
    let document = mesh.traffic[policy]
    for (number, limit) in document.rateLimits.enumerated() {
      let conditions = matches.append(headers: limit.headers, &patterns)
      rateLimits.append(
        CompiledRateLimit(
          label: "\(document.fullName)/limit\(number)",
          requests: limit.requests,
          period_ns: UInt64(limit.period_s) * 1_000_000_000,
          isPerClient: limit.isPerClient,
          source: limit.source,
          conditions: conditions ?? 0..<0,
          isDead: conditions == nil
        )
      )
    }
    limitsByPolicy[policy] = first..<UInt32(rateLimits.count)
    return first..<UInt32(rateLimits.count)
  }
}

extension NameTable {
  fileprivate func index(_ backend: HTTPRoute.Backend) -> Int? {
    index(namespace: backend.namespace, service: backend.service, port: backend.port)
  }
}
