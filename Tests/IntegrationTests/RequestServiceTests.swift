import MeshModel
import Testing
import WeftTestKit

/// What is dialled is a service's virtual address: whatever is spoken, one of its endpoints is behind it.
@Suite("A service's virtual address")
struct RequestServiceTests {
  private let pods: TwoPods

  init() throws { pods = try TwoPods() }

  private var refused: SocketAddress { SocketAddress(pods.serverEnd.v4, port: 9) }

  /// The service `web` of whose protocol documents say nothing.
  private func undeclared(_ endpoints: SocketAddress...) -> String {
    Documents.service(at: RequestScene.virtual, portName: "any", endpoints: endpoints)
  }

  private func egress(toPort port: UInt16) -> String {
    """
    ---
    {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: out},
     spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: \(port)}]}]}}

    """
  }

  @Test("takes any protocol to an endpoint")
  func opaque() throws {
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let scene = try RequestScene.outbound(in: pods, undeclared(server.address))
    let client = try scene.scene.dial(RequestScene.virtual)
    try client.send("\u{1}\u{2}no HTTP")
    #expect(try client.receive(exactly: 9) == "\u{1}\u{2}no HTTP")
    client.finish()
    #expect(try client.receiveToEnd().isEmpty)
    let record = try scene.scene.record(to: RequestScene.virtual)
    #expect(record["UPSTREAM"] == server.address.description, "\(record)")
  }

  @Test("takes a server's first words to a client that says nothing")
  func serverFirst() throws {
    let listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    let scene = try RequestScene.outbound(in: pods, undeclared(listener.address))
    let client = try scene.scene.dial(RequestScene.virtual)
    try listener.accept().send("220 welcome")
    #expect(try client.receive(exactly: 11) == "220 welcome")
  }

  @Test("takes requests one by one, also where no document says that it is HTTP")
  func undeclaredHTTP() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { .ok("to \($0.head.target)") }
    let scene = try RequestScene.outbound(in: pods, undeclared(server.address))
    let client = try scene.client()
    for number in 0..<3 { #expect(try client.get("/\(number)").body == "to /\(number)") }
    #expect(try scene.record(of: "/2")["SERVICE"] == "default/web:80")
  }

  @Test("passes over an endpoint that refuses connections, whatever is spoken")
  func opaqueTriesAnother() throws {
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let scene = try RequestScene.outbound(in: pods, undeclared(refused, server.address))
    for _ in 0..<10 {
      let client = try scene.scene.dial(RequestScene.virtual)
      try client.send("\u{1}x")
      #expect(try client.receive(exactly: 2) == "\u{1}x")
    }
  }

  @Test("without endpoints resets who speaks no HTTP")
  func opaqueWithoutEndpoints() throws {
    let scene = try RequestScene.outbound(in: pods, undeclared())
    let client = try scene.scene.dial(RequestScene.virtual)
    try client.send("\u{1}\u{2}no HTTP")
    #expect(endsInReset(client))
  }

  @Test(
    "does not lead to an endpoint that a NetworkPolicy forbids: a request gets 403, and its record the policy's name"
  )
  func egressOfRequests() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4)
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address) + egress(toPort: 1))
    let answer = try scene.client().get("/x")
    #expect(answer.status == 403 && answer.reason == "denied", "\(answer)")
    #expect(!answer.description.contains("default/out"))
    let record = try scene.record(of: "/x")
    #expect(record["FLAGS"] == "UAEX" && record["POLICY"] == "default/out", "\(record)")
    #expect(server.connections == 0)
  }

  @Test("does not lead to an endpoint that a NetworkPolicy forbids: anything else is reset")
  func egressOfBytes() throws {
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let scene = try RequestScene.outbound(in: pods, undeclared(server.address) + egress(toPort: 1))
    #expect(endsInReset(try scene.scene.dial(RequestScene.virtual)))
    let record = try scene.scene.record(to: RequestScene.virtual)
    #expect(record["VERDICT"] == "deny" && record["POLICY"] == "default/out", "\(record)")
  }

  @Test("leads to an endpoint that a NetworkPolicy allows, though it says nothing of the address itself")
  func egressAllowed() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v4) { _ in .ok("own") }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address) + egress(toPort: server.address.port))
    #expect(try scene.client().get("/x").body == "own")
  }

  @Test("has endpoints of both families behind it")
  func families() throws {
    let server = try ScriptedServer(in: pods.server, on: pods.serverEnd.v6) { _ in .ok("over IPv6") }
    let scene = try RequestScene.outbound(in: pods, Documents.web(server.address))
    #expect(try scene.client().get("/x").body == "over IPv6")
  }
}
