import HTTP1
import MeshModel
import Policy
import Testing
import WeftTestKit

/// Routes whose documents are GRPCRoutes.
@Suite("A GRPCRoute")
struct CallRouteTests {
  private static let content = ("content-type", "application/grpc")

  private func route(_ rules: [HTTPRoute.Rule]) -> HTTPRoute {
    HTTPRoute(.grpc, namespace: "shop", name: "r", parents: [.web], rules: rules)
  }

  private func probe(_ matches: HTTPRoute.Match..., in namespace: String = "shop") throws -> RequestProbe {
    let route = route(matches.map { HTTPRoute.Rule(matches: [$0]) })
    return try RequestProbe(MeshConfiguration(services: .shop, routes: [route]), in: namespace)
  }

  private func takes(_ match: HTTPRoute.Match, _ target: String) throws -> Bool {
    try probe(match).rule(target, method: "POST", [Self.content]) == 0
  }

  private static func call(_ service: String?, _ method: String?, isRegex: Bool = false) -> HTTPRoute.Match {
    .init(path: .call(service: service, method: method, isRegex: isRegex))
  }

  @Test(
    "with service and method takes that call alone",
    arguments: [
      ("/shop.v1.Cart/Add", true), ("/shop.v1.Cart/add", false), ("/Shop.v1.Cart/Add", false),
      ("/shop.v1.Cart/AddAll", false),
      ("/x/shop.v1.Cart/Add", false), ("/shop.v1.Cart/Add/", false), ("/shop.v1.Cart", false),
    ]
  )
  func exact(_ target: String, _ expected: Bool) throws {
    #expect(try takes(Self.call("shop.v1.Cart", "Add"), target) == expected)
  }

  @Test(
    "with a service takes every method of it",
    arguments: [
      ("/shop.v1.Cart/Add", true), ("/shop.v1.Cart/a", true), ("/shop.v1.Cart/", false), ("/shop.v1.Cart", false),
      ("/shop.v1.Cart/a/b", false), ("/shop.v1.Carts/a", false), ("/shopxv1.Cart/a", false),
      ("/shop.v1.Cart/a/", false),
    ]
  )
  func service(_ target: String, _ expected: Bool) throws {
    #expect(try takes(Self.call("shop.v1.Cart", nil), target) == expected)
  }

  @Test(
    "with a method takes it of every service",
    arguments: [
      ("/a/Ping", true), ("/b.C/Ping", true), ("//Ping", false), ("/Ping", false), ("/a/b/Ping", false),
      ("/a/ping", false), ("/a/XPing", false), ("/a/Ping/", false),
    ]
  )
  func method(_ target: String, _ expected: Bool) throws {
    #expect(try takes(Self.call(nil, "Ping"), target) == expected)
  }

  @Test(
    "with regular expressions holds each against one of the two, whole, and neither reaches over the slash",
    arguments: [
      ("/shop.Cart/GetA", true), ("/shop.Cart/Get", false), ("/shop.Cart/XGetA", false), ("/xshop.Cart/GetA", false),
      ("/shop.a/b/GetA", false), ("/shop.Cart/Get/A", false), ("/shop.Cart/GetA/", false),
    ]
  )
  func regex(_ target: String, _ expected: Bool) throws {
    #expect(try takes(Self.call(#"shop\..*|bank"#, "Get.+", isRegex: true), target) == expected)
    #expect(try takes(Self.call(#"shop\..*"#, nil, isRegex: true), "/shop.x/y"))
    #expect(try takes(Self.call(nil, "a|b", isRegex: true), "/x/b"))
  }

  @Test("of which a part cannot be compiled, or only together with the other, never holds")
  func badPattern() throws {
    #expect(try !takes(Self.call("a)|(b", nil, isRegex: true), "/b/c"))
    #expect(try !takes(Self.call("(a", "b)", isRegex: true), "/a/b"))
    #expect(CallPattern.problem(service: "(a", method: "b)") != nil)
    #expect(CallPattern.problem(service: "a", method: nil) == nil)
  }

  @Test("takes no request that is no call, and its service answers no other")
  func content() throws {
    let probe = try probe(.init())
    #expect(try probe.rule("/a/b", method: "POST", [Self.content]) == 0)
    #expect(try probe.rule("/a/b", method: "POST", [("content-type", "application/grpc+proto")]) == 0)
    for type in ["application/json", "application/grpc-web", "application/grpcx"] {
      #expect(try probe.choice("/a/b", method: "POST", [("content-type", type)]) == .noRule, "\(type)")
    }
    #expect(try probe.choice("/a/b") == .noRule)
  }

