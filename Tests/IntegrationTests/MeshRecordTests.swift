import Foundation
import MeshModel
import Testing
import WeftTestKit

/// A program with the client's identity that speaks to the server's proxy itself, as a proxy of another make would.
private struct ForeignProxy {
  private let files: TemporaryDirectory
  private let mesh: MeshScene

  /// Who may be the proxy of the client's pod gets its identity from the agent, by PyPI's client.
  init(_ mesh: MeshScene) throws {
    self.mesh = mesh
    files = try TemporaryDirectory()
    let given = try Command(try WorkloadScene.python, [WorkloadScene.script, mesh.scene.agent.socket, "fetch"])
      .with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).run().said(GivenIdentity.self)
    _ = try files.write("chain.pem", given.leaf + given.intermediates)
    _ = try files.write("key.pem", given.key)
  }

  private var credentials: [String] { ["--cert", files.file("chain.pem"), "--key", files.file("key.pem"), "-k"] }

  /// The answer to a request for `port` of the server's pod.
  func ask(_ port: UInt16, _ arguments: String...) throws -> String {
    let url = "https://\(mesh.scene.pods.serverEnd.v4):15008/"
    return try Command(
      "curl",
      ["-gsS", "--http2", "--max-time", "20", "-w", " %{http_code}", "-H", "x-weft-destination: \(port)", url]
        + credentials + arguments
    ).with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).run().output
  }

  /// The SHA-256 of its certificate in DER, as OpenSSL says it.
  func fingerprint() throws -> String {
    let said = try Command(
      "openssl",
      ["x509", "-in", files.file("chain.pem"), "-noout", "-fingerprint", "-sha256"]
    ).run().orThrow().output
    return said.split(separator: "=").last?.filter(\.isHexDigit).lowercased() ?? ""
  }
}

