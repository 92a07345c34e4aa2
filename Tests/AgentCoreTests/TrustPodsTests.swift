import GRPCCore
import MeshAPI
import MeshModel
import Testing
import WeftTestKit

@testable import AgentCore

@Suite("Identities of pods' proxies", .timeLimit(.minutes(1)))
struct TrustPodsTests {
  private static let id = "spiffe://weft.local/ns/shop/sa/web"

  private func put(_ scene: TrustScene, _ pods: String...) async throws -> [String] {
    var request = Weft_Agent_V1_PutWorkloadRequest()
    (request.pods, request.namespace, request.serviceAccount) = (pods, "shop", "web")
    return try await selectors(scene.trust.put(request))
  }

  private func delete(_ scene: TrustScene, _ pods: String...) async throws -> [String] {
    var request = Weft_Agent_V1_DeleteWorkloadRequest()
    (request.pods, request.namespace, request.serviceAccount) = (pods, "shop", "web")
    return try await selectors(scene.trust.delete(request))
  }

  private func selectors(_ reply: Weft_Agent_V1_PutWorkloadReply) -> [String] {
    reply.workloads.first { $0.spiffeID == Self.id }?.selectors ?? []
  }

  @Test("are given to each pod by itself, and taken from each by itself")
  func each() async throws {
    let scene = try await TrustScene()
    #expect(try await put(scene, "a") == ["unix:pod:a"])
    #expect(try await put(scene, "b", "a", "c") == ["unix:pod:a", "unix:pod:b", "unix:pod:c"])
    #expect(try await delete(scene, "a", "c") == ["unix:pod:b"])
    let refusal = await #expect(throws: RPCError.self) {
      try await Refusals.told { try await delete(scene, "a") }
    }
    #expect(refusal?.message == "\(Self.id) is not registered for pod a")
    #expect(try await delete(scene, "b") == [])
    #expect(try await put(scene, "c") == ["unix:pod:c"])
    #expect(try await delete(scene) == [])
  }

  @Test("are not mixed up with those that selectors give")
  func mixed() async throws {
    let scene = try await TrustScene()
    try await scene.register(Self.id, "unix:uid:7")
    let refusal = await #expect(throws: RPCError.self) { try await Refusals.told { try await put(scene, "a") } }
    #expect(refusal?.message.contains("is registered by selectors, unix:uid:7") == true)
    var request = Weft_Agent_V1_PutWorkloadRequest()
    (request.workload.spiffeID, request.namespace) = (Self.id, "shop")
    await #expect(throws: RPCError.self) { try await Refusals.told { try await scene.trust.put(request) } }
  }

  @Test("are bounded by what a host has of pods, and an identity of selectors")
  func bounded() async throws {
    let scene = try await TrustScene()
    let many = (0...Selector.podLimit).map { "unix:pod:p\($0)" }
    var workload = Weft_Agent_V1_Workload()
    workload.spiffeID = Self.id
    workload.selectors = many
    await #expect(throws: RPCError.self) { try await Refusals.told { try await scene.trust.put(workload) } }
    workload.selectors = Array(many.dropLast()) + ["unix:uid:1"]
    _ = try await scene.trust.put(workload)
  }
}
