import MeshModel
import Policy
import Testing

@Suite("A table with other endpoints") struct RequestEndpointsTests {
  private func address(_ number: UInt32) -> SocketAddress { SocketAddress(IPAddress(v4: number), port: 8080) }

  private func mesh(web: [UInt32], forwards: Bool = false) -> MeshConfiguration {
    let route = HTTPRoute(
      namespace: "shop",
      name: "r",
      parents: [.init(namespace: "shop", service: "web", port: 80)],
      rules: [HTTPRoute.Rule()]
    )
    return MeshConfiguration(
      services: [
        Service(namespace: "shop", name: "db", addresses: [IPAddress(v4: 100)], ports: [.init(port: 5432)]),
        Service(
          namespace: "shop",
          name: "web",
          ports: [.init(port: 80, endpoints: web.map { Endpoint(address($0)) })],
          forwardsClients: forwards
        ),
      ],
      routes: [route]
    )
  }

  @Test("finds all by the numbers of the older one, and the new endpoints and peers")
  func replaced() throws {
    let older = RequestTable(mesh(web: [1, 2]), for: .unlabelled)
    let peer = IPAddress(v4: 9)
    let newer = RequestTable(
      older,
      endpointsOf: mesh(web: [2, 3]),
      peers: [peer: PeerStanding(isEndpoint: true, forwardsClients: true)]
    )
    #expect(newer.ports.map(\.fullName) == older.ports.map(\.fullName))
    #expect(newer.port(namespace: "shop", service: "web", port: 80) == 1)
    #expect(newer.port(at: SocketAddress(IPAddress(v4: 100), port: 5432)) == 0)
    #expect(newer.rules.map(\.label) == older.rules.map(\.label))
    #expect([1, 2, 3].map { newer.port(servedAt: address($0)) } == [nil, 1, 1])
    #expect(newer.mesh == mesh(web: [2, 3]))
    #expect(newer.isKnownEndpoint(peer) && newer.isForwarder(peer))
    #expect(!older.isKnownEndpoint(peer) && !newer.isForwarder(address(2).ip))
  }

  @Test("knows where proxies are, and whose: of its endpoints by address and port, of others by address")
  func meshed() throws {
    let ids = try ["web", "db", "far"].map { try SPIFFEID("spiffe://weft.local/ns/shop/sa/\($0)") }
    var mesh = mesh(web: [1, 2])
    mesh.services[1].ports[0].endpoints[0].isMeshed = true
    mesh.services[1].ports[0].endpoints[0].identity = ids[0]
    mesh.services[0].ports[0].endpoints = [
      Endpoint(SocketAddress(IPAddress(v4: 1), port: 5432), identity: ids[1], isMeshed: true)
    ]
    let table = RequestTable(
      RequestTable(self.mesh(web: []), for: .unlabelled),
      endpointsOf: mesh,
      peers: [
        IPAddress(v4: 7): PeerStanding(isEndpoint: true, isMeshed: true, identity: ids[2]),
        IPAddress(v4: 8): PeerStanding(isEndpoint: true),
      ]
    )
    #expect((1...8).filter { table.isMeshed(IPAddress(v4: $0)) } == [1, 7])
    #expect(table.meshIdentity(at: address(1)) == ids[0])
    #expect(table.meshIdentity(at: SocketAddress(IPAddress(v4: 1), port: 5432)) == ids[1])
    #expect(table.meshIdentity(at: SocketAddress(IPAddress(v4: 1), port: 1)) != nil, "a port that nobody registered")
    #expect(table.meshIdentity(at: address(2)) == nil && table.meshIdentity(at: address(8)) == nil)
    #expect(table.meshIdentity(at: address(7)) == ids[2])
  }

  @Test("is what a change of endpoints needs, and no other change")
  func difference() {
    let one = mesh(web: [1])
    #expect(one.isSameButEndpoints(as: mesh(web: [])) && one.isSameButEndpoints(as: one))
    #expect(!one.isSameButEndpoints(as: mesh(web: [1], forwards: true)))
    var others: [MeshConfiguration] = Array(repeating: one, count: 6)
    others[0].services.removeFirst()
    others[1].services[0].addresses = []
    others[2].services[0].ports[0].port = 5433
    others[3].services[0].ports[0].appProtocol = .tcp
    others[4].routes = []
    others[5].services[0].ports.append(.init(port: 1))
    for other in others { #expect(!one.isSameButEndpoints(as: other)) }
  }
}
