import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Endpoints that leave their service while requests are under way to them. The first pod has the client and its proxy,
/// the second the endpoint that leaves, the third the one that stays.
@Suite("A request to an endpoint that leaves")
struct RequestDepartureTests {
  private let link: SwitchedPods
  private let staying: ScriptedServer
  private let scene: RequestScene

  /// Longer than a host takes to be found dead, and shorter than all timeouts of the proxy.
  private static let soon = Duration.seconds(15)

  init() throws {
    link = try SwitchedPods(3)
    staying = try ScriptedServer(in: link.pods[2], on: link.ends[2].v4) { _ in .ok("stayed") }
    scene = try RequestScene.outbound(in: link.firstAndLast(), Documents.web(), .init("--connect-timeout", "60"))
  }

  private func leavingListener() throws -> PodListener {
    let listener = try PodListener(in: link.pods[1], on: SocketAddress(link.ends[1].v4, port: 0))
    try scene.replace(Documents.web(listener.address))
    return listener
  }

  /// A request that the leaving endpoint has taken and not answered; its end of the connection.
  private func ask(_ request: String, _ listener: PodListener) throws -> (client: RequestStream, server: PodStream) {
    let client = try scene.client()
    try client.send(request)
    let server = try listener.accept()
    _ = try MessageReader(server).head()
    return (client, server)
  }

  @Test("because its host is dead goes to another, though the host had taken it; one that may not be repeated is ended")
  func deadHost() throws {
    let listener = try leavingListener()
    let get = try ask("GET /taken HTTP/1.1\r\nHost: web\r\n\r\n", listener)
    let post = try ask("POST /once HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\n\r\nx", listener)
    try link.cutOff(1)
    try scene.replace(Documents.web(staying.address))
    let start = ContinuousClock.now
    let answers = try [get, post].map { try $0.client.answer() }
    #expect(ContinuousClock.now - start < Self.soon)
    #expect(answers[0].body == "stayed", "\(answers[0])")
    #expect(try scene.record(of: "/taken")["RETRIES"] == "1")
    #expect(answers[1].status == 503 && answers[1].reason == "upstream-closed", "\(answers[1])")
    let record = try scene.record(of: "/once")
    #expect(record["FLAGS"] == "UC" && record["UPSTREAM"] == listener.address.description, "\(record)")
    #expect(staying.requests.map(\.head.target) == ["/taken"])
  }

  @Test("because its host is dead goes to another, where nothing of it has arrived")
  func neverArrived() throws {
    let listener = try leavingListener()
    let first = try ask("GET /first HTTP/1.1\r\nHost: web\r\n\r\n", listener)
    try first.server.send(ScriptedServer.answer(200, "left"))
    #expect(try first.client.answer().body == "left")
    try link.cutOff(1)
    // On the connection that is there already.
    try first.client.send("GET /lost HTTP/1.1\r\nHost: web\r\n\r\n")
    try scene.waitForRequest("/lost")
    try scene.replace(Documents.web(staying.address))
    let start = ContinuousClock.now
    #expect(try first.client.answer().body == "stayed")
    #expect(ContinuousClock.now - start < Self.soon)
  }

  @Test("before it could be connected to goes to another at once, whatever the method")
  func connecting() throws {
    let leaving = SocketAddress(link.ends[1].v4, port: 8080)
    try link.cutOff(1)
    // One client is known to speak HTTP already: its next request has a connection made for itself.
    try scene.replace(Documents.web(staying.address))
    let known = try scene.client()
    #expect(try known.get("/known").body == "stayed")
    try scene.replace(Documents.web(leaving))
    let clients = try (0..<2).map { _ in try scene.client() }
    try clients[0].send("GET /get HTTP/1.1\r\nHost: web\r\n\r\n")
    try clients[1].send("POST /post HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\n\r\nx")
    try known.send("GET /named HTTP/1.1\r\nHost: web\r\n\r\n")
    try scene.waitForRequest("/named")
    try scene.replace(Documents.web(staying.address))
    let start = ContinuousClock.now
    for client in clients + [known] { #expect(try client.answer().body == "stayed") }
    #expect(ContinuousClock.now - start < Self.soon)
  }

  @Test("because it was taken out is left to it as long as its host lives, however long it takes")
  func slow() throws {
    let listener = try leavingListener()
    let (client, server) = try ask("GET /slow HTTP/1.1\r\nHost: web\r\n\r\n", listener)
    try scene.replace(Documents.web(staying.address))
    // Longer than a dead host would be given: nothing happens that could be awaited.
    Thread.sleep(forTimeInterval: 6)
    try server.send(ScriptedServer.answer(200, "slow"))
    #expect(try client.answer().body == "slow")
    #expect(try scene.record(of: "/slow")["RETRIES"] == nil)
    #expect(staying.requests.isEmpty)
    let reader = MessageReader(server)
    #expect(try reader.head() == nil, "its connection is not kept for others")
  }

  @Test("finds its idle connections closed")
  func idle() throws {
    let listener = try leavingListener()
    let (client, server) = try ask("GET /first HTTP/1.1\r\nHost: web\r\n\r\n", listener)
    try server.send(ScriptedServer.answer(200, "left"))
    #expect(try client.answer().body == "left")
    try scene.replace(Documents.web(staying.address))
    #expect(try MessageReader(server).head() == nil)
    #expect(try client.get("/next").body == "stayed")
  }
}
