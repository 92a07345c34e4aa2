import DNS
import MeshModel
import Policy
@testable import ProxyPath
import Testing

/// What the addresses of hosts do to what is compiled from documents that name these.
@Suite("Endpoints that are given by name")
struct HostResolutionTests {
  private let store = SnapshotStore(path: nil, workload: .unlabelled)
  private let first = IPAddress(v4: 0xc000_0201)
  private let second = IPAddress(v4: 0xc000_0202)

  private func mesh(_ named: NamedEndpoint..., fixed: [Endpoint] = []) -> MeshConfiguration {
    MeshConfiguration(services: [
      Service(
        namespace: "shop",
        name: "api",
        ports: [.init(port: 443, appProtocol: .tls, endpoints: fixed, named: named)],
        hosts: ["api.example.com"]
      )
    ])
  }

  private func adopt(_ mesh: MeshConfiguration) throws {
    guard case .adopted = store.adopt(try Snapshot(policies: [], mesh: mesh), peers: [:]) else {
      Issue.record("the snapshot is not adopted")
      return
    }
  }

  private func isAdopted(_ addresses: [String: [IPAddress]]) -> Bool {
    if case .adopted = store.resolve(addresses) { true } else { false }
  }

  private var endpoints: [String] { store.rules.table.ports[0].endpoints.map(\.description) }

  @Test("are at the addresses of their hosts, beside others, with nothing compiled again; the snapshot is what it was")
  func resolved() throws {
    let fixed = Endpoint(SocketAddress(second, port: 9_443))
    try adopt(mesh(NamedEndpoint("db.example.com", port: 9_443, zone: "a"), fixed: [fixed]))
    #expect(store.takeWantedHosts() == ["db.example.com"] && store.takeWantedHosts() == nil)
    #expect(endpoints == ["192.0.2.2:9443"])
    let (version, snapshot, authorization) = (store.version, store.table.snapshot, store.rules.authorization)
    // The one that is given already stays what it is.
    #expect(isAdopted(["db.example.com": [first, second]]))
    #expect(endpoints == ["192.0.2.2:9443", "192.0.2.1:9443 zone=a"])
    #expect(store.version == version && store.table.snapshot == snapshot && store.rules.authorization === authorization)
    #expect(store.rules.table.port(servedAt: SocketAddress(first, port: 9_443)) == 0)
  }

  @Test("cause no other rules where an answer is the same, or is of no endpoint")
  func unchanged() throws {
    try adopt(mesh(NamedEndpoint("db.example.com", port: 443)))
    #expect(isAdopted(["db.example.com": [first]]))
    let rules = store.rules
    #expect(!isAdopted(["db.example.com": [first]]) && store.rules === rules)
    #expect(!isAdopted(["db.example.com": [first], "other.example.com": [second]]) && store.rules === rules)
    #expect(isAdopted(["db.example.com": [second]]) && endpoints == ["192.0.2.2:443"])
  }

  @Test("are where they were when other documents come, and another host of an endpoint is another document")
  func documents() throws {
    try adopt(mesh(NamedEndpoint("db.example.com", port: 443)))
    #expect(isAdopted(["db.example.com": [first]]))
    let version = store.version
    try adopt(mesh(NamedEndpoint("db.example.com", port: 443), fixed: [Endpoint(SocketAddress(second, port: 1))]))
    #expect(endpoints == ["192.0.2.2:1", "192.0.2.1:443"] && store.version == version)
    try adopt(mesh(NamedEndpoint("b.example.com", port: 443)))
    #expect(endpoints == [] && store.version == version + 1)
    #expect(store.takeWantedHosts() == ["b.example.com"])
  }

  @Test("are at one address, the first, with DNS_ROUND_ROBIN")
  func one() throws {
    try adopt(mesh(NamedEndpoint("db.example.com", port: 443, takesOne: true)))
    #expect(isAdopted(["db.example.com": [second, first]]) && endpoints == ["192.0.2.2:443"])
  }

  @Test("are asked for in the families that the pod has addresses of, in both where it has none")
  func families() throws {
    let own = try ["127.0.0.1", "::1", "fe80::1", "10.0.0.1"].map { try #require(IPAddress($0)) }
    #expect(HostResolver.types(own) == [.a])
    #expect(HostResolver.types(own + [try #require(IPAddress("2001:db8::1"))]) == [.a, .aaaa])
    #expect(HostResolver.types(Array(own.prefix(3))) == [.a, .aaaa])
  }
}
