import MeshModel
import Testing
import WeftTestKit

/// Documents that come into force while requests are under way.
@Suite("Requests under way while documents change")
struct RequestReloadTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private func server(_ name: String) throws -> ScriptedServer {
    try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { _ in .ok(name) }
  }

  /// A scene in which a request for the service `web` waits for an endpoint: three seconds at most.
  private func waiting() throws -> (RequestScene, RequestStream) {
    let scene = try RequestScene.outbound(in: pods, Documents.web())
    return (scene, try scene.client())
  }

  private func ask(_ client: RequestStream, in scene: RequestScene) throws {
    try client.send("GET /waits HTTP/1.1\r\nHost: web\r\n\r\n")
    // Before the proxy has read it, other documents would be the first that it is judged by.
    try scene.waitForRequest("/waits")
  }

  /// How often a test is begun anew on a machine so busy that new documents came after the request had waited its time.
  private static let tries = 5

  @Test("find their service again, whatever its place among the new ones")
  func renumbered() throws {
    let (wrong, right) = (try server("wrong"), try server("right"))
    // Services that stand before it, by name and by order.
    let before = (0..<5).map { Documents.service("a\($0)", endpoints: [wrong.address]) }.joined()
    var answer: RequestStream.Answer?
    for _ in 0..<Self.tries where answer == nil || answer?.reason == "no-endpoint" {
      let (scene, client) = try waiting()
      let documents = try scene.compile(before + Documents.web(right.address))
      try ask(client, in: scene)
      try scene.replace(with: documents)
      answer = try client.answer()
    }
    #expect(try #require(answer).body == "right", "\(String(describing: answer))")
    #expect(wrong.connections == 0)
  }

  @Test("are answered where their service is gone, and the proxy goes on")
  func removed() throws {
    let (scene, client) = try waiting()
    let other = try server("other")
    try ask(client, in: scene)
    try scene.replace(Documents.service("other", at: RequestScene.virtual, endpoints: [other.address]))
    let answer = try client.answer()
    #expect(answer.status == 503 && answer.reason == "no-endpoint", "\(answer)")
    #expect(try scene.client().get("/x", host: "other").body == "other")
  }

  @Test("are finished by the endpoint that has them, though it is no endpoint any more")
  func endpointRemoved() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let next = try server("next")
    let scene = try RequestScene.outbound(in: pods, Documents.web(listener.address))
    let client = try scene.client()
    try client.send("GET /long HTTP/1.1\r\nHost: web\r\n\r\n")
    let upstream = try listener.accept()
    _ = try MessageReader(upstream).head()
    try scene.replace(Documents.web(next.address))
    try upstream.send(ScriptedServer.answer(200, "old"))
    #expect(try client.answer().body == "old")
    #expect(try client.get("/next").body == "next")
  }

  @Test("are judged by the new documents from the next one on, on a connection that is open")
  func authorization() throws {
    let web = try server("web")
    let scene = try RequestScene.inbound(in: pods, Documents.web(web.address))
    let client = try scene.client(web.address)
    #expect(try client.get("/x").status == 200)
    try scene.replace(Documents.web(web.address) + Documents.authorization("none", "DENY", rules: "[{}]"))
    #expect(try client.get("/x").status == 403)
    try scene.replace(Documents.web(web.address))
    #expect(try client.get("/x").status == 200)
  }
}
