import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Servers of HTTP/2 that can be connected to and do not say their settings, by `Programs/mesh_peer.py`.
@Suite("A server of HTTP/2 that is dialled and never says its settings")
struct PeerGreetingTests {
  /// Requests at most until the balancer has chosen the one that is silent.
  private static let tries = 30

  /// A request that must not be sent twice, until one has met the silent server first; the record of that one.
  private func postUntilRetried(
    by proxy: ProxyUnderTest,
    answer: String,
    _ post: (_ path: String) throws -> String
  ) throws -> LogRecord {
    for number in 0..<Self.tries {
      let started = ContinuousClock.now
      let got = try post("/\(number)")
      // Each further one would cost as long.
      try #require(got == answer)
      #expect(ContinuousClock.now - started < .seconds(8))
      let record = try proxy.record("of /\(number)") { $0["PATH"] == "/\(number)" }
      if record["RETRIES"] == "1" { return record }
    }
    throw TestKitError("in \(Self.tries) requests the silent server was never chosen")
  }

  @Test(
    "as another pod's proxy gets nothing: what is for it goes elsewhere in the time of a connection, and the journal says why"
  )
  func peer() throws {
    let mesh = try MeshScene { $0.arguments += ["--connect-timeout", "2"] }
    let pods = mesh.scene.pods
    var servers: [ScriptedServer] = []
    for (instance, ip) in [("four", pods.serverEnd.v4), ("six", pods.serverEnd.v6)] {
      servers.append(try ScriptedServer(in: pods.server, on: ip, port: 8080) { _ in .ok(instance) })
      try mesh.scene.register("web", port: "http:8080", at: ip, "--instance", instance, "--service-account", "web")
    }
    try mesh.awaitMeshed("web")
    // The proxy is reached by IPv6, and by IPv4 somebody in its place.
    let files = try mesh.files(of: pods.server)
    let silent = try MeshPeer.serve("speechless", at: 16_008, in: pods.server, showing: files)
    try pods.server.command("iptables", "-t", "nat", "-I", "PREROUTING", "-p", "tcp", "-d", "\(pods.serverEnd.v4)")
      .adding(["--dport", "15008", "-j", "REDIRECT", "--to-ports", "16008"]).run().orThrow()
    let url = "http://\(try mesh.scene.address(of: "web")):8080"
    let record = try postUntilRetried(by: mesh.scene.client, answer: "six 200") {
      try mesh.scene.get("\(url)\($0)", "-d", "once")
    }
    #expect(record["STATUS"] == "200", "\(record)")
    let told = try mesh.scene.client.record("of the silence", within: .seconds(20)) {
      $0["EVENT"] == "peer-refused" && $0.message.contains("no settings of HTTP/2 within 10 s of the handshake")
    }
    #expect(told["PEER"] == "\(mesh.transport)" && told["PEER_IDENTITY"] == MeshScene.web, "\(told)")
    // 1 is a head, by which a request begins (RFC 9113 section 6.2).
    #expect(silent.output.text.contains("open") && !silent.output.text.contains("heard 1\n"), "\(silent.output.text)")
    withExtendedLifetime((files, servers)) {}
  }

  @Test(
    "is waited for no longer than a connection where there is no other, by requests and by connections",
    arguments: [
      "speechless", "dripping",
    ]
  )
  func alone(_ mode: String) throws {
    let mesh = try MeshScene { $0.arguments += ["--connect-timeout", "2"] }
    let web = try mesh.web(portName: "http") { _ in .ok("hello") }
    try mesh.register("mail", port: 9_025)
    let url = "http://\(try mesh.scene.address(of: "web")):\(web.address.port)"
    #expect(try mesh.scene.get("\(url)/first") == "hello 200")
    let files = try mesh.files(of: mesh.scene.pods.server)
    try mesh.endServerProxy()
    let silent = try MeshPeer.serve(mode, in: mesh.scene.pods.server, showing: files)
    let ip = try #require(IPAddress(try mesh.scene.address(of: "mail")))
    let mail = try PodStream.connect(from: mesh.scene.pods.client, to: SocketAddress(ip, port: 9_025))
    #expect(try mesh.scene.get("\(url)/a", "-d", "once", "-o", "/dev/null") == " 503")
    let record = try mesh.scene.client.record("of the request") { $0["PATH"] == "/a" }
    #expect(record["REASON"] == "connect-failed" && record["FLAGS"]?.contains("UF") == true, "\(record)")
    #expect(endsInReset(mail))
    try mesh.scene.client.record("of the silence", within: .seconds(20)) {
      $0["EVENT"] == "peer-refused" && $0.message.contains("no settings of HTTP/2 within 10 s of the handshake")
    }
    withExtendedLifetime((silent, files)) {}
  }

  @Test("in plain text gets nothing either, and what is for it goes to another endpoint")
  func program() throws {
    let pods = try TwoPods()
    let silent = try MeshPeer.serve("speechless", at: 8081, in: pods.server)
    let answering = try MeshPeer.serve("answering", at: 8082, in: pods.server)
    let endpoints = [8081, 8082].map { SocketAddress(pods.serverEnd.v4, port: $0) }
    let scene = try RequestScene.outbound(
      in: pods,
      Documents.service(at: RequestScene.virtual, portName: "http2", endpoints: endpoints),
      .init("--connect-timeout", "2")
    )
    let record = try postUntilRetried(by: scene.proxy, answer: "hello 200") {
      try pods.client.command("curl", "-sS", "--max-time", "20", "-d", "once", "-w", " %{http_code}")
        .adding(["http://\(RequestScene.virtual)\($0)"]).run().output
    }
    #expect(record["ENDPOINT"] == "\(endpoints[1])", "\(record)")
    #expect(!silent.output.text.contains("heard 1\n"), "\(silent.output.text)")
    withExtendedLifetime(answering) {}
  }
}
