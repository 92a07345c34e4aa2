import MeshModel
import Policy
import Testing

/// Gateway API, HTTPRouteRule `matches` and HTTPRouteSpec `hostnames`.
@Suite("Of several rules that hold, the one is taken")
struct RequestPrecedenceTests {
  /// The label of what takes `GET web/a/b?q=1&p=1` with two header fields, the routes given in both orders.
  private func winner(_ routes: [HTTPRoute], host: String = "web") throws -> String {
    let label = try RequestProbe(MeshConfiguration(services: .shop, routes: routes))
      .winner(host: host)
    let other = try RequestProbe(MeshConfiguration(services: .shop, routes: routes.reversed())).winner(host: host)
    #expect(label == other)
    return label
  }

  /// The place of the winner among matches, each in a rule of its own; the order in the document must not matter.
  private func winner(_ matches: [HTTPRoute.Match]) throws -> Int? {
    let found = try RequestProbe(rules: matches.map { .init($0) }).winnerRule()
    let other = try RequestProbe(rules: matches.reversed().map { .init($0) }).winnerRule()
    #expect(found == other.map { matches.count - 1 - $0 })
    return found
  }

  private let one = [HTTPRoute.ValueMatch(name: "h1", value: "1")]
  private let two = [HTTPRoute.ValueMatch(name: "h1", value: "1"), HTTPRoute.ValueMatch(name: "h2", value: "2")]

  @Test("with an exact path, before a longer pattern, prefix and everything else")
  func exact() throws {
    #expect(
      try winner([
        .init(path: .prefix("/a/b"), method: "GET", headers: two), .init(path: .regex("/a/.*"), headers: two),
        .init(path: .exact("/a/b")),
      ]) == 2
    )
  }

  @Test("with a pattern, before prefixes, which would else hide it")
  func regex() throws {
    #expect(try winner([.init(path: .prefix("/a/b"), headers: two), .init(path: .regex("/a/."))]) == 1)
  }

  @Test("with the longest prefix, before methods and fields; a final slash is no length")
  func prefix() throws {
    #expect(
      try winner([
        .init(path: .prefix("/"), method: "GET", headers: two), .init(path: .prefix("/a/b")),
        .init(path: .prefix("/a")),
        .init(method: "GET", headers: two, query: one.map { .init(name: "q", value: $0.value) }),
      ]) == 1
    )
    #expect(try winner([.init(path: .prefix("/a/")), .init(path: .prefix("/a"), method: "GET")]) == 1)
  }

  @Test("with a method, before header fields")
  func method() throws {
    #expect(try winner([.init(headers: two), .init(method: "GET")]) == 1)
  }

  @Test("with more header fields, before parameters; a name given twice counts once")
  func headers() throws {
    let query = [HTTPRoute.ValueMatch(name: "q", value: "1"), HTTPRoute.ValueMatch(name: "p", value: "1")]
    #expect(try winner([.init(headers: one, query: query), .init(headers: two), .init()]) == 1)
    #expect(try winner([.init(headers: one + one), .init(headers: two)]) == 1)
  }

  @Test("with more parameters")
  func query() throws {
    let query = [HTTPRoute.ValueMatch(name: "q", value: "1"), HTTPRoute.ValueMatch(name: "p", value: "1")]
    #expect(try winner([.init(query: [query[0]]), .init(query: query), .init()]) == 1)
  }

  @Test("of the older route; one that does not say is oldest")
  func age() throws {
    func route(_ name: String, _ created_s: Int64?) -> HTTPRoute {
      HTTPRoute(namespace: "shop", name: name, created_s: created_s, parents: [.web], rules: [.init()])
    }
    #expect(try winner([route("a", 20), route("z", 10)]) == "shop/z/rule0")
    #expect(try winner([route("a", 20), route("z", nil)]) == "shop/z/rule0")
  }

  @Test("of the route whose namespace/name comes first")
  func name() throws {
    func route(_ name: String) -> HTTPRoute {
      HTTPRoute(namespace: "shop", name: name, created_s: 5, parents: [.web], rules: [.init()])
    }
    #expect(try winner([route("b"), route("a"), route("a-")]) == "shop/a/rule0")
  }

  @Test("that comes first in its route, and is named by its own name where it has one")
  func order() throws {
    let route = HTTPRoute(
      namespace: "shop",
      name: "r",
      parents: [.web],
      rules: [.init(name: "first", matches: [.init(), .init()]), .init()]
    )
    #expect(try winner([route]) == "shop/r/first")
  }

  @Test("whose route names the host exactly, before longer wildcards, before shorter ones, before none")
  func hostnames() throws {
    func route(_ name: String, _ hostnames: [String], _ match: HTTPRoute.Match = .init()) -> HTTPRoute {
      HTTPRoute(namespace: "shop", name: name, parents: [.web], hostnames: hostnames, rules: [.init(match)])
    }
    let all = [
      route("a", [], .init(path: .exact("/a/b"))), route("b", ["*.test"], .init(path: .exact("/a/b"))),
      route("c", ["*.shop.test", "other.test"]), route("d", ["unrelated", "web.shop.test"]),
    ]
    #expect(try winner(all, host: "web.shop.test") == "shop/d/rule0")
    #expect(try winner(all, host: "WEB.shop.test.:80") == "shop/d/rule0")
    #expect(try winner(all, host: "x.y.shop.test") == "shop/c/rule0")
    #expect(try winner(all, host: "other.test") == "shop/c/rule0")
    #expect(try winner(all, host: "shop.test") == "shop/b/rule0")
    #expect(try winner(all, host: "test") == "shop/a/rule0")
    #expect(try winner(Array(all.dropFirst()), host: "test") == "")
  }

  @Test("whose route is less specific about the host, where no rule of the more specific one holds")
  func fallThrough() throws {
    let exact = HTTPRoute(
      namespace: "shop",
      name: "a",
      parents: [.web],
      hostnames: ["web"],
      rules: [.init(.init(path: .exact("/other")))]
    )
    let any = HTTPRoute(namespace: "shop", name: "b", parents: [.web], rules: [.init()])
    #expect(try winner([exact, any]) == "shop/b/rule0")
  }

  @Test(
    "by a wildcard for whole labels, one or several",
    arguments: [
      ("x.a.test", true), ("y.x.a.test", true), ("a.test", false), ("xa.test", false),
      ("x.a.test.x", false),
    ]
  )
  func wildcard(_ host: String, _ expected: Bool) throws {
    let probe = try RequestProbe(rules: [.init()], hostnames: ["*.a.test"])
    #expect(try (probe.rule("/", host: host, service: "web") == 0) == expected)
  }
}

extension RequestProbe {
  private static let headers = [("h1", "1"), ("h2", "2")]

  fileprivate func winnerRule() throws -> Int? { try rule("/a/b?q=1&p=1", Self.headers) }

  fileprivate func winner(host: String) throws -> String { try label("/a/b", host: host, service: "web") }
}
