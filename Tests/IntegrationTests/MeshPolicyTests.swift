import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Both pods have a proxy of the mesh: `shop` is registered at the client's address.
extension MeshScene {
  /// Registers the client's pod too, so that it could always show who it is.
  func meshClient() throws {
    try scene.register("shop", port: "9", at: scene.pods.clientEnd.v4, "--service-account", "shop")
    try awaitMeshed("shop")
  }

  /// What a program of the client's pod gets past its proxy, in plain text: it runs as who capture leaves alone.
  func plain(_ url: String, _ arguments: String...) throws -> Outcome {
    try Command("curl", ["-gsS", "--max-time", "20", "-w", " %{http_code}", url] + arguments)
      .with(\.pod, scene.pods.client).with(\.uid, ProxyUnderTest.uid).run()
  }

  func apply(_ document: String) throws { try scene.agent.weft("apply", "-f", "-", input: document).orThrow() }

  /// A PeerAuthentication of the server's pod.
  static func peers(_ spec: String, expires: Date? = nil) -> String {
    let stamp = expires.map { ISO8601DateFormatter().string(from: $0) }
    let annotations = stamp.map { ", annotations: {weft.mesh/expires: \"\($0)\"}" } ?? ""
    return "{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: peers\(annotations)}, "
      + "spec: {selector: {matchLabels: {app: web}}, \(spec)}}\n"
  }
}

@Suite("Who comes to a pod of the mesh in plain text")
struct MeshPolicyTests {
  /// Resets that curl tells of: before it looked at its new connection, while it writes, or while it reads.
  private static let resets: Set<Int32> = [7, 52, 55, 56]

