import MeshModel
import Policy
@testable import ProxyPath
import Telemetry
import Testing

/// What a change of documents, or of endpoints alone, does to what is compiled from them.
@Suite struct SnapshotStoreTests {
  private let store = SnapshotStore(path: nil, workload: .unlabelled)

  private func address(_ number: UInt32) -> SocketAddress { SocketAddress(IPAddress(v4: number), port: 80) }

  private func service(_ name: String, _ endpoints: UInt32...) -> Service {
    Service(
      namespace: "shop",
      name: name,
      ports: [.init(port: 80, endpoints: endpoints.map { Endpoint(address($0)) })]
    )
  }

  private func mesh(_ services: Service...) throws -> MeshConfiguration {
    let denyAll = AuthorizationPolicy(namespace: "default", name: "none", action: .deny, rules: [.init()])
    let route = HTTPRoute(
      namespace: "shop",
      name: "r",
      parents: [.init(namespace: "shop", service: "web", port: 80)],
      rules: [HTTPRoute.Rule()]
    )
    return MeshConfiguration(services: services, routes: [route], authorizations: [denyAll])
  }

  @discardableResult
  private func adopt(
    _ mesh: MeshConfiguration,
    peers: [IPAddress: PeerStanding] = [:]
  ) throws -> RequestRules? {
    guard case .adopted(_, _, let rules) = store.adopt(try Snapshot(policies: [], mesh: mesh), peers: peers) else {
      return nil
    }
    return rules
  }

  @Test("Endpoints that come and go renumber nothing, and nothing is compiled again for them")
  func endpoints() throws {
    let first = try #require(try adopt(mesh(service("web", 1), service("db", 9))))
    #expect(store.version == 1)
    let second = try #require(try adopt(mesh(service("web", 2, 3), service("db", 9))))
    #expect(store.version == 1 && second.version == 1 && store.loads == 2)
    #expect(second.authorization === first.authorization)
    #expect(second.table.port(servedAt: address(1)) == nil)
    let port = try #require(second.table.port(servedAt: address(3)))
    #expect(second.table.ports[port].fullName == "shop/web:80")
    #expect(second.table.ports[port].endpoints.map(\.address) == [address(2), address(3)])
    #expect(second.table.rules.map(\.label) == first.table.rules.map(\.label))
    #expect(second.table.isKnownEndpoint(IPAddress(v4: 3)) && !second.table.isKnownEndpoint(IPAddress(v4: 1)))
    #expect(store.table.snapshot?.mesh.services == second.table.mesh.services)
  }

  @Test("Services that come or go renumber, and documents that stayed are not compiled again")
  func services() throws {
    let first = try #require(try adopt(mesh(service("web", 1))))
    let second = try #require(try adopt(mesh(service("api", 2), service("web", 1))))
    #expect(store.version == 2 && second.version == 2)
    #expect(second.authorization === first.authorization)
    var other = try mesh(service("web", 1))
    other.authorizations = []
    let third = try #require(try adopt(other))
    #expect(third.authorization !== first.authorization && third.authorization.isEmpty)
  }

  @Test("The same again is nothing; other peers are something, and are known with what they are")
  func peers() throws {
    try adopt(mesh(service("web", 1)))
    #expect(try adopt(mesh(service("web", 1))) == nil)
    let (endpoint, gateway, stranger) = (IPAddress(v4: 5), IPAddress(v4: 6), IPAddress(v4: 7))
    let rules = try #require(
      try adopt(
        mesh(service("web", 1)),
        peers: [
          endpoint: PeerStanding(isEndpoint: true), gateway: PeerStanding(isEndpoint: true, forwardsClients: true),
          stranger: PeerStanding(isEndpoint: false),
        ]
      )
    )
    #expect(store.version == 1)
    let asked = [endpoint, gateway, stranger, IPAddress(v4: 1)]
    #expect(asked.map(rules.table.isKnownEndpoint) == [true, true, false, true])
    #expect([endpoint, gateway, stranger].map(rules.table.isForwarder) == [false, true, false])
    #expect(try #require(try adopt(mesh(service("web", 1)))).table.isKnownEndpoint(endpoint) == false)
  }

  @Test("A request that began under rules which numbered things otherwise is counted under its own service")
  func series() throws {
    let older = try #require(try adopt(mesh(service("web", 1)))).table
    let newer = try #require(try adopt(mesh(service("api", 2), service("web", 1)))).table
    let registry = RequestSeriesRegistry()
    let cache = SeriesCache(registry)
    let api = cache.number(.outbound, port: 0, rule: -1, newer)
    let web = cache.number(of: .outbound, port: 0, rule: -1, inOlder: older)
    #expect(registry.series[api].service == "shop/api:80")
    #expect(registry.series[web].service == "shop/web:80")
    #expect(cache.number(.outbound, port: 0, rule: -1, newer) == api)
  }
}
