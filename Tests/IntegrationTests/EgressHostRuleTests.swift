import MeshModel
import Testing
import WeftTestKit

/// DestinationRules that are for a host outside the mesh, not for the service by its own name.
@Suite("TLS that a DestinationRule asks for by a host's name")
struct EgressHostRuleTests {
  @Test("is spoken as the most specific rule says, and another when the documents change")
  func specific() throws {
    let pods = try TwoPods()
    let authority = try OutsideAuthority()
    let stranger = try OutsideAuthority("stranger")
    let endpoint = SocketAddress(pods.serverEnd.v4, port: 9_443)
    let certificate = try authority.issue("server", "DNS:api.example.com")
    let server = try OutsideServer(in: pods.server, on: endpoint, certificate, answer: "$ssl_server_name")
    let entry = Documents.outside(
      "api",
      "api.example.com",
      ports: "{number: 80, name: http, targetPort: 9443}",
      endpoints: "{address: \(endpoint.ip)}"
    )
    func rule(_ name: String, for host: String, by authority: OutsideAuthority) -> String {
      Documents.destination(name, tls: "{mode: SIMPLE, caCertificates: \(authority.root)}")
        .replacing("host: \(name)", with: "host: '\(host)'")
    }
    func get() throws -> String {
      let place = ["--resolve", "api.example.com:80:\(endpoint.ip)", "http://api.example.com/"]
      let arguments = ["-s", "--max-time", "20", "-o", "-", "-w", " %{http_code}"] + place
      return try Command("curl", arguments).with(\.pod, pods.client).run().output
    }
    let wild = rule("wild", for: "*.example.com", by: stranger)
    let scene = try RequestScene.outbound(in: pods, entry + wild + rule("whole", for: "api.example.com", by: authority))
    #expect(try get() == "api.example.com 200")
    try scene.replace(entry + wild)
    #expect(try get().hasSuffix(" 503"), "the server is not the stranger's")
    withExtendedLifetime(server) {}
  }
}
