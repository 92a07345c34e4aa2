import MeshModel
import Testing
import WeftTestKit

/// Whom the proxy takes for the client of a request that names one: who only says so does not become another.
@Suite("A client named in x-forwarded-for")
struct RequestForwarderTests {
  private let pods: TwoPods
  private let server: ScriptedServer

  init() throws {
    pods = try TwoPods()
    server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok("to \($0.head.target)") }
  }

  /// What the pod that asks is to the mesh.
  enum Peer: CaseIterable { case forwarder, member, stranger }

  private func scene(_ peer: Peer, _ documents: String) throws -> RequestScene {
    let client = Documents.service(
      "edge",
      endpoints: [SocketAddress(pods.clientEnd.v4, port: 80)],
      forwardsClients: peer == .forwarder
    )
    return try RequestScene.inbound(
      in: pods,
      Documents.web(server.address) + (peer == .stranger ? "" : client) + documents
    )
  }

  private static let onlyOffice = Documents.authorization(
    "office",
    "ALLOW",
    rules: "[{from: [{source: {remoteIpBlocks: [198.51.100.0/24]}}]}]"
  )

  @Test("passes remoteIpBlocks only where a declared forwarder names it", arguments: Peer.allCases)
  func authorization(_ peer: Peer) throws {
    let scene = try scene(peer, Self.onlyOffice)
    let client = try scene.client(server.address)
    let expected = peer == .forwarder ? 200 : 403
    #expect(try client.get("/x", ["X-Forwarded-For: 198.51.100.7"]).status == expected)
    // Behind its own proxy a gateway adds its own address too.
    let chain = "X-Forwarded-For: 192.0.2.66, 198.51.100.7, \(pods.clientEnd.v4)"
    #expect(try client.get("/x", [chain]).status == expected)
    #expect(try client.get("/x").status == 403)
  }

  @Test("is not who a forwarder's client says it is: what that one wrote stands before, and is not believed")
  func leftmost() throws {
    let scene = try scene(.forwarder, Self.onlyOffice)
    let client = try scene.client(server.address)
    #expect(try client.get("/x", ["X-Forwarded-For: 198.51.100.7, 192.0.2.66"]).status == 403)
    #expect(try client.get("/x", ["X-Forwarded-For: 198.51.100.7", "X-Forwarded-For: 192.0.2.66"]).status == 403)
    #expect(try client.get("/x", ["X-Forwarded-For: 198.51.100.7, unknown"]).status == 403)
    #expect(server.requests.isEmpty)
  }

  @Test("has a limit of its own only where a declared forwarder names it", arguments: Peer.allCases)
  func rateLimit(_ peer: Peer) throws {
    let scene = try scene(
      peer,
      Documents.traffic(
        """
        rateLimit: {type: Local, local: {rules:
          [{clientSelectors: [{sourceCIDR: {type: Distinct, value: 0.0.0.0/0}}], limit: {requests: 2, unit: Hour}}]}}
        """
      )
    )
    let client = try scene.client(server.address)
    let statuses = try (1...4).map { try client.get("/x", ["X-Forwarded-For: 198.51.100.\($0)"]).status }
    #expect(statuses == (peer == .forwarder ? [200, 200, 200, 200] : [200, 200, 429, 429]))
    // Whatever a forwarder's client puts before its own address, it is the same client.
    guard peer == .forwarder else { return }
    let same = try (1...3).map { try client.get("/x", ["X-Forwarded-For: 192.0.2.\($0), 203.0.113.9"]).status }
    #expect(same == [200, 200, 429])
  }

  @Test(
    "is told to the program with the peer's address behind, but for what comes from outside",
    arguments: Peer.allCases
  )
  func forwarded(_ peer: Peer) throws {
    let scene = try scene(peer, "")
    #expect(try scene.client(server.address).get("/x", ["X-Forwarded-For: 198.51.100.7"]).status == 200)
    let head = try server.requests(atLeast: 1)[0].head
    let before = peer == .stranger ? "" : "198.51.100.7, "
    #expect(head.values("x-forwarded-for") == ["\(before)\(pods.clientEnd.v4)"])
  }

  @Test("is no longer believed as soon as documents say so, on the connection that is there")
  func revoked() throws {
    let scene = try scene(.forwarder, Self.onlyOffice)
    let client = try scene.client(server.address)
    #expect(try client.get("/x", ["X-Forwarded-For: 198.51.100.7"]).status == 200)
    let edge = Documents.service("edge", endpoints: [SocketAddress(pods.clientEnd.v4, port: 80)])
    try scene.replace(Documents.web(server.address) + edge + Self.onlyOffice)
    #expect(try client.get("/x", ["X-Forwarded-For: 198.51.100.7"]).status == 403)
  }

  @Test("of IPv6 reaches the program as RFC 5952 writes it")
  func ipv6() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v6) { _ in .ok() }
    let scene = try RequestScene.inbound(in: pods, Documents.web(self.server.address))
    #expect(try scene.client(server.address).get("/x").status == 200)
    #expect(try server.requests(atLeast: 1)[0].head.values("x-forwarded-for") == ["\(pods.clientEnd.v6)"])
  }
}
