import MeshModel
import Policy
import Testing
import WeftTestKit

/// `route`, `explain` and a reference that knows nothing of either must agree.
@Suite("Routing and explaining")
struct RequestAgreementTests {
  @Test("agree with each other and with a naive reference on 12,000 seeded requests")
  func agree() throws {
    var random = SplitMix64(seed: 20_261_125)
    var counts: [RequestExplanation.Outcome: Int] = [:]
    for _ in 0..<300 {
      let namespace = random.pick(["shop", "shop", "bank", "else"])
      let routes = (0..<Int.random(in: 0...4, using: &random)).map { random.route("r\($0)") }
      let services = ["web", "a", "b"].map {
        Service(namespace: "shop", name: $0, ports: [.init(port: 80), .init(port: 81)])
      }
      let mesh = MeshConfiguration(services: services, routes: routes)
      let probe = try RequestProbe(mesh, in: namespace)
      for _ in 0..<40 {
        let request = try random.request()
        let explained = probe.table.explain(request)
        counts[explained.outcome, default: 0] += 1
        let expected = Reference(mesh, namespace).outcome(of: request)
        #expect(try probe.describe(request, &random) == expected, "\(routes) \(request) \(namespace)")
        #expect(explained.decision == expected, "\(routes) \(request) \(namespace)")
      }
    }
    // The requests must be a mixture, or agreement says little.
    for outcome in [RequestExplanation.Outcome.direct, .routed, .redirected, .noRule, .noBackend] {
      #expect((counts[outcome] ?? 0) > 400, "\(counts)")
    }
  }
}

extension RequestExplanation {
  /// The outcome, and the rule that made it.
  fileprivate var decision: String {
    // Where some of the backends are wrong and others right, the draw decides, and both are right.
    let hasBroken = backends.contains { $0.percent > 0 && $0.problem.contains("500") }
    return outcome == .routed && hasBroken ? "some \(rule?.rule ?? "")" : "\(outcome) \(rule?.rule ?? "")"
  }
}

extension RequestProbe {
  /// What the table does, in the reference's words.
  fileprivate func describe(_ request: ImaginedRequest, _ random: inout SplitMix64) throws -> String {
    let host = Array("web.shop".utf8)
    let port = try #require(host.withUnsafeBytes { table.port(named: $0, request.destination?.port ?? 80) })
    let scratch = PatternScratch()
    let choices = try parse(request.method, request.target, host: request.authority, request.headers) { head in
      (0..<24).map { table.route(port, head, draw: UInt64($0) &* (.max / 23), scratch: scratch) }
    }
    var labels: Set<String> = []
    for choice in choices {
      switch choice {
      case .direct: labels.insert("direct ")
      case .noRule: labels.insert("noRule ")
      case .noBackend(let rule): labels.insert("noBackend \(table.rules[rule].label)")
      case .rule(let rule, let backend, _):
        #expect(table.ports.indices.contains(Int(backend)))
        let isRedirect = table.rules[rule].redirect != nil
        labels.insert("\(isRedirect ? "redirected" : "routed") \(table.rules[rule].label)")
      }
    }
    let first = try #require(labels.first)
    guard labels.count > 1 else { return first }
    return "some \(first.split(separator: " ")[1])"
  }
}

/// The specification's sentences, one by one.
private struct Reference {
  let mesh: MeshConfiguration
  let namespace: String

  init(_ mesh: MeshConfiguration, _ namespace: String) {
    self.mesh = mesh
    self.namespace = namespace
  }

  func outcome(of request: ImaginedRequest) -> String {
    let port = request.destination?.port ?? 80
    let named = mesh.routes.filter {
      $0.parents.contains { $0.service == "web" && ($0.port == nil || $0.port == port) }
    }
    let mine = named.filter { $0.namespace == namespace }
    let applying = mine.isEmpty ? named.filter { $0.namespace == "shop" } : mine
    guard !applying.isEmpty else { return "direct " }
    var best: (keys: [Double], names: String, rule: HTTPRoute.Rule, label: String)?
    for route in applying {
      guard let host = hostKeys(route, request.host) else { continue }
      for (number, rule) in route.rules.enumerated() {
        for match in rule.matches.isEmpty ? [.init()] : rule.matches where holds(match, request) {
          let keys = host + matchKeys(match) + [Double(-(route.created_s ?? -1_000_000))]
          // Rules of one route are met in order, so an equal one later does not win.
          if let best, !isBetter(keys, route.fullName, than: best.keys, best.names) { continue }
          best = (keys, route.fullName, rule, "\(route.fullName)/rule\(number)")
        }
      }
    }
    guard let best else { return "noRule " }
    if best.rule.filters.contains(where: { if case .redirect = $0 { true } else { false } }) {
      return "redirected \(best.label)"
    }
    let weighted = best.rule.backends.filter { $0.weight > 0 }
    let usable = weighted.filter { $0.service != "nobody" }
    if best.rule.backends.isEmpty || usable.count == weighted.count && !usable.isEmpty { return "routed \(best.label)" }
    return usable.isEmpty ? "noBackend \(best.label)" : "some \(best.label)"
  }

