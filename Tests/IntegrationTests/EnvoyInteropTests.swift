import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Between a proxy and a peer that is not ours")
struct EnvoyInteropTests {
  /// What a client of a WebSocket says first (RFC 6455 section 1.3).
  private static func upgrade(_ host: String) -> String {
    "GET /chat HTTP/1.1\r\nHost: \(host)\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
  }

  private static let switched =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

  /// What stands before the empty line.
  private func head(_ stream: PodStream) throws -> String {
    var text = ""
    while !text.hasSuffix("\r\n\r\n") {
      let byte = try stream.receive(exactly: 1)
      if byte.isEmpty { throw TestKitError("the head ended after \(text)") }
      text += byte
    }
    return text
  }

  /// The server's side takes the WebSocket that it was asked for, and each side says a word.
  private func chat(_ client: PodStream, _ room: PodStream, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try room.send(Self.switched)
    #expect(try head(client).hasPrefix("HTTP/1.1 101"), sourceLocation: sourceLocation)
    try room.send("hi")
    #expect(try client.receive(exactly: 2) == "hi", sourceLocation: sourceLocation)
    try client.send("ho")
    #expect(try room.receive(exactly: 2) == "ho", sourceLocation: sourceLocation)
  }

  /// How a server tells what reached it.
  private static func tellAsked(_ request: ScriptedServer.Request) -> ScriptedServer.Reply {
    .ok("\(request.head.startLine)|\(request.body.utf8.count)")
  }

  @Test("an Envoy asks our proxy: requests and bodies, WebSockets, and connections by CONNECT with half-close")
  func envoyAsClient() throws {
    let mesh = try MeshScene()
    let web = try mesh.web(Self.tellAsked)
    let mail = try PodListener(in: mesh.scene.pods.server, on: SocketAddress(mesh.scene.pods.serverEnd.v4, port: 0))
    let files = try mesh.files(of: mesh.scene.pods.client)
    let envoy = try EnvoyPeer(
      in: mesh.scene.pods.client,
      EnvoyPeer.client(of: mesh.transport, for: mail.address, files: files.path, peer: MeshScene.web)
    )
    let host = "Host: web:\(web.address.port)"
    let body = try files.write("body", String(repeating: "u", count: 1_000_000))
    #expect(try mesh.scene.get("http://127.0.0.1:10000/a?b=c", "-H", host) == "GET /a?b=c HTTP/1.1|0 200")
    #expect(
      try mesh.scene.get("http://127.0.0.1:10000/up", "-H", host, "--data-binary", "@\(body)")
        == "POST /up HTTP/1.1|1000000 200",
      "\(envoy.program.error.text.suffix(2_000))"
    )
    #expect(try mesh.scene.get("http://127.0.0.1:10000/head", "-H", host, "-I", "-o", "/dev/null") == " 200")
    let record = try mesh.scene.server.record("of the peer") { $0["EVENT"] == "peer-connected" }
    #expect(record["PEER_IDENTITY"] == MeshScene.shop && record["TLS_VERSION"] == "TLSv1.3")

    let client = try PodStream.connect(
      from: mesh.scene.pods.client,
      to: SocketAddress(IPAddress(v4: 0x7f00_0001), port: 10001)
    )
    // Envoy asks for the tunnel when its client says something.
    try client.send("EHLO shop\r\n")
    let connection = GreetedConnection(client: client, server: try mail.accept())
    #expect(try connection.server.receive(exactly: 11) == "EHLO shop\r\n")
    try connection.greet()
    try connection.quit()

