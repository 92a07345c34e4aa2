import MeshModel
import Policy
import Testing

@Suite("An explanation of a request")
struct RequestExplainTests {
  private func mesh(_ routes: [HTTPRoute] = [], mode: OutboundMode = .allowAny) throws -> MeshConfiguration {
    let address = try #require(IPAddress("10.96.0.1"))
    let ready = try #require(SocketAddress("10.0.0.1:8080"))
    let asleep = try #require(SocketAddress("10.0.0.2:8080"))
    return MeshConfiguration(
      services: [
        Service(
          namespace: "shop",
          name: "web",
          addresses: [address],
          ports: [
            .init(port: 80, endpoints: [Endpoint(ready, zone: "z1"), Endpoint(asleep, isReady: false)]),
            .init(port: 443),
          ]
        ),
        Service(
          namespace: "shop",
          name: "sleepy",
          ports: [.init(port: 80, endpoints: [Endpoint(asleep, isReady: false)])]
        ),
      ],
      routes: routes,
      sidecars: [SidecarPolicy(namespace: "shop", name: "s", outboundMode: mode)]
    )
  }

  private func explain(
    _ url: String,
    _ mesh: MeshConfiguration,
    method: String = "GET",
    _ headers: [ImaginedRequest.Header] = [],
    to destination: String? = nil,
    from namespace: String = "shop"
  ) throws -> RequestExplanation {
    let address = try destination.map { try #require(SocketAddress($0)) }
    let request = try ImaginedRequest(method: method, url: url, headers: headers, destination: address)
    return try RequestProbe(mesh, in: namespace).table.explain(request)
  }

  private func route(_ name: String, in namespace: String = "shop", hostnames: [String] = [], _ rules: [HTTPRoute.Rule])
    -> HTTPRoute
  {
    HTTPRoute(namespace: namespace, name: name, parents: [.web], hostnames: hostnames, rules: rules)
  }

  @Test(
    "says how the service was found, or why not",
    arguments: [
      ("http://web/", nil, "shop/web:80", "web is service shop/web, and 80 its port"),
      ("http://web.shop.mesh:443/", nil, "shop/web:443", "web.shop.mesh is service shop/web, and 443 its port"),
      ("http://web:81/", nil, "", "web is service shop/web, which has no port 81, only 80, 443"),
      ("http://web.bank/", nil, "", "web.bank would be service web of namespace bank, and there is none"),
      (
        "http://10.96.0.1/", nil, "shop/web:80",
        "10.96.0.1 is not the name of a service, which is NAME, NAME.NAMESPACE, or that with .svc, .svc.cluster.local or "
          + ".mesh; 10.96.0.1:80 is an address of service shop/web"
      ),
      (
        "http://nobody/", "10.96.0.1:443", "shop/web:443",
        "nobody would be service nobody of namespace shop, and there is none; 10.96.0.1:443 is an address of service shop/web"
      ),
      (
        "http://nobody/", "10.96.0.1:1", "",
        "nobody would be service nobody of namespace shop, and there is none; 10.96.0.1 is an address of service shop/web, "
          + "which has no port 1"
      ),
    ]
  )
  func destination(_ url: String, _ to: String?, _ service: String, _ reason: String) throws {
    let found = try explain(url, mesh(), to: to).destination
    #expect(found.service == service)
    #expect(found.reason == reason)
  }

  @Test("says what becomes of a request to what the mesh does not know")
  func unknown() throws {
    let open = try explain("http://www.example.com/", mesh())
    #expect(open.outcome == .originalDestination && open.destination.found == .not && open.backends.isEmpty)
    let closed = try explain("http://www.example.com/", mesh(mode: .registryOnly))
    #expect(closed.outcome == .refused && closed.summary.contains("REGISTRY_ONLY"))
  }

  @Test("says what the proxy answers to a request that it refuses")
  func malformed() throws {
    let found = try explain(
      "http://web/",
      mesh(),
      [.init("content-length", "1"), .init("transfer-encoding", "chunked")]
    )
    #expect(found.outcome == .malformed && found.summary.hasPrefix("the proxy answers 400 without looking further: "))
  }

  @Test("shows the endpoints of a service without routes, ready or not")
  func direct() throws {
    let found = try explain("http://web/", mesh())
    #expect(found.outcome == .direct && found.routes.isEmpty && found.candidates.isEmpty && found.rule == nil)
    #expect(found.backends.map(\.service) == ["shop/web:80"] && found.backends[0].percent == 100)
    #expect(found.backends[0].endpoints.map(\.isReady) == [true, false] && found.backends[0].endpoints[0].zone == "z1")
    #expect(try explain("http://sleepy/", mesh()).backends[0].problem == "none of its endpoints is ready")
    #expect(try explain("http://web:443/", mesh()).backends[0].problem == "it has no endpoint")
  }

  @Test("says of every route why it is not asked")
  func routes() throws {
    let found = try explain(
      "http://web.shop/",
      mesh([
        route("for-all", [.init()]), route("hosts", hostnames: ["*.test", "web.shop.mesh"], [.init()]),
        route("consumer", in: "bank", [.init()]),
        HTTPRoute(
          namespace: "shop",
          name: "port",
          parents: [.init(namespace: "shop", service: "web", port: 443)],
          rules: [.init()]
        ), HTTPRoute(namespace: "shop", name: "x", parents: [.init(namespace: "shop", service: "sleepy")], rules: []),
      ])
    )
    #expect(
      found.routes == [
        .init(route: "shop/for-all", applies: true, reason: "it is for every host"),
        .init(
          route: "shop/hosts",
          applies: false,
          reason: "its hostnames *.test, web.shop.mesh do not include web.shop"
        ),
        .init(
          route: "bank/consumer",
          applies: false,
          reason: "it is for clients of namespace bank, and the workload is in shop"
        ),
        .init(route: "shop/port", applies: false, reason: "it is attached to other ports of shop/web than 80"),
      ]
    )
    let consumer = try explain(
      "http://web.shop/",
      mesh([route("own", [.init()]), route("consumer", in: "bank", [.init()])]),
      from: "bank"
    )
    #expect(consumer.routes.map(\.applies) == [false, true])
    #expect(consumer.routes[0].reason == "the workload's namespace bank has routes of its own for shop/web")
  }