  private func isBetter(_ keys: [Double], _ name: String, than others: [Double], _ other: String) -> Bool {
    for (key, other) in zip(keys, others) where key != other { return key > other }
    return name < other
  }

  /// More is better.
  private func hostKeys(_ route: HTTPRoute, _ host: String) -> [Double]? {
    guard !route.hostnames.isEmpty else { return [0, 0] }
    let name = host.lowercased()
    if route.hostnames.contains(name) { return [Double(name.count), 0] }
    let wild = route.hostnames.filter { $0.hasPrefix("*.") && name.hasSuffix($0.dropFirst()) && name.count >= $0.count }
    return wild.map(\.count).max().map { [0, Double($0)] }
  }

  private func matchKeys(_ match: HTTPRoute.Match) -> [Double] {
    var path: [Double] = [0, 0, 0]
    switch match.path {
    case .exact: path[0] = 1
    case .regex: path[1] = 1
    case .prefix(let text): path[2] = Double(text.split(separator: "/").joined(separator: "/").count)
    case .call, nil: break
    }
    return path + [match.method == nil ? 0 : 1, Double(match.headers.count), Double(match.query.count)]
  }

  private func holds(_ match: HTTPRoute.Match, _ request: ImaginedRequest) -> Bool {
    let segments = request.path.split(separator: "/", omittingEmptySubsequences: false)
    switch match.path {
    case nil: break
    case .exact(let path): guard request.path == path else { return false }
    case .prefix(let path):
      let wanted = path.split(separator: "/").map(String.init)
      guard segments.dropFirst().prefix(wanted.count).map(String.init) == wanted else { return false }
    case .regex:
      // The one pattern that is drawn.
      guard request.path == "/a" || request.path == "/b" else { return false }
    // None is drawn; `CallRouteTests` has calls.
    case .call: return false
    }
    guard match.method == nil || match.method == request.method else { return false }
    let headers = match.headers.allSatisfy { wanted in
      let values = request.headers.filter { $0.name.lowercased() == wanted.name }.map(\.value)
      return !values.isEmpty && values.joined(separator: ",") == wanted.value
    }
    return headers
      && match.query.allSatisfy { wanted in
        let pairs = (request.query ?? "").split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        return pairs.first { $0.first.map(String.init) == wanted.name }?.dropFirst().first.map(String.init)
          == wanted.value
      }
  }
}

extension SplitMix64 {
  fileprivate mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  private mutating func some<Element>(_ count: Int, _ make: (inout SplitMix64) -> Element) -> [Element] {
    (0..<Int.random(in: 0...count, using: &self)).map { _ in make(&self) }
  }

  fileprivate mutating func route(_ name: String) -> HTTPRoute {
    HTTPRoute(
      namespace: pick(["shop", "shop", "shop", "bank"]),
      name: name,
      created_s: pick([nil, 1, 2]),
      parents: [.init(namespace: "shop", service: pick(["web", "web", "web", "a"]), port: pick([nil, nil, 80, 81]))],
      hostnames: Bool.random(using: &self)
        ? [] : some(2) { $0.pick(["web.shop", "*.shop", "*.shop.mesh", "web.shop.mesh"]) },
      rules: some(2) { $0.rule() } + [rule()]
    )
  }

  private mutating func rule() -> HTTPRoute.Rule {
    HTTPRoute.Rule(
      matches: some(2) { $0.match() },
      filters: Int.random(in: 0..<6, using: &self) == 0 ? [.redirect(.init(hostname: "x"))] : [],
      backends: some(2) { .shop($0.pick(["a", "b", "nobody"]), weight: $0.pick([0, 1, 1])) }
    )
  }

  private mutating func match() -> HTTPRoute.Match {
    HTTPRoute.Match(
      path: pick([nil, .exact("/a"), .exact("/a/b"), .prefix("/a"), .prefix("/a/b/"), .prefix("/"), .regex("/[ab]")]),
      method: pick([nil, nil, "GET", "POST"]),
      headers: Bool.random(using: &self) ? [] : [.init(name: "x", value: pick(["1", "2", "1,2"]))],
      query: Bool.random(using: &self) ? [] : [.init(name: "q", value: pick(["1", "2"]))]
    )
  }

  fileprivate mutating func request() throws -> ImaginedRequest {
    let host = pick(["web.shop", "Web.Shop", "web.shop.mesh", "web.shop.svc"])
    let port: UInt16 = pick([80, 81])
    let query = pick(["", "?q=1", "?q=2&q=1", "?p=1&q=2", "?q"])
    return try ImaginedRequest(
      method: pick(["GET", "POST"]),
      url: "http://\(host):\(port)" + pick(["", "/", "/a", "/a/", "/a/b", "/a/b/c", "/ab", "/b"]) + query,
      headers: some(2) { .init($0.pick(["x", "X"]), $0.pick(["1", "2"])) },
      destination: SocketAddress(IPAddress(v4: 1), port: port)
    )
  }
}