    let visitor = try PodStream.connect(
      from: mesh.scene.pods.client,
      to: SocketAddress(IPAddress(v4: 0x7f00_0001), port: 10000)
    )
    try visitor.send(Self.upgrade("chat:\(mail.address.port)"))
    let room = try mail.accept()
    let asked = try head(room)
    #expect(asked.hasPrefix("GET /chat HTTP/1.1\r\n") && asked.lowercased().contains("upgrade: websocket"), "\(asked)")
    try chat(visitor, room)
  }

  @Test("our proxy asks an Envoy: requests and bodies, WebSockets, and connections by CONNECT with half-close")
  func envoyAsServer() throws {
    let mesh = try MeshScene()
    let web = try mesh.web(Self.tellAsked)
    let url = "http://\(try mesh.scene.address(of: "web"))"
    // Known as meshed by its own proxy, whose place Envoy takes.
    #expect(try mesh.scene.get("\(url)/first") == "GET /first HTTP/1.1|0 200")
    let files = try mesh.files(of: mesh.scene.pods.server)
    try mesh.endServerProxy()
    var envoy = try EnvoyPeer(
      in: mesh.scene.pods.server,
      EnvoyPeer.server(of: web.address, files: files.path, peer: MeshScene.shop)
    )
    let first = try mesh.scene.answer("\(url)/a?b=c", becomes: "GET /a?b=c HTTP/1.1|0 200")
    #expect(first == "GET /a?b=c HTTP/1.1|0 200", "\(envoy.program.error.text.suffix(2_000))")
    let body = try files.write("body", String(repeating: "u", count: 1_000_000))
    #expect(try mesh.scene.get("\(url)/up", "--data-binary", "@\(body)") == "POST /up HTTP/1.1|1000000 200")
    #expect(
      try mesh.scene.get("\(url)/chunks", "-T", body, "-H", "Transfer-Encoding: chunked")
        == "PUT /chunks HTTP/1.1|1000000 200"
    )
    #expect(try mesh.scene.get("\(url)/head", "-I", "-o", "/dev/null") == " 200")
    let ours = mesh.scene.client.records.last { $0["EVENT"] == "peer-connected" }
    #expect(ours?["PEER_IDENTITY"] == MeshScene.web)
    #expect(
      web.requests.allSatisfy { $0.head.values("x-envoy-internal").isEmpty && $0.head.values("upgrade").isEmpty }
    )

    // The same Envoy for another program, behind the same service.
    let listener = try PodListener(in: mesh.scene.pods.server, on: SocketAddress(mesh.scene.pods.serverEnd.v4, port: 0))
    envoy.program.kill()
    _ = try envoy.program.waitForExit()
    envoy = try EnvoyPeer(
      in: mesh.scene.pods.server,
      EnvoyPeer.server(of: listener.address, files: files.path, peer: MeshScene.shop)
    )
    let service = SocketAddress(try #require(IPAddress(try mesh.scene.address(of: "web"))), port: web.address.port)
    // The first tries may still meet the connection to the Envoy before.
    let connection = try eventually("a connection through Envoy") {
      let client = try PodStream.connect(from: mesh.scene.pods.client, to: service)
      return (try? listener.accept(within: .seconds(2))).map { GreetedConnection(client: client, server: $0) }
    }
    try connection.greet()
    try connection.quit()

    let visitor = try PodStream.connect(from: mesh.scene.pods.client, to: service)
    try visitor.send(Self.upgrade("web"))
    // The connection that was asked for before it was known that requests come is given up; Envoy may keep what it had made for
    // it, and nothing is said there.
    var rooms: [PodStream] = []
    let room = try eventually("the WebSocket") { () throws -> PodStream? in
      if let next = try? listener.accept(within: .milliseconds(100)) { rooms.append(next) }
      for (index, next) in rooms.enumerated() where next.isReadable {
        rooms.remove(at: index)
        guard let asked = try? head(next) else { return nil }
        #expect(asked.hasPrefix("GET /chat HTTP/1.1\r\n"), "\(asked)")
        return next
      }
      return nil
    }
    try chat(visitor, room)
  }

  @Test("curl with a certificate of the mesh is served by our proxy like any peer, and known by its name")
  func curl() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { .ok("\($0.head.startLine)|\($0.body)") }
    let files = try mesh.files(of: mesh.scene.pods.client)
    func ask(_ arguments: String...) throws -> Outcome {
      try Command(
        "curl",
        [
          // Identities are URIs, which curl does not compare with the host's name.
          "-sSk", "--http2", "--max-time", "20", "--cert", files.file("svid.pem"), "--key", files.file("svid_key.pem"),
          "-H", "Host: web:\(web.address.port)", "-w", " %{http_code} %{http_version}",
        ] + arguments
      ).with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).run()
    }
    #expect(try ask("https://\(mesh.transport)/a").output == "GET /a HTTP/1.1| 200 2")
    #expect(try ask("https://\(mesh.transport)/b", "-d", "hello").output == "POST /b HTTP/1.1|hello 200 2")
    let record = try mesh.scene.server.record("of the peer") { $0["EVENT"] == "peer-connected" }
    #expect(record["PEER_IDENTITY"] == MeshScene.shop)
    let old = try ask("https://\(mesh.transport)/c", "--tlsv1.2", "--tls-max", "1.2")
    #expect(old.code != 0 && old.error.contains("protocol version"), "\(old)")
    let one = try ask("https://\(mesh.transport)/d", "--http1.1")
    #expect(one.code != 0, "without HTTP/2 there is nothing to say: \(one)")
  }

  @Test("OpenSSL's s_client and s_server verify our chains, and ours theirs, at either end")
  func openssl() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "hello 200")
    func arguments(_ files: TemporaryDirectory) throws -> [String] {
      try MeshScene.shown(files) + [
        "-CAfile", files.file("svid_bundle.pem"), "-no-CApath", "-no-CAstore", "-x509_strict", "-verify_return_error",
        "-alpn", "h2",
      ]
    }
    let theirs = try mesh.files(of: mesh.scene.pods.client)
    let known = mesh.handshakes
    let said = try Command("openssl", ["s_client", "-connect", "\(mesh.transport)"] + arguments(theirs))
      .with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).run()
    #expect(said.output.contains("Verify return code: 0 (ok)") || said.output.contains("Verification: OK"), "\(said)")
    #expect(said.output.contains("ALPN protocol: h2") && said.output.contains("TLSv1.3"), "\(said)")
    _ = try eventually("s_client is known") { mesh.handshakes > known ? true : nil }
    let last = mesh.scene.server.records.last { $0["EVENT"] == "peer-connected" }
    #expect(last?["PEER_IDENTITY"] == MeshScene.shop)

    let ours = try mesh.files(of: mesh.scene.pods.server)
    try mesh.endServerProxy()
    let server = try Command(
      // What it says is to be read while it runs.
      "stdbuf",
      ["-o0", "openssl", "s_server", "-accept", "0.0.0.0:15008", "-Verify", "4"] + arguments(ours)
    )
    .with(\.pod, mesh.scene.pods.server).with(\.keepsInputOpen, true).start()
    try server.output.await("ACCEPT")
    let before = mesh.scene.client.records.count
    let asking = try Command("curl", ["-sS", "--max-time", "20", url]).with(\.pod, mesh.scene.pods.client).start()
    try server.output.await("ALPN protocols selected: h2")
    #expect(!server.error.text.contains("verify error"), "\(server.error.text)")
    try mesh.scene.client.record("of s_server", after: before) {
      $0["EVENT"] == "peer-connected" && $0["PEER_IDENTITY"] == MeshScene.web
    }
    withExtendedLifetime((asking, web, theirs, ours)) {}
  }
}