  @Test("lists the matches in the order they are tried, with the first thing that does not hold")
  func candidates() throws {
    let found = try explain(
      "http://web/b/c?q=2",
      mesh([
        route(
          "r",
          [
            .init(), .init(matches: [.init(path: .prefix("/a")), .init(path: .exact("/b"))]),
            .init(.init(path: .prefix("/b"), method: "POST")),
            .init(.init(path: .prefix("/b"), headers: [.init(name: "x-user", value: "alice")])),
            .init(.init(path: .prefix("/b"), headers: [.init(name: "x-none", value: "1")])),
            .init(.init(path: .prefix("/b"), query: [.init(name: "q", value: "[01]", isRegex: true)])),
            .init(name: "it", matches: [.init(path: .prefix("/b/c"))]), .init(.init(path: .regex("/(b"))),
          ]
        )
      ]),
      [.init("X-User", " bob ")]
    )
    #expect(
      found.candidates.map { "\($0.rule) \($0.match ?? -1) \($0.matches) \($0.isChosen): \($0.reason)" } == [
        "shop/r/rule1 1 false false: path /b/c is not /b",
        "shop/r/rule7 0 false false: its pattern /(b is not a regular expression: missing closing parenthesis at offset 3, "
          + "so it never matches",
        "shop/r/it 0 true true: path /b/c starts with /b/c",
        "shop/r/rule2 0 false false: method is GET, wanted POST",
        "shop/r/rule3 0 false false: header x-user is \"bob\", wanted \"alice\"",
        "shop/r/rule4 0 false false: there is no header x-none",
        "shop/r/rule5 0 false false: query parameter q is \"2\", which does not match [01]",
        "shop/r/rule1 0 false false: path /b/c does not start with /a", "shop/r/rule0 -1 true false: any path",
      ]
    )
    #expect(
      found.outcome == .routed && found.summary == "shop/r/it takes the request and sends it to the service itself"
    )
  }

  @Test("tells filters, timeouts, retries, shares and what is wrong with a backend")
  func chosen() throws {
    let rule = HTTPRoute.Rule(
      filters: [
        .requestHeaders(.init(set: [.init("a", "1")], add: [.init("b", "2")], remove: ["te"])),
        .rewrite(hostname: "h", path: .replacePrefix("/x")), .mirror(.shop("sleepy"), partsPerMillion: 12_345),
      ],
      backends: [
        .shop("web", weight: 3), .shop("nobody"), .init(namespace: "shop", service: "sleepy", port: 81, weight: 0),
      ],
      requestTimeout_ms: 500,
      backendTimeout_ms: 0,
      retry: .init(codes: [503], attempts: 1, backoff_ms: 10)
    )
    let found = try explain("http://web/", mesh([route("r", [rule])]))
    #expect(
      found.rule?.filters == [
        "request headers: a becomes \"1\", b gets \"2\" too, te is taken away, te is the proxy's own, so nothing happens "
          + "to it", "rewrite: host becomes h, / at the path's beginning becomes /x",
        "copies of 1.2345 % go to shop/sleepy:80",
      ]
    )
    #expect(found.rule?.requestTimeout_ms == 500 && found.rule?.backendTimeout_ms == nil)
    #expect(found.rule?.retry == "up to 1 more times after a failed connection or status 503, from 10 ms on")
    #expect(found.backends.map(\.percent) == [75, 25, 0])
    #expect(
      found.backends.map(\.problem) == [
        "", "there is no such service, so it is answered 500", "the service has no port 81, so it is answered 500",
      ]
    )
    let nowhere = try explain("http://web/", mesh([route("r", [.init(backends: [.shop("nobody")])])]))
    #expect(nowhere.outcome == .noBackend && nowhere.summary.hasSuffix("so it is answered 500"))
    let redirect = try explain("http://web/", mesh([route("r", [.init(filters: [.redirect(.init(port: 81))])])]))
    #expect(redirect.outcome == .redirected && redirect.rule?.filters == ["redirect with status 302, to port 81"])
    let none = try explain("http://web/", mesh([route("r", [.init(.init(path: .exact("/a")))])]))
    #expect(none.outcome == .noRule && none.summary.hasSuffix("so it is answered 404"))
  }

  @Test("tells the traffic policy, and which one gives way")
  func traffic() throws {
    var mesh = try mesh([route("r", [.init()])])
    mesh.traffic = [
      TrafficPolicy(namespace: "shop", name: "s", targets: [.service("web")], fault: .init(delay_ms: 5)),
      TrafficPolicy(
        namespace: "shop",
        name: "r",
        targets: [.route("r")],
        fault: .init(abortStatus: 503, abortPartsPerMillion: 1_000),
        rateLimits: [.init(headers: [.init(name: "x", value: "1")], isPerClient: true, requests: 9, period_s: 60)],
        loadBalancing: .random
      ),
    ]
    #expect(
      try explain("http://web/", mesh).traffic == [
        "shop/r: 0.1 % of requests are answered 503",
        "shop/r: 9 requests with x \"1\" in 60 s for each client, where they arrive",
        "shop/r: endpoints are chosen by Random", "shop/s is for the service, and gives way to the route's policy",
      ]
    )
  }

  @Test("survives JSON")
  func json() throws {
    let found = try explain("http://web/x?y", mesh([route("r", [.init(backends: [.shop("web")])])]))
    #expect(try AdminJSON.decode(RequestExplanation.self, from: AdminJSON.encode(found)) == found)
  }
}

