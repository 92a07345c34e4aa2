import Foundation
import MeshModel
import Testing
import WeftTestKit

/// A second handshake within a connection of TLS 1.2, by which others' bytes were once put before a client's (CVE-2009-3555),
/// and which costs who is asked for it more than who asks.
@Suite("A server in TLS 1.2 that asks for another handshake")
struct EgressRenegotiationTests {
  @Test("is told that there is none")
  func refused() throws {
    let pods = try TwoPods()
    let authority = try OutsideAuthority()
    let certificate = try authority.issue("server", "DNS:api.example.com")
    let endpoint = SocketAddress(pods.serverEnd.v4, port: 9443)
    let server = try pods.server.command("openssl", "s_server", "-accept", "\(endpoint)", "-tls1_2")
      .adding(["-cert", certificate.chain, "-key", certificate.key]).with(\.keepsInputOpen, true).start()
    try server.waitForListener(endpoint.port)
    let scene = try RequestScene.outbound(in: pods, Documents.originated(to: endpoint, authority))
    let client = try scene.scene.dial(RequestScene.virtual)
    try client.send("before\n")
    try server.output.await("before\n")
    // `R` at the beginning of a line asks for a handshake, with a certificate of the client's (openssl-s_server(1)).
    try server.write("R\n")
    try server.error.await("no renegotiation")
    let handshakes = server.output.text.components(separatedBy: "CIPHER is ").count - 1
    #expect(handshakes == 1, "\(server.output.text)")
    withExtendedLifetime(client) {}
  }
}
