import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("What goes in TLS that a DestinationRule asks for is counted as that")
struct EgressCountTests {
  private let outside: EgressHTTP2Scene
  private var host: String { outside.host }

  init() throws { outside = try EgressHTTP2Scene() }

  private func edges(_ scene: RequestScene) throws -> [EdgeReport] {
    try JSONDecoder().decode(EdgeList.self, from: Data(try scene.proxy.admin("/v1/edges").utf8)).edges
  }

  @Test("of connections: by the metrics of both their ends, and as an edge")
  func connections() throws {
    let certificate = try outside.certificate()
    let arguments = ["-accept", "\(outside.endpoint)", "-cert", certificate.chain, "-key", certificate.key]
    let server = try outside.pods.server.command("openssl", "s_server").adding(arguments + ["-rev", "-quiet"]).start()
    try server.waitForListener(outside.endpoint.port)
    let documents = outside.documents(outside.simple(", sni: \(host)"), protocol: "TCP")
    let scene = try RequestScene.outbound(in: outside.pods, documents)
    let client = try scene.scene.dial(outside.service)
    try client.send("stressed\n")
    #expect(try client.receive(exactly: 9) == "desserts\n")
    let service = "dst_service=\"web\",dst_namespace=\"default\",dst_port=\"80\""
    let ends = ["src\",tls=\"no_identity\",no_tls_reason=\"loopback", "dst\",tls=\"server_tls"]
    for end in ends.map({ "direction=\"outbound\",peer=\"\($0)\",\(service)" }) {
      try eventually("\(end) is open, with its bytes") {
        let page = try scene.proxy.get("/metrics", port: 15020).orThrow().output
        return ["tcp_open_connections{\(end)} 1", "tcp_read_bytes_total{\(end)} 9"].allSatisfy {
          page.contains("\n\($0)\n")
        }
      }
    }
    let edge = try #require(try edges(scene).first { $0.destination == outside.endpoint })
    #expect(edge.security == .serverTLS && edge.connections == 1 && edge.requests == 0, "\(edge)")
    #expect(
      edge.destinationService == "default/web" && !edge.isPlainWithinMesh && edge.serverIdentity == nil,
      "\(edge)"
    )
  }

  @Test("of requests: as an edge, whatever carries them", arguments: [true, false])
  func requests(http2: Bool) throws {
    let server = try outside.server(answer: "hello", http2: http2)
    let documents = outside.documents(outside.simple(", sni: \(host)"), protocol: "HTTP")
    let scene = try RequestScene.outbound(in: outside.pods, documents)
    for version in ["--http2-prior-knowledge", "--http1.1"] {
      #expect(try outside.get("http://\(host)/", version: version).output == "hello 200\n")
    }
    let found = try edges(scene).filter { $0.destination == outside.endpoint }
    let edge = try #require(found.first)
    #expect(found.count == 1 && edge.security == .serverTLS && edge.connections == 0, "\(found)")
    // The first is counted as often as it was on its way: by HTTP/2, which the server does not choose, and then by HTTP/1.1.
    #expect(edge.requests == (http2 ? 2 : 3), "\(edge)")
    withExtendedLifetime(server) {}
  }
}
