import HTTP1
import MeshModel
import Policy
import Testing

/// Asks a table about requests that are written as text and parsed as any other.
struct RequestProbe {
  let table: RequestTable
  private let scratch = PatternScratch()

  init(_ mesh: MeshConfiguration, in namespace: String = "shop") throws {
    table = RequestTable(mesh, for: try Workload(namespace: namespace, labels: ["app": "client"]))
  }

  /// A mesh of service `shop/web:80` with `routes`, and of the backends `shop/a` to `shop/d`, all on port 80.
  init(rules: [HTTPRoute.Rule], hostnames: [String] = [], traffic: [TrafficPolicy] = []) throws {
    let route = HTTPRoute(namespace: "shop", name: "r", parents: [.web], hostnames: hostnames, rules: rules)
    try self.init(MeshConfiguration(services: .shop, routes: [route], traffic: traffic))
  }

  /// What `port(named:)` finds, as `namespace/name:port`.
  func find(_ host: String, _ port: UInt16 = 80) -> String? {
    Array(host.utf8).withUnsafeBytes { table.port(named: $0, port) }.map { table.ports[$0].fullName }
  }

  /// Parses a request and hands it over.
  func parse<Result>(
    _ method: String,
    _ target: String,
    host: String,
    _ headers: [ImaginedRequest.Header] = [],
    _ body: (borrowing RequestHead) throws -> Result
  ) throws -> Result {
    let fields = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    let bytes = Array("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n".utf8)
    return try bytes.withUnsafeBytes {
      var head = RequestHead()
      guard case .whole = head.parse($0) else { throw UnparsedRequest(text: String(decoding: bytes, as: UTF8.self)) }
      return try body(head)
    }
  }

  /// The choice for a request to the first port that its host names.
  func choice(
    _ target: String = "/",
    method: String = "GET",
    host: String = "web",
    service: String? = nil,
    _ headers: [(String, String)] = [],
    draw: UInt64 = 0
  ) throws -> RouteChoice {
    let found = Array((service ?? host).utf8).withUnsafeBytes { table.port(named: $0, 80) }
    let port = try #require(found)
    return try parse(method, target, host: host, headers.map { .init($0.0, $0.1) }) {
      table.route(port, $0, draw: draw, scratch: scratch)
    }
  }

  /// The place in its route of the rule that takes a request; nil where none does.
  func rule(
    _ target: String = "/",
    method: String = "GET",
    host: String = "web",
    service: String? = nil,
    _ headers: [(String, String)] = []
  ) throws -> Int? {
    switch try choice(target, method: method, host: host, service: service, headers) {
    case .rule(let rule, _, _), .noBackend(let rule): table.rules[rule].ruleIndex
    case .direct, .noRule: nil
    }
  }

  /// The label of the rule that takes a request; empty where none does.
  func label(_ target: String = "/", host: String = "web", service: String? = nil) throws -> String {
    switch try choice(target, host: host, service: service) {
    case .rule(let rule, _, _), .noBackend(let rule): table.rules[rule].label
    case .direct, .noRule: ""
    }
  }

  /// The limit that counts a request for a rule.
  func limit(_ choice: RouteChoice, _ headers: [(String, String)] = [], from source: String) throws -> String? {
    let address = try #require(IPAddress(source))
    return try parse("GET", "/", host: "web", headers.map { .init($0.0, $0.1) }) {
      table.rateLimit(choice, port: 0, $0, source: address, scratch: scratch).map { table.rateLimits[$0].label }
    }
  }
}

struct UnparsedRequest: Error {
  let text: String
}

extension HTTPRoute.Parent {
  static let web = HTTPRoute.Parent(namespace: "shop", service: "web")
}

extension [Service] {
  /// `web` first, then `a` to `d`.
  static let shop = ["web", "a", "b", "c", "d"].map {
    Service(
      namespace: "shop",
      name: $0,
      ports: [.init(port: 80, endpoints: [Endpoint(.init(IPAddress(v4: 9), port: 8080))])]
    )
  }
}

extension HTTPRoute.Rule {
  /// A rule with one match.
  init(_ match: HTTPRoute.Match) { self.init(matches: [match]) }
}

extension HTTPRoute.Backend {
  /// A backend in namespace shop, on port 80.
  static func shop(_ name: String, weight: UInt32 = 1, filters: [HTTPRoute.Filter] = []) -> Self {
    .init(namespace: "shop", service: name, port: 80, weight: weight, filters: filters)
  }
}
