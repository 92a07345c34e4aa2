import Explanations
import MeshModel
import Testing

@Suite("An explanation of a TLS client")
struct ServerNameJudgeTests {
  private static let server = SocketAddress(IPAddress(v4: 0x0a02_0009), port: 9_443)
  private static let dialled = SocketAddress(ShopMesh.address, port: 443)

  /// `web` has the address that is dialled, `api` the name `api.example.com`.
  private static let mesh = MeshConfiguration(services: [
    Service(namespace: "shop", name: "api", ports: [port(server)], hosts: ["api.example.com"]),
    Service(namespace: "shop", name: "web", addresses: [ShopMesh.address], ports: [port(ShopMesh.endpoint)]),
  ])

  private static func port(_ endpoint: SocketAddress) -> Service.Port {
    Service.Port(port: 443, appProtocol: .tls, endpoints: [Endpoint(endpoint)])
  }

  private func explain(
    to destination: SocketAddress?,
    only block: String? = nil,
    name: String = "api.example.com"
  ) throws -> ServerNameExplanation {
    let policies = try block.map { block in
      let prefix = try #require(IPPrefix(block))
      return ShopMesh.policy(.outbound, only: [try #require(IPBlock(prefix))])
    }
    return try ShopMesh.judge(Self.mesh, policies.map { [$0] } ?? [])
      .explain(try ServerNameQuestion(name, to: destination))
  }

  @Test("says of each endpoint what NetworkPolicies do, of the one that is dialled meanwhile too")
  func endpoints() throws {
    let found = try explain(to: Self.dialled)
    #expect(found.refusal == nil && found.closeReason == nil && found.dialled?.service == "shop/web:443")
    let led = try explain(to: Self.dialled, only: "10.2.0.7/32")
    #expect(led.backends[0].endpoints[0].egress?.decision == .deny)
    #expect(led.closeReason == "denied" && led.refusal == "NetworkPolicies forbid every endpoint that is ready")
    let before = try explain(to: Self.dialled, only: "10.2.0.9/32")
    #expect(
      before.closeReason == "denied" && before.refusal?.contains("shop/web:443, whose address is dialled") == true
    )
  }

  @Test("says what becomes of the connection to an address that is no service's, which is made before it is led")
  func connection() throws {
    let stranger = SocketAddress(ShopMesh.stranger, port: 443)
    #expect(try explain(to: stranger).refusal == nil)
    let refused = try explain(to: stranger, only: "10.2.0.0/16")
    #expect(refused.connection?.decision == .deny && refused.closeReason == "denied" && refused.refusal != nil)
    let nowhere = try explain(to: stranger, name: "elsewhere.test")
    #expect(nowhere.outcome == .originalDestination && nowhere.connection?.decision == .allow && nowhere.refusal == nil)
  }
}
