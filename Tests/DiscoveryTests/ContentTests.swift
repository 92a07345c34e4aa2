import FoundationEssentials
import MeshAPI
import MeshModel
import SwiftProtobuf
import Testing
import WeftTestKit

@testable import Discovery

@Suite("What resources carry")
struct ContentTests {
  private static let key = ResourceKey(.service, "shop/web")

  @Test("A service with its routes and traffic policies is read back")
  func service() throws {
    let content = ServiceContent(
      service: Samples.service("web", at: "240.0.1.1", forwardsClients: true),
      routes: [Samples.route("canary", of: "web", to: "web", "web-next")],
      traffic: [TrafficPolicy(namespace: "shop", name: "slow", targets: [.service("web")], fault: .init(delay_ms: 5))]
    )
    let read = try ServiceContent(content.encode(), of: Self.key, for: "shop")
    #expect(read == content)
    #expect(read.backends == ["shop/web-next"])
  }

  @Test("Routes that are for other namespaces' clients are left out")
  func consumerRoutes() throws {
    let content = ServiceContent(
      service: Samples.service("web"),
      routes: ["shop", "client", "other"].map { Samples.route("r", in: $0, of: "web", to: "web") },
      traffic: []
    )
    let read = try ServiceContent(content.encode(), of: Self.key, for: "client")
    #expect(read.routes.map(\.namespace) == ["shop", "client"])
  }

  @Test("Copies of requests need their service too")
  func mirrors() {
    var route = Samples.route("r", of: "web", to: "a")
    route.rules[0].filters = [.mirror(.init(namespace: "shop", service: "b", port: 80), partsPerMillion: 1)]
    let content = ServiceContent(service: Samples.service("web"), routes: [route], traffic: [])
    #expect(content.backends == ["shop/a", "shop/b"])
  }