  @Test(
    "is refused where it could show who it is, before the program hears of it; who could not is let in, and so is the pod"
  )
  func byDefault() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(web.address)/"
    #expect(try mesh.plain(url).output == "hello 200", "it is not registered")
    try mesh.scene.register("old", port: "8", at: mesh.scene.pods.clientEnd.v4, "--service-account", "other")
    #expect(try mesh.plain(url).output == "hello 200", "it is registered, and has no proxy that is who it is")
    try mesh.meshClient()
    // The pod's own endpoints became known as meshed a moment ago: others are given time to hear of it.
    try eventually("it is refused", within: .seconds(60)) { Self.resets.contains(try mesh.plain(url).code) }
    let record = try mesh.scene.server.record("of the refusal") { $0["EVENT"] == "connection-denied" }
    #expect(record["REASON"] == "unidentified" && record["VERDICT"] == "deny" && record["POLICY"] == nil)
    #expect(record["VERDICT_REASON"]?.contains("through a proxy of the mesh") == true, "\(record)")
    #expect(record["ORIGINAL_DESTINATION"] == "\(web.address)" && record["FLAGS"] == "UAEX")
    #expect(record["SOURCE_IDENTITY"] == nil)
    let metrics = try mesh.scene.server.get("/metrics", port: 15020).output
    #expect(
      metrics.split(separator: "\n").contains {
        $0.hasPrefix("weft_connections_ended_total{") && $0.contains("reason=\"unidentified\"") && !$0.hasSuffix(" 0")
      }
    )
    let seen = web.requests.count
    #expect(Self.resets.contains(try mesh.plain(url).code))
    #expect(web.requests.count == seen, "nothing reaches the program")
    // Another address of the same pod is nobody's.
    try mesh.scene.pods.client.shell("ip address add 192.0.2.77/32 dev lo").orThrow()
    try mesh.scene.pods.server.shell("ip route add 192.0.2.77 via \(mesh.scene.pods.clientEnd.v4)").orThrow()
    #expect(try mesh.plain(url, "--interface", "192.0.2.77").output == "hello 200")
    // By its proxy it comes as ever, also where it dials the pod itself, and so does the pod to itself.
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    #expect(try mesh.scene.get(url) == "hello 200")
    let own = try Command("curl", ["-gsS", "--max-time", "20", url]).with(\.pod, mesh.scene.pods.server).run()
    #expect(own.output == "hello", "\(own)")
  }

  @Test("is refused by a document that says STRICT, whoever it is, and let in by one that says PERMISSIVE for the port")
  func documents() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(web.address)/"
    #expect(try mesh.plain(url).output == "hello 200")
    try mesh.apply(MeshScene.peers("mtls: {mode: STRICT}"))
    try eventually("it is refused") { Self.resets.contains(try mesh.plain(url).code) }
    let record = try mesh.scene.server.record("of the refusal") { $0["REASON"] == "unidentified" }
    #expect(record["POLICY"] == "default/peers" && record["VERDICT_REASON"]?.contains("STRICT") == true, "\(record)")
    #expect(record.message.contains("default/peers"))
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    let explained = try Command(
      try Binaries.path("weft"),
      [
        "explain", "--direction", "inbound", "--from", "\(mesh.scene.pods.clientEnd.v4)", "--to", "\(web.address)",
        "--run-directory", mesh.scene.server.runDirectory.path,
      ]
    ).run()
    #expect(explained.output.contains("default/peers"), "\(explained)")
    let body = "mtls: {mode: STRICT}, portLevelMtls: {\"\(web.address.port)\": {mode: PERMISSIVE}}"
    try mesh.apply(MeshScene.peers(body))
    try eventually("it is let in") { try mesh.plain(url).output == "hello 200" }
  }

  @Test(
    "and was let in by an exception goes when that ends: a connection of any protocol, and one between two requests"
  )
  func exceptionEnds() throws {
    let mesh = try MeshScene()
    let listener = try PodListener(in: mesh.scene.pods.server, on: SocketAddress(mesh.scene.pods.serverEnd.v4, port: 0))
    let web = try mesh.web { _ in .ok("hello") }
    let end = Date(timeIntervalSinceNow: 8)
    let ports = "\"\(web.address.port)\": {mode: PERMISSIVE}, \"\(listener.address.port)\": {mode: PERMISSIVE}"
    try mesh.apply(
      MeshScene.peers("mtls: {mode: STRICT}, portLevelMtls: {\(ports)}", expires: end)
    )
    // From an address that is no pod's of the mesh, so that nothing else stands in the way.
    func dial(_ address: SocketAddress) throws -> RunningProgram {
      let program = try Command("nc", ["-N", "\(address.ip)", "\(address.port)"]).with(\.pod, mesh.scene.pods.client)
        .with(\.uid, ProxyUnderTest.uid).with(\.keepsInputOpen, true)
        .with(\.input, Array("GET / HTTP/1.1\r\nHost: web\r\n\r\n".utf8)).start()
      return program
    }
    let opaque = try Command("nc", ["\(listener.address.ip)", "\(listener.address.port)"])
      .with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).with(\.keepsInputOpen, true).start()
    let server = try listener.accept()
    try server.send("220 hello\r\n")
    try opaque.output.await("220 hello")
    let requests = try dial(web.address)
    try requests.output.await("hello")
    #expect(Date() < end, "too slow a machine for this test")
    #expect(endsInReset(server))
    _ = try opaque.waitForExit()
    _ = try requests.waitForExit()
    #expect(Date() >= end)
    let ended = try mesh.scene.server.record("of the end") {
      $0["EVENT"] == "connection-ended-by-policy" && $0["ORIGINAL_DESTINATION"] == "\(listener.address)"
    }
    #expect(ended["POLICY"] == "default/peers", "\(ended)")
    try mesh.scene.server.record("of the other's end") {
      $0["EVENT"] == "connection-ended-by-policy" && $0["ORIGINAL_DESTINATION"] == "\(web.address)"
    }
    #expect(Self.resets.contains(try mesh.plain("http://\(web.address)/").code))
  }

  @Test(
    "and is the proxy itself, on its way to its own pod's service, comes by the mesh, and others are served as before"
  )
  func itself() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { .ok($0.head.values("x-forwarded-client-cert").joined(separator: "|")) }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    for _ in 0..<3 {
      let own = try Command("curl", ["-gsS", "--max-time", "20", url]).with(\.pod, mesh.scene.pods.server).run()
      #expect(own.output.contains("URI=\(MeshScene.web)"), "\(own)")
      #expect(try mesh.scene.get(url).contains("URI=\(MeshScene.shop)"))
      #expect(try mesh.plain("http://\(web.address)/").output == " 200")
    }
    #expect(web.requests.count == 9)
  }
}
