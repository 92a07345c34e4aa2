import MeshModel
import Testing
import WeftTestKit

/// AuthorizationPolicies that speak of the name that TLS asks for, at the proxy of the workload they protect.
@Suite("An AuthorizationPolicy on connection.sni")
struct ServerNameTests {
  private let pods: TwoPods
  private let server: EchoServer

  init() throws {
    pods = try TwoPods()
    server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
  }

  private func scene(_ action: String) throws -> RequestScene {
    let rules = "[{when: [{key: connection.sni, values: [\"*.good.test\"]}]}]"
    return try RequestScene.inbound(in: pods, Documents.authorization("names", action, rules: rules))
  }

  /// Sends a hello, and tells whether the server has got all of it: it says everything back.
  private func passes(_ scene: RequestScene, _ name: String) throws -> Bool {
    let hello = ProxyDetectionTests.clientHello(name: name)
    let client = try scene.scene.dial(server.address)
    do {
      try client.send(hello)
      return try client.receive(exactly: hello.count).utf8.count > 0
    } catch is SocketFailure {
      return false
    } catch is TestKitError {
      return false
    }
  }

  @Test("that allows lets in who asks for the name, and nobody else")
  func allows() throws {
    let scene = try scene("ALLOW")
    #expect(try passes(scene, "a.good.test"))
    #expect(try !passes(scene, "a.evil.test"))
    let record = try scene.proxy.record("of the one that is denied") { $0["SNI"] == "a.evil.test" }
    #expect(record["VERDICT"] == "deny" && record["POLICY"] == "default/names", "\(record)")
  }

  @Test("that denies lets in everybody else")
  func denies() throws {
    let scene = try scene("DENY")
    #expect(try !passes(scene, "a.good.test"))
    #expect(try passes(scene, "a.evil.test"))
  }

  @Test("that allows waits for a hello that comes in pieces")
  func pieces() throws {
    let scene = try scene("ALLOW")
    let hello = ProxyDetectionTests.clientHello(name: "b.good.test")
    let client = try scene.scene.dial(server.address)
    try client.send(Array(hello.prefix(20)))
    // The proxy has read them once it says so.
    try eventually("the first piece to be read") { try scene.proxy.admin("/v1/connections").contains("tls") }
    try client.send(Array(hello.dropFirst(20)))
    #expect(try client.receive(exactly: hello.count).utf8.count > 0)
  }
}