  @Test("A service under another's name, with endpoints, or against a snapshot's rules is refused with its place")
  func wrongServices() throws {
    var service = Samples.service("db")
    let renamed = try ServiceContent(service: service, routes: [], traffic: []).encode()
    #expect(throws: ResourceRefusal(Self.key, "service", "is called shop/db")) {
      try ServiceContent(renamed, of: Self.key, for: "shop")
    }
    service = Samples.service("web", endpoints: ["10.0.0.1:80"])
    let full = try ServiceContent(service: service, routes: [], traffic: []).encode()
    #expect(throws: ResourceRefusal(Self.key, "service", "has endpoints, which are a resource of their own")) {
      try ServiceContent(full, of: Self.key, for: "shop")
    }
    service = Samples.service("web")
    service.ports[0].port = 0
    let portless = try ServiceContent(service: service, routes: [], traffic: []).encode()
    #expect(throws: ResourceRefusal(Self.key, "mesh.services[0].ports[0].port", "0 is not from 1 to 65535")) {
      try ServiceContent(portless, of: Self.key, for: "shop")
    }
  }

  @Test("An unknown key is refused with its place")
  func strictness() throws {
    let bytes = try DocumentJSON.encode(["namespace": "shop", "name": "web", "color": "red"])
    #expect(
      throws: ResourceRefusal(
        Self.key,
        "routes[3].color",
        "unknown key; known are addresses, forwardsClients, hosts, name, namespace, ports"
      )
    ) {
      try DocumentJSON.decode(Service.self, bytes, of: Self.key, "routes[3]")
    }
  }

  @Test("Endpoints of both families are read back, unready ones and zones too")
  func endpoints() throws {
    var service = Samples.service("web", endpoints: ["10.0.0.1:8080 zone=a", "[fd00::1]:9 unready"])
    service.ports.append(.init(name: "empty", port: 90))
    let content = EndpointsContent(service)
    let read = try EndpointsContent(content.encode(), of: Self.key)
    #expect(read == content)
    #expect(read.ports.keys.sorted() == [80])
    #expect(read.count == 2)
  }

  @Test(
    "Who endpoints are travels once for all of them, and whether a proxy takes the mesh's transport there with each"
  )
  func meshedEndpoints() throws {
    let id = "spiffe://weft.local/ns/shop/sa/a-service-account-of-some-length"
    let texts = (1...50).map {
      "10.0.0.\($0):8080 identity=\(id)\($0 == 50 ? "-2" : "")\($0 % 2 == 0 ? " meshed" : "")"
    }
    let content = EndpointsContent(Samples.service("web", endpoints: texts + ["10.0.1.1:80"]))
    let bytes = try content.encode()
    #expect(try EndpointsContent(bytes, of: Self.key) == content)
    // An identity has 63 bytes, and what is told of each endpoint some 14.
    #expect(bytes.count < 51 * 18 + 2 * 70)
  }

  @Test("An endpoint of an identity that was not told, or is none, is refused")
  func wrongIdentities() throws {
    var message = Weft_Mesh_V1_Endpoints()
    message.identities = ["spiffe://weft.local/ns/shop/sa/web"]
    var port = Weft_Mesh_V1_Endpoints.Port()
    port.port = 80
    port.endpoints = [
      .with {
        $0.address = Data([10, 0, 0, 1])
        $0.port = 80
        $0.identity = 2
      }
    ]
    message.ports = [port]
    #expect(throws: ResourceRefusal.self) { try EndpointsContent(message.serializedBytes(), of: Self.key) }
    message.ports[0].endpoints[0].identity = 1
    #expect(try EndpointsContent(message.serializedBytes(), of: Self.key).count == 1)
    message.identities = ["web"]
    #expect(throws: ResourceRefusal(Self.key, "identities[0]", "a SPIFFE ID begins with spiffe://")) {
      try EndpointsContent(message.serializedBytes(), of: Self.key)
    }
  }

  @Test("An endpoint without port or address, or with a zone that cannot be, is refused")
  func wrongEndpoints() throws {
    for endpoint in [
      Endpoint(SocketAddress(Samples.ip("10.0.0.1"), port: 0)), Endpoint(SocketAddress(Samples.ip("::"), port: 1)),
      Endpoint(SocketAddress(Samples.ip("10.0.0.1"), port: 1), zone: "no zone"),
    ] {
      var content = EndpointsContent()
      content.ports = [80: [endpoint]]
      let bytes = try content.encode()
      #expect(throws: ResourceRefusal(Self.key, "ports[0].endpoints[0]", "is no address, port, zone and identity")) {
        try EndpointsContent(bytes, of: Self.key)
      }
    }
  }

  @Test("Policies are read back; documents that come with services are refused among them")
  func policies() throws {
    var content = PoliciesContent(
      policies: [NetworkPolicy(namespace: "shop", name: "closed", ingress: [])],
      mesh: MeshConfiguration(
        authorizations: [AuthorizationPolicy(namespace: "shop", name: "all", rules: [.init()])],
        sidecars: [SidecarPolicy(namespace: "shop", name: "s", outboundMode: .registryOnly)]
      ),
      ownServices: ["shop/web"]
    )
    #expect(try PoliciesContent(content.encode(), of: .policies) == content)
    content.mesh.services = [Samples.service("web")]
    let bytes = try content.encode()
    #expect(throws: ResourceRefusal.self) { try PoliciesContent(bytes, of: .policies) }
  }

  @Test("Bytes that are no message are refused, whatever they are", arguments: [UInt8(0), 7, 0x0a, 0xff])
  func garbage(_ byte: UInt8) throws {
    let bytes = try DocumentJSON.encode([String(repeating: Character(.init(byte)), count: 40)])
    #expect(throws: ResourceRefusal.self) { try ServiceContent(bytes, of: Self.key, for: "shop") }
    #expect(throws: ResourceRefusal.self) { try EndpointsContent(bytes, of: Self.key) }
    #expect(throws: ResourceRefusal.self) { try PoliciesContent(bytes, of: .policies) }
  }

  @Test("Resources with bytes changed at random are read or refused, and what is read can be written")
  func mutations() throws {
    var random = SplitMix64(seed: 60)
    let service = Samples.service("web", at: "240.0.1.1", endpoints: ["10.0.0.1:80 zone=a", "[fd00::1]:9"])
    let content = ServiceContent(service: service.shape, routes: [Samples.route("r", of: "web", to: "db")], traffic: [])
    let policies = PoliciesContent(
      policies: [NetworkPolicy(namespace: "shop", name: "closed", ingress: [])],
      ownServices: ["shop/web"]
    )
    let whole = try [
      content.encode(), EndpointsContent(service).encode(), policies.encode(),
      LookupAnswer(
        service: "a/b",
        isMeshed: true,
        identity: SPIFFEID("spiffe://weft.local/ns/a/sa/b")
      ).encode(),
    ]
    var read = 0
    for _ in 0..<500 {
      let mutated = whole.map { Data(random.mutated([UInt8]($0))) }
      if let content = try? ServiceContent(mutated[0], of: Self.key, for: "shop") {
        read += 1
        #expect(try !content.encode().isEmpty)
      }
      if let content = try? EndpointsContent(mutated[1], of: Self.key) {
        read += 1
        #expect(try EndpointsContent(content.encode(), of: Self.key) == content)
      }
      if let content = try? PoliciesContent(mutated[2], of: .policies) {
        read += 1
        #expect(try PoliciesContent(content.encode(), of: .policies) == content)
      }
      if let answer = try? LookupAnswer(mutated[3], of: Self.key) {
        read += 1
        #expect(try LookupAnswer(answer.encode(), of: Self.key) == answer)
      }
    }
    #expect((1..<2_000).contains(read))
  }
}
