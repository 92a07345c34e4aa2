import Explanations
import MeshModel
import Testing

@Suite("An explanation of a request that leaves")
struct OutboundJudgeTests {
  private func explain(
    _ url: String,
    _ policies: [NetworkPolicy] = [],
    _ mesh: MeshConfiguration = MeshConfiguration(services: [ShopMesh.service]),
    to destination: SocketAddress? = nil
  ) throws -> RequestExplanation {
    try ShopMesh.judge(mesh, policies).explain(outbound: try ImaginedRequest(url: url, destination: destination))
  }

  private func only(_ block: String) throws -> NetworkPolicy {
    let prefix = try #require(IPPrefix(block))
    return ShopMesh.policy(.outbound, only: [try #require(IPBlock(prefix))])
  }

  @Test("says of each endpoint what NetworkPolicies do")
  func endpoints() throws {
    let found = try explain("http://web/", [try only("10.2.0.8/32")])
    #expect(found.backends[0].endpoints.map(\.egress?.decision) == [.deny, .allow])
    // The one that is allowed is not ready.
    #expect(found.refusal == "NetworkPolicies forbid every endpoint that is ready, so it is answered 403")
    #expect(try explain("http://web/").refusal == nil)
  }

  @Test("says what becomes of the connection to an address that is no service's")
  func connection() throws {
    let stranger = SocketAddress(ShopMesh.stranger, port: 80)
    let policy = try only("10.0.0.0/8")
    let found = try explain("http://elsewhere/", [policy], to: stranger)
    #expect(found.connection?.decision == .deny && found.refusal?.hasSuffix("(shop/wall)") == true)
    #expect(try explain("http://192.0.2.1/", [policy]).connection?.decision == .deny)
    // Of a service's address the endpoint is judged.
    #expect(try explain("http://web/", [policy], to: SocketAddress(ShopMesh.address, port: 80)).connection == nil)
    #expect(try explain("http://elsewhere/", [policy]).connection == nil)
  }

  @Test("tells a fault that strikes every request from one that strikes by chance")
  func fault() throws {
    for (parts, outcome) in [(UInt32(1_000_000), RequestExplanation.Outcome.aborted), (999_999, .direct)] {
      let policy = TrafficPolicy(
        namespace: "shop",
        name: "calm",
        targets: [.service("web")],
        fault: .init(abortStatus: 418, abortPartsPerMillion: parts)
      )
      let mesh = MeshConfiguration(services: [ShopMesh.service], traffic: [policy])
      let found = try explain("http://web/", [], mesh)
      #expect(found.outcome == outcome)
      #expect(found.status == (outcome == .aborted ? 418 : nil))
      #expect((found.refusal == nil) == (outcome == .direct))
    }
  }

  @Test("says what the proxy itself answers, and nothing where another does or the connection is reset")
  func status() throws {
    #expect(try explain("http://web/").status == nil)
    #expect(try explain("http://web/", [try only("10.2.0.8/32")]).status == 403)
    var asleep = ShopMesh.service
    asleep.ports[0].endpoints.removeFirst()
    #expect(try explain("http://web/", [], MeshConfiguration(services: [asleep])).status == 503)
    let hops = [ImaginedRequest.Header("x-weft-hops", "32")]
    let looping = try ShopMesh.judge().explain(outbound: try ImaginedRequest(url: "http://web/", headers: hops))
    #expect(looping.outcome == .loop && looping.status == 508)
    let stranger = SocketAddress(ShopMesh.stranger, port: 80)
    #expect(try explain("http://web/", [try only("192.0.2.2/32")], to: stranger).status == nil)
  }

  @Test("says of a service that is declared to speak HTTP that nothing else goes through")
  func declaredHTTP() throws {
    var service = ShopMesh.service
    #expect(try !explain("http://web/").destination.reason.contains("HTTP"))
    service.ports[0].appProtocol = .http
    let found = try explain("http://web/", [], MeshConfiguration(services: [service]))
    #expect(found.destination.reason.hasSuffix("declared to speak HTTP, so nothing else goes through at its address"))
    service.addresses = []
    let headless = try explain("http://web/", [], MeshConfiguration(services: [service]))
    #expect(!headless.destination.reason.contains("HTTP"))
  }

  @Test("is refused where there is nobody to answer")
  func nobody() throws {
    var service = ShopMesh.service
    service.ports[0].endpoints = []
    let found = try explain("http://web/", [], MeshConfiguration(services: [service]))
    #expect(found.refusal == "there is no endpoint that is ready, so it is answered 503 after a moment")
    let closed = MeshConfiguration(
      sidecars: [SidecarPolicy(namespace: "shop", name: "s", outboundMode: .registryOnly)]
    )
    #expect(try explain("http://web/", [], closed).refusal?.contains("REGISTRY_ONLY") == true)
    #expect(try explain("http://web/", [], .empty).refusal == nil)
  }
}
