import MeshModel
import Testing
import WeftTestKit

/// `GET /admin` without a version, as HTTP/0.9 had it and nginx still answers it, on a port of which no document says what
/// is spoken. To weft it is no request, but bytes of some protocol.
@Suite("A first line without a version, on an undeclared port,")
struct FirstLineTests {
  private let pods: TwoPods
  private let server: WebServer

  init() throws {
    pods = try TwoPods()
    server = try WebServer(in: pods.server, on: pods.serverEnd.v4, answer: "the secret")
  }

  /// What a client gets that says `GET /admin` while these documents are in force.
  private func answer(_ line: String = "GET /admin\r\n", under documents: String...) throws -> (
    text: String, record: LogRecord
  ) {
    let scene = try RequestScene.inbound(in: pods, documents.joined())
    let client = try scene.scene.dial(server.address)
    // Behind a policy the proxy may close before, or while, this is sent.
    try? client.send(line)
    client.finish()
    let text = (try? client.receiveToEnd()) ?? ""
    return (text, try scene.scene.record(to: server.address))
  }

  @Test(
    "does not reach the server where a policy asks for anything that only a request has",
    arguments: [
      ("DENY", "to: [{operation: {paths: [/admin]}}]"), ("DENY", "to: [{operation: {paths: [/other]}}]"),
      ("DENY", "to: [{operation: {notPaths: [/admin]}}]"), ("DENY", "to: [{operation: {methods: [POST]}}]"),
      ("DENY", "to: [{operation: {hosts: [other.test]}}]"),
      ("DENY", "from: [{source: {notRequestPrincipals: [\"*\"]}}]"),
      ("DENY", "when: [{key: \"request.headers[x-a]\", values: [b]}]"),
      ("ALLOW", "to: [{operation: {paths: [/admin]}}]"), ("ALLOW", "to: [{operation: {notPaths: [/other]}}]"),
      ("ALLOW", "to: [{operation: {methods: [GET]}}]"), ("ALLOW", "to: [{operation: {notHosts: [other.test]}}]"),
      ("ALLOW", "from: [{source: {requestPrincipals: [\"*\"]}}]"),
      ("ALLOW", "when: [{key: \"request.headers[x-a]\", notValues: [b]}]"),
      ("ALLOW", "when: [{key: \"request.auth.claims[role]\", values: [admin]}]"),
    ]
  )
  func refused(action: String, rule: String) throws {
    let (text, record) = try answer(under: Documents.authorization("rules", action, rules: "[{\(rule)}]"))
    #expect(text.isEmpty, "\(text)")
    #expect(record["VERDICT"] == "deny" && record["POLICY"] == "default/rules", "\(record)")
  }

  @Test("does not reach the server where a document says that it speaks HTTP")
  func declared() throws {
    let address = SocketAddress(pods.serverEnd.v4, port: server.address.port)
    let (text, _) = try answer("GET /admin\r\n\r\n", under: Documents.service(portName: "http", endpoints: [address]))
    #expect(text.hasPrefix("HTTP/1.1 400 "), "\(text)")
  }

  @Test(
    "reaches the server where no document asks for a request: it may be any protocol's",
    arguments: [
      "", Documents.authorization("rules", "ALLOW", rules: "[{from: [{source: {ipBlocks: [0.0.0.0/0]}}]}]"),
      Documents.authorization("rules", "DENY", rules: "[{from: [{source: {ipBlocks: [192.0.2.0/24]}}]}]"),
    ]
  )
  func passes(documents: String) throws {
    let (text, record) = try answer(under: documents)
    #expect(text == "the secret", "\(text)")
    #expect(record["PROTOCOL"] == "opaque", "\(record)")
  }
}
