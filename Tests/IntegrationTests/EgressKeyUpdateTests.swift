import MeshModel
import Testing
import WeftTestKit

/// Each request for new keys is answered (RFC 8446 section 4.6.3), and nothing says how many there may be.
@Suite("A server outside that asks for new keys without end")
struct EgressKeyUpdateTests {
  @Test("and reads no answer is left, holds no memory, and keeps nobody waiting")
  func flood() throws {
    let pods = try TwoPods()
    let authority = try OutsideAuthority()
    let certificate = try authority.issue("server", "DNS:api.example.com")
    let files = try TemporaryDirectory()
    let program = files.file("key_updates")
    try Command("clang", ["-O1", "-o", program, ProgramsScene.program("key_updates.c"), "-lssl", "-lcrypto"]).run()
      .orThrow()
    let endpoint = SocketAddress(pods.serverEnd.v4, port: 9443)
    let server = try pods.server.command(program, "\(endpoint.ip)", "\(endpoint.port)")
      .adding([certificate.chain, certificate.key]).start()
    try server.output.await("listening")
    let scene = try RequestScene.outbound(in: pods, Documents.originated(to: endpoint, authority))
    let before = try scene.scene.proxy.memory().anonymous
    let client = try scene.scene.dial(RequestScene.virtual)
    try client.send("hello\n")
    try server.output.await("open")

    let plain = try scene.scene.connection()
    for _ in 0..<50 {
      try plain.client.send("x")
      #expect(try plain.server.receive(exactly: 1) == "x")
    }
    try server.output.await("enough", within: .seconds(90))
    let record = try scene.scene.proxy.record("of the flood") { $0.message.contains("too many key updates") }
    #expect(record.message.contains("\(endpoint)"), "\(record)")
    #expect(try scene.scene.proxy.memory().anonymous - before < 4 << 20)
    withExtendedLifetime(client) {}
  }
}
