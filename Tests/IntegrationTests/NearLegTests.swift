import Testing
import WeftTestKit

/// A model of a network that is not there costs on each message. Where the system's default is Reno itself, this cannot fail.
@Suite("Between neighbours")
struct NearLegTests {
  @Test("both ends of a connection of two proxies use Reno")
  func proxies() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("here") }
    #expect(try mesh.scene.get("http://\(mesh.scene.address(of: "web"))/") == "here 200")
    for pod in [mesh.scene.pods.client, mesh.scene.pods.server] {
      let legs = try Self.legs(in: pod, "( sport = :15008 or dport = :15008 )")
      #expect(legs.count == 1 && legs.allSatisfy { $0.contains(" reno ") }, "\(legs)")
    }
  }

  @Test("what a proxy takes for its pod uses Reno")
  func inbound() throws {
    let scene = try ProxyScene.inbound()
    let listener = try scene.listener()
    let client = try scene.dial(listener.address)
    try client.send("x")
    let server = try listener.accept()
    #expect(try server.receive(exactly: 1) == "x")
    let legs = try Self.legs(
      in: scene.pods.server,
      "( src \(scene.pods.serverEnd.v4) and dst \(scene.pods.clientEnd.v4) )"
    )
    #expect(!legs.isEmpty && legs.allSatisfy { $0.contains(" reno ") }, "\(legs)")
  }

  /// The connections that match, a line each, as the kernel tells them.
  private static func legs(in pod: Pod, _ filter: String) throws -> [String] {
    let told = try pod.run("/usr/bin/ss", "-HtinoO", "state", "established", filter).orThrow().output
    return told.split(separator: "\n").map(String.init)
  }
}
