import Foundation
import MeshModel
import Testing
import WeftTestKit

/// What `weft endpoints -o json` says of one.
private struct ListedEndpoint: Decodable, Equatable {
  let address: String
  let identity: String
  let isMeshed: Bool
}

@Suite("Endpoints with a proxy")
struct MeshedEndpointsTests {
  private static let id = "spiffe://weft.local/ns/shop/sa/web"

  private func listed(_ scene: ProxyIdentityScene) throws -> ListedEndpoint? {
    let outcome = try scene.agent.weft("endpoints", "-n", "shop", "web", "-o", "json").orThrow()
    return try JSONDecoder().decode([ListedEndpoint].self, from: Data(outcome.output.utf8)).first
  }

  private func register(_ scene: ProxyIdentityScene, at address: String? = nil, _ account: String = "web") throws {
    try scene.agent.weft(
      "register",
      "--name",
      "web",
      "--namespace",
      "shop",
      "--port",
      "8080",
      "--service-account",
      account,
      "--address",
      address ?? "\(scene.pods.clientEnd.v4)"
    ).orThrow()
  }

  @Test(
    "are meshed once a proxy that may be who they are takes the transport at their address, and stay so when it dies"
  )
  func meshed() throws {
    let scene = try ProxyIdentityScene()
    let address = "\(scene.pods.clientEnd.v4):8080"
    try register(scene)
    #expect(try listed(scene) == ListedEndpoint(address: address, identity: Self.id, isMeshed: false))
    let proxy = try scene.proxy("--service-account", "web")
    // It is connected, and nobody yet.
    try proxy.record("that it has none") { $0["EVENT"] == "identity-missing" }
    #expect(try listed(scene)?.isMeshed == false)
    try scene.register("web", scene.pods.client)
    try eventually("it is meshed") { try listed(scene)?.isMeshed == true }
    let table = try scene.agent.weft("endpoints", "-n", "shop", "web").orThrow().output
    #expect(table.contains("MESH") && table.contains(Self.id), "\(table)")
    proxy.program.kill()
    _ = try proxy.program.waitForExit()
    #expect(try listed(scene)?.isMeshed == true)
    try scene.agent.crash()
    try scene.agent.restart()
    #expect(try listed(scene) == ListedEndpoint(address: address, identity: Self.id, isMeshed: true))
    // Registered anew, and elsewhere: it is the same instance still.
    try register(scene, at: "192.0.2.7")
    #expect(try listed(scene)?.isMeshed == true)
    try scene.agent.weft("deregister", "-n", "shop", "web").orThrow()
    try register(scene)
    #expect(try listed(scene) == ListedEndpoint(address: address, identity: Self.id, isMeshed: false))
  }

  @Test("are those that the proxy may be: not of another account, and not at another address")
  func others() throws {
    let scene = try ProxyIdentityScene()
    try scene.register("web", scene.pods.client)
    let proxy = try scene.proxy("--service-account", "web")
    #expect(try ProxyIdentityScene.identity(proxy).spiffeID == Self.id)
    try register(scene, "db")
    #expect(try listed(scene)?.isMeshed == false)
    try register(scene, at: "\(scene.pods.serverEnd.v4)")
    #expect(try listed(scene)?.isMeshed == false)
    try register(scene)
    try eventually("it is meshed by the proxy that was there before") { try listed(scene)?.isMeshed == true }
  }
}
