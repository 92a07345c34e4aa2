import MeshModel
import Policy
import Testing

@Suite("What is told of a TLS client")
struct ServerNameExplainTests {
  private static func service(
    _ name: String,
    in namespace: String = "shop",
    _ hosts: [String] = [],
    port: UInt16 = 443,
    _ appProtocol: Service.AppProtocol = .tls,
    isMeshed: Bool = false
  ) -> Service {
    let endpoint = Endpoint(SocketAddress(IPAddress(v4: 0x0a02_0007), port: 9_443), isMeshed: isMeshed)
    let ports = [Service.Port(port: port, appProtocol: appProtocol, endpoints: [endpoint])]
    return Service(namespace: namespace, name: name, addresses: [virtual.ip], ports: ports, hosts: hosts)
  }

  private static let virtual = SocketAddress(IPAddress(v4: 0x0a60_000a), port: 443)

  private func explain(
    _ name: String,
    port: UInt16? = nil,
    to destination: SocketAddress? = nil,
    _ services: [Service],
    _ routes: [HTTPRoute] = [],
    tls: UpstreamTLS? = nil
  ) throws -> ServerNameExplanation {
    let rule = tls.map {
      TrafficPolicy(namespace: "shop", name: "rule", targets: [.service(services[0].name)], tls: $0)
    }
    let mesh = MeshConfiguration(services: services, routes: routes, traffic: rule.map { [$0] } ?? [])
    let question = try ServerNameQuestion(name, port: port, to: destination)
    return RequestTable(mesh, for: try Workload(namespace: "shop")).explain(question)
  }

  @Test("is why each host that holds the name leads or does not, and of others that they are other names")
  func hosts() throws {
    let found = try explain(
      "x.eu.example.com",
      [
        Self.service("all", ["*.example.com"]), Self.service("eu", ["*.eu.example.com"]),
        Self.service("later", ["*.eu.example.com", "eu.example.com"]),
        Self.service("web", ["x.eu.example.com"], .http), Self.service("far", ["x.eu.example.com"], port: 8_443),
      ]
    )
    #expect(found.destination.service == "shop/eu:443" && found.destination.found == .byName)
    #expect(found.destination.reason == "*.eu.example.com, a host of service shop/eu, holds x.eu.example.com")
    #expect(
      found.hosts.map { "\($0.service) \($0.host) \($0.isChosen): \($0.reason)" } == [
        "shop/eu *.eu.example.com true: it is the longest *. that holds the name",
        "shop/far x.eu.example.com false: it holds the name, and the service has no port 443, only 8443",
        "shop/web x.eu.example.com false: it holds the name, and port 443 is not declared to speak TLS "
          + "(protocol: TLS or HTTPS)",
        "shop/later *.eu.example.com false: shop/eu has it too, and comes first by name",
        "shop/all *.example.com false: it holds the name, and *.eu.example.com of shop/eu is longer",
        "shop/later eu.example.com false: it is another name",
      ]
    )
  }

  @Test("is of a name that nobody has why not, with the hosts that are likest first, and how many more there are")
  func unknown() throws {
    let names = (0..<120).map { "h\($0).example.org" }
    let found = try explain("example.com", [Self.service("api", ["*.example.com"]), Self.service("many", names)])
    #expect(found.outcome == .originalDestination && found.hosts.count == 50 && found.hostsLeftOut == 71)
    #expect(found.hosts[0].reason == "the * stands for one label at least" && !found.hosts[0].holds)
    #expect(found.destination.reason.hasSuffix("; no host of a service holds it"), "\(found.destination.reason)")
    let bare = try explain("gone.shop", [Self.service("api")])
    #expect(bare.destination.reason == "gone.shop would be service gone of namespace shop, and there is none")
  }

  @Test("is which TLSRoute takes it, why each other does not, and that one which nobody takes is refused")
  func routes() throws {
    func route(_ name: String, _ hostnames: [String], created_s: Int64? = nil) -> HTTPRoute {
      HTTPRoute(
        .tls,
        namespace: "shop",
        name: name,
        created_s: created_s,
        parents: [.init(namespace: "shop", service: "api")],
        hostnames: hostnames,
        rules: [.init(backends: [.init(namespace: "shop", service: "api", port: 443, weight: 1)])]
      )
    }
    let routes = [
      route("any", []), route("old", ["x.example.com"], created_s: 1),
      route("other", ["y.example.com"]), route("wild", ["*.example.com"]),
      route("young", ["x.example.com"], created_s: 2),
    ]
    let found = try explain("X.example.com.", [Self.service("api", ["*.example.com"])], routes)
    #expect(found.rule == "shop/old/rule0" && found.outcome == .routed)
    #expect(
      found.routes.map { "\($0.route) \($0.applies): \($0.reason)" } == [
        "shop/any false: it is for every name, and shop/old has it by a more specific one, x.example.com",
        "shop/old true: its hostname x.example.com includes x.example.com",
        "shop/other false: its hostnames y.example.com do not include x.example.com",
        "shop/wild false: its hostname *.example.com includes x.example.com, and shop/old has it by a more specific one, "
          + "x.example.com",
        "shop/young false: its hostname x.example.com includes x.example.com, and shop/old, which has it too, is older",
      ]
    )
    let refused = try explain("z.example.org", to: Self.virtual, [Self.service("api")], [routes[1]])
    #expect(refused.outcome == .noRoute && refused.rule.isEmpty && refused.closeReason == "no-route")
    #expect(
      refused.summary
        == "TLSRoutes are attached to shop/api:443 and none of them is for z.example.org, so the connection is refused"
    )
    let nameless = try explain("", to: Self.virtual, [Self.service("api")], [routes[1]])
    #expect(nameless.routes[0].reason == "it is for x.example.com, and the hello asks for no name")
  }

  @Test("is what a DestinationRule does to it")
  func rules() throws {
    let services = [Self.service("api", ["x.example.com"])]
    let simple = try explain("x.example.com", services, tls: .simple(.init(name: "inner.test")))
    #expect(
      simple.backends[0].filters == [
        "shop/rule: endpoints are spoken to by TLS (SIMPLE) as inner.test, vouched for by whom the host trusts, around the "
          + "TLS that the client speaks itself"
      ]
    )
    let mesh = try explain("x.example.com", services, tls: .mesh)
    #expect(mesh.backends[0].problem.contains("ISTIO_MUTUAL") && mesh.refusal != nil)
    // Whose name is verified must be known before it is connected to.
    let asking = try explain("x.example.com", to: Self.virtual, services, tls: .simple(.init()))
    #expect(asking.outcome == .unreachable && asking.closeReason == "upstream-unreachable")
    #expect(try explain("x.example.com", services, tls: .simple(.init())).refusal == nil)
    #expect(try explain("x.example.com", to: Self.virtual, services, tls: .disable).refusal == nil)
  }

  @Test("is that a service whose address is dialled must have somebody to connect to, and takes a hello at all")
  func dialled() throws {
    let web = try explain("x.test", to: Self.virtual, [Self.service("web", [], .http)])
    #expect(web.outcome == .requestsOnly && web.refusal?.contains("declared to speak HTTP") == true)
    var empty = Self.service("api", ["x.test"])
    empty.ports[0].endpoints = []
    #expect(try explain("x.test", to: Self.virtual, [empty]).outcome == .unreachable)
    let led = try explain("x.test", [empty])
    #expect(led.outcome == .direct && led.closeReason == "no-endpoint" && led.refusal != nil)
  }
}