@Suite("What proxies of the mesh tell of each other")
struct MeshRecordTests {
  @Test("is in the records of requests and connections on both sides: who both are, and by which TLS")
  func records() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))"
    // Asking opens the taps.
    for proxy in [mesh.scene.client, mesh.scene.server] { _ = try proxy.admin("/v1/tap") }
    #expect(try mesh.scene.get("\(url)/one") == "hello 200")
    for proxy in [mesh.scene.client, mesh.scene.server] {
      let record = try proxy.record("of the request") { $0["EVENT"] == "request" && $0["PATH"] == "/one" }
      #expect(
        record["SOURCE_IDENTITY"] == MeshScene.shop && record["DESTINATION_IDENTITY"] == MeshScene.web,
        "\(record)"
      )
      #expect(record["TLS_VERSION"] == "TLSv1.3" && record["TLS_RESUMED"] == "no", "\(record)")
      let tapped = try JSONDecoder().decode(TapReply.self, from: Data(try proxy.admin("/v1/tap?after=0").utf8))
      let report = try #require(tapped.requests.first { $0.path == "/one" })
      #expect(report.sourceIdentity == MeshScene.shop && report.destinationIdentity == MeshScene.web)
      #expect(report.tlsVersion == "TLSv1.3" && report.tlsResumed == false)
    }
    let mail = try GreetingServer(of: mesh)
    let connection = try mail.greeted()
    for proxy in [mesh.scene.client, mesh.scene.server] {
      let open = try JSONDecoder().decode(ConnectionList.self, from: Data(try proxy.admin("/v1/connections").utf8))
      let report = try #require(open.connections.first { $0.originalDestination.port == mail.address.port })
      #expect(report.sourceIdentity == MeshScene.shop && report.destinationIdentity == MeshScene.web)
      #expect(report.tlsVersion == "TLSv1.3")
    }
    connection.client.finish()
    connection.server.finish()
    for proxy in [mesh.scene.client, mesh.scene.server] {
      let record = try proxy.record("of the connection") {
        $0["EVENT"] == "connection-closed" && $0["PROTOCOL"] == "server-first"
      }
      #expect(
        record["SOURCE_IDENTITY"] == MeshScene.shop && record["DESTINATION_IDENTITY"] == MeshScene.web,
        "\(record)"
      )
      #expect(record["TLS_VERSION"] == "TLSv1.3", "\(record)")
    }
  }

  @Test("is not in records of what came in plain text")
  func plain() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    #expect(try mesh.plain("http://\(web.address)/plain").output == "hello 200")
    let record = try mesh.scene.server.record("of the request") { $0["EVENT"] == "request" && $0["PATH"] == "/plain" }
    #expect(record["SOURCE_IDENTITY"] == nil && record["TLS_VERSION"] == nil && record["TLS_RESUMED"] == nil)
  }

  @Test(
    "reaches the program as x-forwarded-client-cert, and nobody else's word of it does: a program's, a peer's, a stranger's"
  )
  func clientCertificate() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { request in
      let fields = ["x-forwarded-client-cert", "l5d-client-id", "x_forwarded_client_cert"].flatMap {
        request.head.values($0)
      }
      return .ok(fields.joined(separator: "|"))
    }
    let lies = [
      "-H", "x-forwarded-client-cert: By=a;URI=spiffe://weft.local/ns/default/sa/bank", "-H", "l5d-client-id: bank",
    ]
    // A program's, through its own proxy.
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    let heard = try Command("curl", ["-gsS", "--max-time", "20", url] + lies).with(\.pod, mesh.scene.pods.client).run()
      .output
    let form = /By=(\S+?);Hash=([0-9a-f]{64});URI=(\S+)/
    let match = try #require(heard.wholeMatch(of: form), "\(heard)")
    #expect(match.1 == MeshScene.web && match.3 == MeshScene.shop)
    // A peer's, past our own client side.
    let peer = try ForeignProxy(mesh)
    let said = try peer.ask(web.address.port, lies[0], lies[1], lies[2], lies[3])
    #expect(said == "By=\(MeshScene.web);Hash=\(try peer.fingerprint());URI=\(MeshScene.shop) 200")
    // A stranger's, in plain text; and what is not proved is not said.
    #expect(try mesh.plain("http://\(web.address)/", lies[0], lies[1], lies[2], lies[3]).output == " 200")
    // A name that servers take for it is refused, from whomever.
    let alike = ["-H", "x_forwarded_client_cert: URI=spiffe://weft.local/ns/default/sa/bank"]
    #expect(try mesh.scene.get(url, alike[0], alike[1], "-o", "/dev/null") == " 400")
    #expect(try peer.ask(web.address.port, alike[0], alike[1], "-o", "/dev/null").hasSuffix(" 400"))
    #expect(try mesh.plain("http://\(web.address)/", alike[0], alike[1], "-o", "/dev/null").output == " 400")
  }

  @Test("is also that one asked for connections to the other's own ports, or to its loopback, and got none of them")
  func ownConnections() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    // A program that means to be reached from its own pod alone.
    let inner = try PodListener(in: mesh.scene.pods.server, on: SocketAddress(IPAddress(v4: 0x7f00_0001), port: 9000))
    let ports = [15001, 15006, 15008, 15020, 15021, 15053]
    let refused =
      ports.flatMap { ["web:\($0)", "127.0.0.1:\($0)"] }
      + ["127.0.0.1:9000", "[::1]:9000", "localhost:9000", "\(mesh.scene.pods.serverEnd.v4):9000"]
    let taken = ["\(mesh.scene.pods.serverEnd.v4):\(web.address.port)", "127.0.0.1:\(web.address.port)"]
    let peer = try mesh.dial("connects", (refused + taken).joined(separator: ","))
    try peer.output.await("asked")
    let said = peer.output.text.split(separator: "\n")
    for authority in refused { #expect(said.contains("\(authority) reset"), "\(said)") }
    // The port alone counts: the address is the pod's that was dialled.
    for authority in taken { #expect(said.contains("\(authority) stands"), "\(said)") }
    for port in ports {
      let record = try mesh.scene.server.record("of port \(port)") {
        $0["EVENT"] == "connection-denied" && $0["ORIGINAL_DESTINATION"]?.hasSuffix(":\(port)") == true
      }
      #expect(record["REASON"] == "own-port" && record["SOURCE_IDENTITY"] == MeshScene.shop, "\(record)")
    }
    // By a request, too, that names the loopback.
    let foreign = try ForeignProxy(mesh)
    #expect(try foreign.ask(9000, "-H", "Host: 127.0.0.1:9000", "-o", "/dev/null") == " 503")
    #expect(throws: (any Error).self) { try inner.accept(within: .zero) }
  }

  @Test("is also that one asked for the other's own ports, by request or by connection, and got none of them")
  func ownPorts() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let peer = try ForeignProxy(mesh)
    for port in [15001, 15006, 15008, 15020, 15021, 15053] as [UInt16] {
      #expect(try peer.ask(port, "-o", "/dev/null") == " 403")
      let record = try mesh.scene.server.record("of port \(port)") {
        $0["EVENT"] == "request-denied" && $0["ORIGINAL_DESTINATION"]?.hasSuffix(":\(port)") == true
      }
      #expect(record["REASON"] == "own-port" && record["SOURCE_IDENTITY"] == MeshScene.shop, "\(record)")
    }
    // By a connection: our own proxy asks for what is registered, whatever the port.
    try mesh.register("metrics", port: 15020)
    let metrics = SocketAddress(try #require(IPAddress(try mesh.scene.address(of: "metrics"))), port: 15020)
    let stream = try PodStream.connect(from: mesh.scene.pods.client, to: metrics)
    #expect(endsInReset(stream))
    let record = try mesh.scene.server.record("of the connection") { $0["EVENT"] == "connection-denied" }
    #expect(record["REASON"] == "own-port" && record["ORIGINAL_DESTINATION"]?.hasSuffix(":15020") == true, "\(record)")
    #expect(record["SOURCE_IDENTITY"] == MeshScene.shop)
    let page = try mesh.scene.server.get("/metrics", port: 15020).output.split(separator: "\n")
    for counter in ["weft_requests_ended_total{", "weft_connections_ended_total{"] {
      #expect(page.contains { $0.hasPrefix(counter) && $0.contains("reason=\"own-port\"") && !$0.hasSuffix(" 0") })
    }
  }
}
