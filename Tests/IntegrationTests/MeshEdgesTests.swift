import Foundation
import MeshModel
import Testing
import WeftTestKit

/// What proxies tell of whom they talk with.
@Suite("Edges between proxies")
struct MeshEdgesTests {
  /// A row of `weft edges -o json`.
  private struct Edge: Decodable {
    let source: IPAddress
    let destination: SocketAddress
    let destinationService: String?
    let clientIdentity: String?
    let serverIdentity: String?
    let security: EdgeReport.Security
    let reason: String
    let isPlainWithinMesh: Bool
    let requests: UInt64
    let connections: UInt64
    let seenBy: [String]
  }

  /// One directory with both proxies' sockets in it, as a host has them.
  private func sockets(_ mesh: MeshScene) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for (name, proxy) in [("shop", mesh.scene.client), ("web", mesh.scene.server)] {
      try FileManager.default.createSymbolicLink(
        atPath: directory.file("proxy-\(name).sock"),
        withDestinationPath: proxy.adminSocket
      )
    }
    return directory
  }

  private func edges(_ directory: TemporaryDirectory) throws -> [Edge] {
    let run = try runWeft(["edges", "-o", "json", "--run-directory", directory.path]).orThrow()
    return try JSONDecoder().decode([Edge].self, from: Data(run.output.utf8))
  }

  @Test("are shown with both identities and what they carried, as one line where both ends tell of them")
  func secured() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    for _ in 0..<3 { #expect(try mesh.scene.get(url) == "hello 200") }
    let directory = try sockets(mesh)
    let found = try #require(try edges(directory).first { $0.security == .mutualTLS })
    #expect(found.clientIdentity == MeshScene.shop && found.serverIdentity == MeshScene.web)
    #expect(found.source == mesh.scene.pods.clientEnd.v4 && found.destination == web.address)
    #expect(found.requests == 3 && found.seenBy == ["shop", "web"] && !found.isPlainWithinMesh)
    #expect(found.destinationService == "default/web")

    let run = try runWeft(["identity", "peers", "-o", "json", "--run-directory", directory.path]).orThrow()
    struct Peers: Decodable { let proxy: String, peers: [PeerReport] }
    let peers = try JSONDecoder().decode([Peers].self, from: Data(run.output.utf8))
    let (out, into) = (try #require(peers.first?.peers.first), try #require(peers.last?.peers.first))
    #expect(out.direction == .outbound && out.identity == MeshScene.web && out.address.port == 15008)
    #expect(into.direction == .inbound && into.identity == MeshScene.shop && into.expectedIdentity == nil)
    for peer in [out, into] {
      #expect(peer.state == .open && peer.tlsVersion == "TLSv1.3" && peer.isResumed == false)
      #expect(peer.streamsTotal >= 3 && peer.streams == 0)
      #expect((peer.certificateNotAfterS ?? 0) > Int64(Date().timeIntervalSince1970))
    }
  }

  @Test("in plain text within the mesh are found, and weft check says of whom and why")
  func plain() throws {
    let mesh = try MeshScene()
    // Registered under an identity that no proxy here has: nobody can ask a proxy for it.
    let server = try ScriptedServer(in: mesh.scene.pods.server, on: mesh.scene.pods.serverEnd.v4) { _ in .ok("hello") }
    try mesh.scene.register("old", port: "\(server.address.port)", "--service-account", "nobody")
    let url = "http://\(try mesh.scene.address(of: "old"))/"
    #expect(try mesh.scene.answer(url, becomes: "hello 200") == "hello 200")
    let directory = try sockets(mesh)
    let found = try #require(try edges(directory).first { $0.isPlainWithinMesh })
    #expect(found.security == .plainText && found.clientIdentity == nil && found.serverIdentity == nil)
    #expect(found.reason == "the server has no proxy" && found.destination == server.address)
    let check = try mesh.scene.agent.weft("check", "--proxy", "shop", "--run-directory", directory.path)
    #expect(check.output.contains("plain text within the mesh, "), "\(check)")
    #expect(check.output.contains("to default/old (\(server.address)): the server has no proxy"), "\(check)")
  }

  @Test("are secured as well where a program dials an endpoint by its own address, for requests and connections")
  func ownAddress() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { .ok($0.head.startLine) }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "GET / HTTP/1.1 200")
    for number in 0..<3 {
      #expect(try mesh.scene.get("http://\(web.address)/\(number)") == "GET /\(number) HTTP/1.1 200")
    }
    let found = try edges(try sockets(mesh)).filter { $0.destination == web.address }
    #expect(found.map(\.security) == [.mutualTLS] && found.first?.requests == 4, "\(found)")
    #expect(mesh.handshakes == 1)
  }

  @Test("of connections that are no requests are counted once each, and those of programs' own TLS are told apart")
  func connections() throws {
    let mesh = try MeshScene()
    let server = try GreetingServer(of: mesh)
    for _ in 0..<2 {
      let connection = try server.greeted()
      for _ in 0..<3 { #expect(try connection.hears("NOOP\r\n")) }
    }
    // Past the service, at an address that the mesh does not know.
    let stranger = SocketAddress(try #require(IPAddress("203.0.113.9")), port: 0)
    try Command("ip", ["address", "add", "\(stranger.ip)/32", "dev", "lo"]).with(\.pod, mesh.scene.pods.server).run()
      .orThrow()
    try Command("ip", ["route", "add", "\(stranger.ip)/32", "via", "\(mesh.scene.pods.serverEnd.v4)"])
      .with(\.pod, mesh.scene.pods.client).run().orThrow()
    let other = try PodListener(in: mesh.scene.pods.server, on: stranger)
    _ = try Command("curl", ["-sk", "--max-time", "1", "https://\(other.address)/"]).with(\.pod, mesh.scene.pods.client)
      .run()
    let all = try edges(try sockets(mesh))
    let mail = try #require(all.first { $0.destination == server.listener.address && $0.security == .mutualTLS })
    #expect(mail.connections == 2 && mail.requests == 0 && mail.seenBy == ["shop", "web"])
    let own = try #require(all.first { $0.destination == other.address && $0.security == .programTLS })
    #expect(own.connections == 1 && !own.isPlainWithinMesh)
  }
}