@Suite("An imagined request")
struct ImaginedRequestTests {
  @Test(
    "is taken apart as a URL",
    arguments: [
      ("http://web", "web", nil, "/", nil), ("HTTP://web:8080/a/b?c=d?e", "web", 8080, "/a/b", "c=d?e"),
      ("http://web?q", "web", nil, "/", "q"), ("http://web/?", "web", nil, "/", ""),
      ("http://[2001:db8::1]:80/", "[2001:db8::1]", 80, "/", nil), ("http://[::1]/", "[::1]", nil, "/", nil),
    ] as [(String, String, UInt16?, String, String?)]
  )
  func url(_ url: String, _ host: String, _ port: UInt16?, _ path: String, _ query: String?) throws {
    let request = try ImaginedRequest(url: url)
    #expect(request.host == host && request.port == port && request.path == path && request.query == query)
  }

  @Test("takes another host from a Host field, as curl does")
  func hostField() throws {
    let request = try ImaginedRequest(url: "http://10.0.0.1:81/", headers: [.init("host", "web:80"), .init("a", "1")])
    #expect(request.host == "web" && request.port == 80 && request.headers == [.init("a", "1")])
  }

  @Test(
    "refuses what is no URL of a plain request",
    arguments: [
      ("web/", ImaginedRequestError.notHTTP("web/")), ("https://web/", .notHTTP("https://web/")),
      ("http:///a", .host("")), ("http://web:/", .port("web:")), ("http://web:65536/", .port("web:65536")),
      ("http://web:+1/", .port("web:+1")), ("http://a@web/", .host("a@web")),
      ("http://web/#a", .fragment("http://web/#a")),
    ]
  )
  func refused(_ url: String, _ error: ImaginedRequestError) {
    #expect(throws: error) { try ImaginedRequest(url: url) }
  }
}
