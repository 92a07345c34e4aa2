import MeshModel
import Policy
import Testing

@Suite("A route is asked")
struct RequestAttachmentTests {
  private let services = [
    Service(namespace: "shop", name: "web", ports: [.init(port: 80), .init(port: 81)]),
    Service(namespace: "shop", name: "other", ports: [.init(port: 80)]),
    Service(namespace: "bank", name: "web", ports: [.init(port: 80)]),
  ]

  private func route(_ namespace: String, _ name: String, _ parents: [HTTPRoute.Parent]) -> HTTPRoute {
    HTTPRoute(namespace: namespace, name: name, parents: parents, rules: [.init(.init(path: .prefix("/\(name)")))])
  }

  private func choice(_ routes: [HTTPRoute], _ target: String, port: UInt16 = 80, from namespace: String) throws
    -> String
  {
    let probe = try RequestProbe(MeshConfiguration(services: services, routes: routes), in: namespace)
    let index = try #require(Array("web.shop".utf8).withUnsafeBytes { probe.table.port(named: $0, port) })
    let scratch = PatternScratch()
    let choice = try probe.parse("GET", target, host: "web.shop") {
      probe.table.route(index, $0, draw: 0, scratch: scratch)
    }
    switch choice {
    case .direct: return "direct"
    case .noRule: return "none"
    case .rule(let rule, _, _), .noBackend(let rule): return probe.table.rules[rule].label
    }
  }

  @Test("only for the service it names as a parent, and where it names a port only for that")
  func parents() throws {
    let every = [route("shop", "r", [.web])]
    #expect(try choice(every, "/r", from: "shop") == "shop/r/rule0")
    #expect(try choice(every, "/r", port: 81, from: "shop") == "shop/r/rule0")
    let one = [route("shop", "r", [.init(namespace: "shop", service: "web", port: 81)])]
    #expect(try choice(one, "/r", port: 80, from: "shop") == "direct")
    #expect(try choice(one, "/r", port: 81, from: "shop") == "shop/r/rule0")
    let others = [
      route("shop", "r", [.init(namespace: "shop", service: "other")]),
      route("bank", "r", [.init(namespace: "bank", service: "web")]),
    ]
    #expect(try choice(others, "/r", from: "shop") == "direct")
  }

  @Test("with the others of its service, and a request that none takes is refused")
  func several() throws {
    let routes = [route("shop", "a", [.web]), route("shop", "b", [.web])]
    #expect(try choice(routes, "/a", from: "shop") == "shop/a/rule0")
    #expect(try choice(routes, "/b", from: "shop") == "shop/b/rule0")
    #expect(try choice(routes, "/c", from: "shop") == "none")
  }

  @Test("by clients of every namespace where it lives with its service")
  func producer() throws {
    #expect(try choice([route("shop", "r", [.web])], "/r", from: "bank") == "shop/r/rule0")
  }

  @Test("only by clients of its own namespace where it lives apart from its service")
  func consumer() throws {
    let routes = [route("bank", "r", [.web])]
    #expect(try choice(routes, "/r", from: "bank") == "bank/r/rule0")
    #expect(try choice(routes, "/r", from: "shop") == "direct")
    #expect(try choice(routes, "/r", from: "elsewhere") == "direct")
  }

  @Test("instead of the service's own by clients of its namespace, for the ports it is for")
  func consumerReplaces() throws {
    let routes = [
      route("shop", "p", [.web]), route("bank", "c", [.init(namespace: "shop", service: "web", port: 80)]),
    ]
    #expect(try choice(routes, "/p", from: "bank") == "none")
    #expect(try choice(routes, "/c", from: "bank") == "bank/c/rule0")
    #expect(try choice(routes, "/p", port: 81, from: "bank") == "shop/p/rule0")
    #expect(try choice(routes, "/p", from: "shop") == "shop/p/rule0")
  }
}
