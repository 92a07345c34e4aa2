import MeshModel
import Testing
import WeftTestKit

/// HTTPRoutes at the proxy of the program that asks.
@Suite("An HTTPRoute")
struct RequestRoutingTests {
  private let pods: TwoPods
  /// Two servers that say who they are and what they were asked.
  private let first: ScriptedServer
  private let second: ScriptedServer

  init() throws {
    pods = try TwoPods()
    first = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok("first \($0.head.target)", ["X-Own: 1"]) }
    second = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) {
      .ok("second \($0.head.target)", ["X-Own: 2"])
    }
  }

  private static let toWeb = "backendRefs: [{name: web, port: 80}]"
  private static let toNext = "backendRefs: [{name: next, port: 80}]"

  /// The services `web` and `next`, each with one of the servers, and a route of `web`.
  private func scene(_ rules: String, hostnames: String = "[]", more: String = "") throws -> RequestScene {
    let services = Documents.web(first.address) + Documents.service("next", endpoints: [second.address])
    return try RequestScene.outbound(in: pods, services + Documents.route(rules, hostnames: hostnames) + more)
  }

  @Test("chooses by exact path, by prefix of whole segments and by regular expression, the more special one first")
  func paths() throws {
    let scene = try scene(
      """
      [{matches: [{path: {type: PathPrefix, value: /shop}}], \(Self.toNext)},
       {matches: [{path: {type: Exact, value: /shop/door}}], \(Self.toWeb)},
       {matches: [{path: {type: RegularExpression, value: "/v[0-9]+/.*"}}], \(Self.toNext)}, {\(Self.toWeb)}]
      """
    )
    let client = try scene.client()
    let expected = [
      "/shop": "second", "/shop/": "second", "/shop/cart": "second", "/shopping": "first", "/shop/door": "first",
      "/shop/door/x": "second", "/v12/x": "second", "/v/x": "first", "/": "first", "/shop?x=/y": "second",
    ]
    for (path, server) in expected.sorted(by: { $0.key < $1.key }) {
      #expect(try client.get(path).body == "\(server) \(path)")
    }
    #expect(try scene.record(of: "/shop/cart")["BACKEND"]?.contains("default/next") == true)
    #expect(try scene.record(of: "/shop/cart")["ROUTE"]?.hasPrefix("default/web/") == true)
  }

  @Test("chooses by headers, query and method, all of which must hold")
  func conditions() throws {
    let scene = try scene(
      """
      [{matches: [{method: POST, headers: [{name: X-Canary, value: "yes"}],
                   queryParams: [{name: v, type: RegularExpression, value: "[0-9]+"}]}], \(Self.toNext)},
       {\(Self.toWeb)}]
      """
    )
    let client = try scene.client()
    func ask(_ method: String, _ target: String, _ canary: String) throws -> String {
      let head = "\(method) \(target) HTTP/1.1\r\nHost: web\r\nx-canary: \(canary)\r\nContent-Length: 0\r\n\r\n"
      return String(try client.ask(head).body.prefix { $0 != " " })
    }
    #expect(try ask("POST", "/x?v=12", "yes") == "second")
    #expect(try ask("POST", "/x?a=b&v=1&c", "yes") == "second")
    #expect(try ask("GET", "/x?v=12", "yes") == "first")
    #expect(try ask("POST", "/x?v=a", "yes") == "first")
    #expect(try ask("POST", "/x", "yes") == "first")
    #expect(try ask("POST", "/x?v=12", "no") == "first")
  }

  @Test("for some host names knows them in any spelling, and takes requests for no other: these get 404")
  func hostnames() throws {
    let scene = try scene("[{\(Self.toNext)}]", hostnames: "[web.example.com, \"*.wild.example.com\"]")
    let client = try scene.client()
    func server(_ host: String) throws -> String { String(try client.get("/", host: host).body.prefix { $0 != " " }) }
    for host in ["web.example.com", "WEB.Example.com", "web.example.com.", "web.example.com:80", "a.wild.example.com"] {
      #expect(try server(host) == "second", "\(host)")
    }
    for host in ["web", "wild.example.com", "example.com", "a.web.example.com"] {
      #expect(try client.get("/", host: host).status == 404, "\(host)")
    }
  }

  @Test("finds the service by the name that is asked for, whatever address was dialled")
  func names() throws {
    let scene = try scene("[{\(Self.toNext)}]")
    let client = try scene.client()
    for host in ["web", "web.default", "web.default.svc", "web.default.svc.cluster.local"] {
      #expect(try client.get("/x", host: host).body == "second /x", "\(host)")
    }
    #expect(try client.get("/x", host: "next").body == "second /x")
  }

  @Test("that takes no request of a kind answers 404")
  func noRule() throws {
    let scene = try scene("[{matches: [{path: {type: Exact, value: /only}}], \(Self.toWeb)}]")
    let answer = try scene.client().get("/other")
    #expect(answer.status == 404 && answer.reason == "no-route", "\(answer)")
    #expect(try scene.record(of: "/other")["FLAGS"] == "NR")
  }

  @Test("whose rule has no backend answers 500")
  func noBackend() throws {
    let scene = try scene("[{backendRefs: [{name: web, port: 80, weight: 0}]}]")
    let answer = try scene.client().get("/x")
    #expect(answer.status == 500 && answer.reason == "no-backend", "\(answer)")
  }

  @Test("shares 1,000 requests among backends by their weights, within 5 %")
  func weights() throws {
    let scene = try scene("[{backendRefs: [{name: web, port: 80, weight: 8}, {name: next, port: 80, weight: 2}]}]")
    let client = try scene.client()
    for number in 0..<1000 { #expect(try client.get("/\(number)").status == 200) }
    // 200 expected; 50 are four standard deviations of a fair draw (12.6).
    #expect((150...250).contains(second.requests.count), "\(second.requests.count)")
    #expect(first.requests.count + second.requests.count == 1000)
  }

  @Test("changes headers on both ways, of its rule and of the backend that is drawn")
  func headers() throws {
    let scene = try scene(
      """
      [{filters: [{type: RequestHeaderModifier, requestHeaderModifier:
                    {set: [{name: X-Set, value: "s"}], add: [{name: X-Add, value: "a"}], remove: [X-Gone]}},
                  {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: X-Own, value: "theirs"}]}}],
        backendRefs: [{name: next, port: 80, filters: [{type: ResponseHeaderModifier, responseHeaderModifier:
                        {add: [{name: X-Served-By, value: next}]}}]}]}]
      """
    )
    let answer = try scene.client().get("/x", ["X-Set: old", "x-set: older", "X-Add: b", "x-gone: 1", "X-Kept: k"])
    let head = try #require(second.requests.first).head
    #expect(head.values("x-set") == ["s"] && head.values("x-gone").isEmpty && head["x-kept"] == "k", "\(head)")
    #expect(head.values("x-add").sorted() == ["a", "b"])
    #expect(answer.head.values("x-own") == ["theirs"] && answer.head["x-served-by"] == "next", "\(answer)")
  }

  @Test("redirects: scheme, host, port, path and status as they are written, the query kept")
  func redirect() throws {
    let scene = try scene(
      """
      [{matches: [{path: {type: PathPrefix, value: /old}}], filters: [{type: RequestRedirect, requestRedirect:
          {scheme: https, hostname: new.test, port: 8443, statusCode: 301,
           path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}]},
       {matches: [{path: {type: PathPrefix, value: /full}}], filters: [{type: RequestRedirect, requestRedirect:
          {path: {type: ReplaceFullPath, replaceFullPath: /there}}}]}]
      """
    )
    let client = try scene.client()
    let moved = try client.get("/old/x?q=1")
    #expect(moved.status == 301 && moved.head["location"] == "https://new.test:8443/new/x?q=1", "\(moved)")
    let found = try client.get("/full/x")
    #expect(found.status == 302, "\(found)")
    #expect(try #require(found.head["location"]).hasSuffix("/there"), "\(found)")
    #expect(try scene.record(of: "/old/x?q=1")["REASON"] == "redirected")
    #expect(first.requests.isEmpty)
  }

  @Test("rewrites host, prefix and whole path; the query stays")
  func rewrite() throws {
    let scene = try scene(
      """
      [{matches: [{path: {type: PathPrefix, value: /cart}}], filters: [{type: URLRewrite, urlRewrite:
          {hostname: inner.test, path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}], \(Self.toWeb)},
       {matches: [{path: {type: PathPrefix, value: /all}}], filters: [{type: URLRewrite, urlRewrite:
          {path: {type: ReplaceFullPath, replaceFullPath: /one}}}], \(Self.toWeb)}]
      """
    )
    let client = try scene.client()
    #expect(try client.get("/cart/x/y?q=/cart").body == "first /x/y?q=/cart")
    #expect(try client.get("/cart").body == "first /")
    #expect(try client.get("/all/x?q=1").body == "first /one?q=1")
    #expect(first.requests.map { $0.head["Host"] } == ["inner.test", "inner.test", "web"])
  }

  @Test("mirrors: a copy of head and body arrives, and the answer is the first one's")
  func mirror() throws {
    let scene = try scene(Self.mirrors)
    let answer = try scene.client().post("/x", body: "the body")
    #expect(answer.body == "first /x")
    let copy = try second.requests(atLeast: 1)[0]
    #expect(copy.body == "the body" && copy.head.target == "/x", "\(copy)")
  }

  @Test("mirrors: that the copy goes nowhere changes nothing")
  func mirrorFails() throws {
    let services =
      Documents.web(first.address)
      + Documents.service("next", endpoints: [SocketAddress(pods.serverEnd.v4, port: 9)])
    let scene = try RequestScene.outbound(in: pods, services + Documents.route(Self.mirrors))
    let client = try scene.client()
    for number in 0..<20 { #expect(try client.get("/\(number)").body == "first /\(number)") }
  }

  @Test(
    "mirrors a part of the requests: so many in a hundred, or such a fraction",
    arguments: [("percent: 50", 145...255), ("fraction: {numerator: 1, denominator: 4}", 52...148)]
  )
  func mirrorsPart(_ share: String, expected: ClosedRange<Int>) throws {
    let copies = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { _ in
      .close(after: ScriptedServer.answer(200))
    }
    let filter = "{type: RequestMirror, requestMirror: {backendRef: {name: next, port: 80}, \(share)}}"
    let documents =
      Documents.web(first.address) + Documents.service("next", endpoints: [copies.address])
      + Documents.route("[{filters: [\(filter)], \(Self.toWeb)}]")
    let scene = try RequestScene.outbound(in: pods, documents)
    let before = try scene.proxy.descriptorCount()
    let client = try scene.client()
    for number in 0..<400 { #expect(try client.get("/\(number)").body == "first /\(number)") }
    // The client's and the server's connection stay; the others are copies under way, each until its server is done.
    try eventually("all copies to end") { try scene.proxy.descriptorCount() <= before + 2 }
    let targets = copies.requests.map(\.head.target)
    // 55 of 200 and 48 of 100 are five and a half standard deviations: one run in 26 million is beyond.
    #expect(expected.contains(targets.count), "\(targets.count)")
    #expect(Set(targets).count == targets.count, "no request has two copies")
  }

  private static let mirrors =
    "[{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: next, port: 80}}}], \(toWeb)}]"

  @Test("asks for a name that the mesh does not know where it was dialled")
  func unknownName() throws {
    let scene = try scene("[{\(Self.toNext)}]")
    #expect(try scene.client(first.address).get("/x", host: "elsewhere.test").body == "first /x")
    let head = try #require(first.requests.first).head
    #expect(head.values("traceparent").isEmpty && head.values("x-weft-hops").isEmpty, "\(head)")
  }

  @Test("of a mesh that is registry-only: other names are refused with 502")
  func registryOnly() throws {
    let sidecar = """
      ---
      {apiVersion: networking.istio.io/v1, kind: Sidecar, metadata: {name: default},
       spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}

      """
    let scene = try scene("[{\(Self.toNext)}]", more: sidecar)
    #expect(try scene.client().get("/x").body == "second /x")
    let unknown = try scene.client(first.address).get("/x", host: "elsewhere.test")
    #expect(unknown.status == 502 && unknown.reason == "unknown-name", "\(unknown)")
  }
}
