import AgentStore
import Discovery
import MeshAPI
import MeshDocuments
import MeshModel
import Registry
import Testing
import WeftTestKit

@testable import AgentCore

/// A change is worked out for what it touches; an agent that starts works all out. Both must come to the same.
@Suite("The mesh that changes step by step")
struct MeshStepsTests {
  private struct Answers: Equatable {
    var services: Weft_Agent_V1_ServicesReply
    var endpoints: Weft_Agent_V1_EndpointsReply
    var warnings: [String]
    var documents: UInt32
    /// What a proxy would be sent.
    var pushed: [ResourceState]

    init(_ mesh: Mesh) async throws {
      services = await mesh.listServices(namespace: "", name: "")
      endpoints = await mesh.listEndpoints(namespace: "", name: "")
      endpoints.endpoints.sort { ($0.name, $0.address, $0.instance) < ($1.name, $1.address, $1.instance) }
      let status = await mesh.status()
      (warnings, documents) = (status.warnings, status.documents)
      let node = ProxyNode(id: "proxy", workload: try Workload(labels: ["app": "x"]))
      let keys = MeshStepsTests.names.map { ResourceKey(.service, "default/\($0)") } + [.policies]
      pushed = await mesh.pushed(keys, to: node)
    }
  }

  private static let names = ["a", "b", "c", "d"]

  private func text(_ random: inout SplitMix64) -> String {
    let name = Self.names[Int.random(in: 0..<4, using: &random)]
    let other = Self.names[Int.random(in: 0..<4, using: &random)]
    let number = Int.random(in: 0..<4, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0:
      return "apiVersion: v1\nkind: Service\nmetadata: {name: \(name)}\n"
        + "spec: {clusterIP: 198.18.0.\(number), ports: [{port: \(80 + number % 2)}]}\n"
    case 1:
      return "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: \(name)}\n"
        + "spec: {hosts: [\(name)], resolution: STATIC, endpoints: [{address: 198.19.0.\(number)}], "
        + "ports: [{number: 80, name: web, protocol: TCP}]}\n"
    case 2:
      return "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: \(name)}\n"
        + "spec: {parentRefs: [{group: \"\", kind: Service, name: \(other)}]}\n"
    case 3:
      return "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: \(name)}\n"
        + "spec: {host: \(other), trafficPolicy: {loadBalancer: {simple: RANDOM}}}\n"
    case 4:
      return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: \(name)}\n"
        + "spec: {podSelector: {matchLabels: {app: \(number % 2 == 0 ? "x" : "z")}}, policyTypes: [Ingress]}\n"
    default:
      return "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        + "metadata: {name: \(name), labels: {kubernetes.io/service-name: \(other)}}\n"
        + "addressType: IPv4\nports: [{port: 8080}]\nendpoints: [{addresses: [198.19.1.\(number)]}]\n"
    }
  }

  private func step(_ scene: MeshScene, _ random: inout SplitMix64) async throws {
    let name = Self.names[Int.random(in: 0..<4, using: &random)]
    switch Int.random(in: 0..<6, using: &random) {
    case 0..<3: _ = try await scene.apply(text(&random))
    case 3:
      let kinds = ["Service", "ServiceEntry", "HTTPRoute", "DestinationRule", "NetworkPolicy", "EndpointSlice"]
      let kind = kinds[Int.random(in: 0..<6, using: &random)]
      _ = try await scene.mesh.delete([DocumentKey(kind: kind, namespace: "default", name: name)], isDryRun: false)
    case 4:
      let port = UInt16.random(in: 9_000..<9_003, using: &random)
      let registration = Registration(Registration.Key(name: name), ports: [.init(port: port)])
      // Another may have the port; then nothing changes, which is right too.
      _ = try? await scene.mesh.register([registration], owner: .user(0))
    default: try? await scene.mesh.deregister(Registration.Key(name: name), owner: .user(0))
    }
  }

  @Test("is at each restart what it was before", arguments: [1, 2, 3])
  func restarts(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let directory = try TemporaryDirectory()
    var scene = try await MeshScene(directory.file("data"))
    for round in 0..<8 {
      for _ in 0..<12 { try await step(scene, &random) }
      let before = try await Answers(scene.mesh)
      try scene.store.close()
      scene = try await MeshScene(directory.file("data"))
      #expect(try await Answers(scene.mesh) == before, "seed \(seed), round \(round)")
    }
    try scene.store.close()
  }
}

extension Mesh {
  fileprivate func pushed(_ keys: [ResourceKey], to node: ProxyNode) -> [ResourceState] {
    keys.map { resources.resource($0, for: node) }
  }
}