  @Test("replaces HTTPRoutes for the same port, and nothing of the two is combined")
  func replaces() throws {
    let other = HTTPRoute(namespace: "shop", name: "r", parents: [.web], rules: [.init(.init(path: .prefix("/a")))])
    let mine = HTTPRoute(namespace: "bank", name: "c", parents: [.web], rules: [.init()])
    let routes = [other, mine, route([.init(Self.call("a", "b"))])]
    let producer = try RequestProbe(MeshConfiguration(services: .shop, routes: routes))
    #expect(try producer.rule("/a/b", method: "POST", [Self.content]) == 0)
    #expect(try producer.choice("/a/c", method: "POST", [Self.content]) == .noRule)
    #expect(try producer.choice("/a/b") == .noRule)
    let explained = producer.table.explain(try ImaginedRequest(url: "http://web.shop/a/b"))
    #expect(explained.outcome == .noRule)
    #expect(explained.routes.map(\.route).sorted() == ["bank/c", "shop/r", "shop/r (GRPCRoute)"])
    #expect(
      explained.routes.first { $0.route == "shop/r" }?.reason
        == "GRPCRoute shop/r is for the same port, and replaces HTTPRoutes there"
    )
    #expect(
      explained.candidates.map(\.reason) == ["there is no content-type, and a GRPCRoute takes calls of gRPC alone"]
    )
    // Clients whose namespace has a route of its own go by that, whatever its kind.
    let consumer = try RequestProbe(MeshConfiguration(services: .shop, routes: routes), in: "bank")
    #expect(try consumer.label("/x", host: "web.shop") == "bank/c/rule0")
  }

  @Test("prefers longer services, then methods, then more header fields; regular expressions stand behind exact names")
  func precedence() throws {
    let headers = [HTTPRoute.ValueMatch(name: "x", value: "1")]
    let matches: [HTTPRoute.Match] = [
      .init(headers: headers), Self.call(nil, "b", isRegex: true), Self.call(nil, "b"),
      Self.call("a", nil, isRegex: true), Self.call("a", "b", isRegex: true), Self.call("a", nil), Self.call("a", "b"),
      .init(path: .call(service: "a", method: "b", isRegex: false), headers: headers),
    ]
    // Each wins over all before it.
    for count in 1...matches.count {
      let rules = matches.prefix(count).map { HTTPRoute.Rule(matches: [$0]) }
      for rules in [rules, rules.reversed()] {
        let probe = try RequestProbe(MeshConfiguration(services: .shop, routes: [route(rules)]))
        let wanted = rules.firstIndex { $0.matches == [matches[count - 1]] }
        #expect(try probe.rule("/a/b", method: "POST", [Self.content, ("x", "1")]) == wanted, "\(count)")
      }
    }
  }

  @Test("has its own traffic policy, beside that of an HTTPRoute of the same name")
  func traffic() throws {
    let policies = [
      TrafficPolicy(namespace: "shop", name: "a", targets: [.route("r")], fault: .init(abortStatus: 418)),
      TrafficPolicy(namespace: "shop", name: "b", targets: [.grpcRoute("r")], fault: .init(abortStatus: 419)),
    ]
    let probe = try RequestProbe(MeshConfiguration(services: .shop, routes: [route([.init()])], traffic: policies))
    let choice = try probe.choice("/a/b", method: "POST", [Self.content])
    #expect(probe.table.fault(choice, port: 0)?.abortStatus == 419)
  }

  @Test("asks for tries by what a call came to, and explains it")
  func retries() throws {
    let retry = HTTPRoute.Retry(grpcCodes: [1, 14], attempts: 2, backoff_ms: 25)
    let probe = try RequestProbe(
      MeshConfiguration(services: .shop, routes: [route([HTTPRoute.Rule(retry: retry)])])
    )
    let compiled = try #require(probe.table.rules[0].retry)
    #expect(GRPCCode.allCases.filter { compiled.retries($0) }.map(\.rawValue) == [1, 14])
    #expect(!compiled.retries(503 as UInt16))
    let request = try ImaginedRequest(
      method: "POST",
      url: "http://web.shop/a/b",
      headers: [.init("content-type", "application/grpc")]
    )
    #expect(
      probe.table.explain(request).rule?.retry
        == "up to 2 more times after a failed connection or grpc-status 1, 14, from 25 ms on"
    )
  }

  @Test("routes and explains alike, on 8,000 seeded calls")
  func agree() throws {
    var random = SplitMix64(seed: 77)
    var taken = 0
    for _ in 0..<200 {
      let rules = (0...Int.random(in: 0...3, using: &random)).map { _ in HTTPRoute.Rule(matches: [random.match()]) }
      let http = HTTPRoute(namespace: "shop", name: "h", parents: [.web], rules: [.init()])
      let routes = Bool.random(using: &random) ? [route(rules)] : [http, route(rules)]
      let probe = try RequestProbe(MeshConfiguration(services: .shop, routes: routes))
      for _ in 0..<40 {
        let type = random.pick(["application/grpc", "application/grpc", "application/grpc+proto", "text/plain"])
        let target = random.pick(["/a/b", "/a/c", "/ab/b", "/a/b/c", "/a", "/", "/a/", "/.a/b"])
        let headers = [("content-type", type), ("x", random.pick(["1", "2"]))]
        let request = try ImaginedRequest(
          method: "POST",
          url: "http://web.shop\(target)",
          headers: headers.map { .init($0.0, $0.1) }
        )
        let explained = probe.table.explain(request)
        let rule = try probe.rule(target, method: "POST", host: "web.shop", headers)
        #expect(explained.rule?.rule == rule.map { "shop/r/rule\($0)" }, "\(routes) \(request)")
        #expect((explained.outcome == .noRule) == (rule == nil))
        taken += rule == nil ? 0 : 1
      }
    }
    #expect((2_000...6_000).contains(taken), "\(taken)")
  }
}

extension SplitMix64 {
  fileprivate mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }

  fileprivate mutating func match() -> HTTPRoute.Match {
    let isRegex = Bool.random(using: &self)
    let service: String? = pick(isRegex ? [nil, "a.?", ".*", "a|ab"] : [nil, "a", "ab", ".a"])
    let method: String? = pick(isRegex ? ["b", "[bc]", ".+"] : ["b", "c", service == nil ? "b" : nil])
    let path: HTTPRoute.PathMatch? = pick([nil, .call(service: service, method: method, isRegex: isRegex)])
    return .init(path: path, headers: Bool.random(using: &self) ? [] : [.init(name: "x", value: "1")])
  }
}
