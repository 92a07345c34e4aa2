import MeshModel
import Policy
import Testing

@Suite("TLS clients, by the TLSRoutes of a service")
struct ServerRoutesTests {
  private let services = ["api", "next", "other"].map { name in
    Service(namespace: "shop", name: name, ports: [.init(port: 443, appProtocol: .tls)])
  }

  private func route(
    _ name: String,
    _ hostnames: [String],
    to service: String,
    in namespace: String = "shop",
    created_s: Int64? = nil,
    weight: UInt32 = 1
  ) -> HTTPRoute {
    HTTPRoute(
      .tls,
      namespace: namespace,
      name: name,
      created_s: created_s,
      parents: [.init(namespace: "shop", service: "api")],
      hostnames: hostnames,
      rules: [.init(backends: [.init(namespace: "shop", service: service, port: 443, weight: weight)])]
    )
  }

  private func table(_ routes: [HTTPRoute], in namespace: String = "shop") throws -> RequestTable {
    RequestTable(MeshConfiguration(services: services, routes: routes), for: try Workload(namespace: namespace))
  }

  /// The rule and the service that a client of `api` is led to.
  private func led(_ table: RequestTable, _ name: String) throws -> String {
    let port = try #require(table.port(namespace: "shop", service: "api", port: 443))
    var name = name
    let choice = name.withUTF8 { table.route(port, serverName: UnsafeRawBufferPointer($0), draw: 0) }
    switch choice {
    case .direct: return "direct"
    case .noRule: return "no rule"
    case .noBackend(let rule): return "\(table.rules[rule].label): nobody"
    case .rule(let rule, let backend, _): return "\(table.rules[rule].label): \(table.ports[Int(backend)].service)"
    }
  }

  @Test("go by the most specific host name: whole, then the longest *., then a route that has none, in any case")
  func specific() throws {
    let table = try table([
      route("a", [], to: "api"), route("b", ["*.example.com"], to: "other"),
      route("c", ["*.eu.example.com", "x.example.com"], to: "next"),
    ])
    #expect(try led(table, "X.Example.com") == "shop/c/rule0: next")
    #expect(try led(table, "y.eu.example.com") == "shop/c/rule0: next")
    #expect(try led(table, "y.example.com.") == "shop/b/rule0: other")
    #expect(try led(table, "example.com") == "shop/a/rule0: api" && led(table, "") == "shop/a/rule0: api")
  }

  @Test("go by the older of two routes with a host name, then by the first by name")
  func conflicts() throws {
    let names = ["x.example.com"]
    let young = route("a", names, to: "api", created_s: 20)
    let old = route("b", names, to: "next", created_s: 10)
    #expect(try led(table([young, old]), "x.example.com") == "shop/b/rule0: next")
    #expect(
      try led(table([route("b", names, to: "next"), route("a", names, to: "other")]), names[0]) == "shop/a/rule0: other"
    )
  }

  @Test(
    "are taken by no rule where no route has their name, and by nobody where the backend has no weight or is not there"
  )
  func nobody() throws {
    let table = try table([
      route("a", ["x.example.com"], to: "api", weight: 0), route("b", ["y.example.com"], to: "gone"),
    ])
    #expect(try led(table, "z.example.com") == "no rule" && led(table, "") == "no rule")
    #expect(try led(table, "x.example.com") == "shop/a/rule0: nobody")
    #expect(try led(table, "y.example.com") == "shop/b/rule0: nobody")
    #expect(try led(self.table([]), "x.example.com") == "direct")
  }

  @Test("go by the routes of their own namespace where that has some, and other namespaces' are not theirs")
  func consumers() throws {
    let routes = [
      route("a", [], to: "next"), route("b", [], to: "other", in: "desk"),
      route("c", ["x.test"], to: "api", in: "hall"),
    ]
    #expect(try led(table(routes), "x.test") == "shop/a/rule0: next")
    #expect(try led(table(routes, in: "desk"), "x.test") == "desk/b/rule0: other")
    #expect(try led(table(routes, in: "elsewhere"), "x.test") == "shop/a/rule0: next")
  }

  @Test("have their routes beside those of requests, which neither see these nor are hidden by them")
  func beside() throws {
    var requests = route("a", [], to: "next")
    requests.kind = .http
    let both = try table([requests, route("a", [], to: "other")])
    #expect(try led(both, "x.test") == "shop/a/rule0: other")
    let alone = try table([route("a", [], to: "other")])
    let asked = try ImaginedRequest(url: "http://api.shop:443/")
    #expect(alone.explain(asked).routes.isEmpty && alone.explain(asked).outcome != .noRule)
    let known = alone.rules[0]
    #expect(both.number(ofServerRule: known) == Int32(both.rules.firstIndex { $0.routeKind == .tls } ?? -2))
    #expect(try table([]).number(ofServerRule: known) == -1)
  }
}
