import Foundation
import MeshModel
import Testing
import WeftTestKit

/// TLS that the proxy begins, by a DestinationRule, with real servers.
@Suite("TLS that a DestinationRule asks for")
struct EgressOriginationTests: OriginatingPods {
  let pods: TwoPods
  let authority: OutsideAuthority

  init() throws {
    pods = try TwoPods()
    authority = try OutsideAuthority()
  }

  @Test("SIMPLE speaks TLS 1.3 to the endpoint, which is asked for by the request's host, and pools its connections")
  func simple() throws {
    let server = try server(answer: "$ssl_server_name $ssl_protocol $connection_requests")
    let scene = try RequestScene.outbound(in: pods, documents(simple()))
    let outcome = try get("http://\(host)/[1-3]")
    #expect(outcome.output == (1...3).map { "\(host) TLSv1.3 \($0) 200\n" }.joined(), "\(outcome)")
    // Another client of the proxy finds the connection there, and another name does not.
    #expect(try get("http://API.example.com:80/4").output == "\(host) TLSv1.3 4 200\n")
    #expect(try get("http://b.example.org/5").output == "b.example.org TLSv1.3 1 200\n")
    #expect(try get("http://\(host)/6").output == "\(host) TLSv1.3 5 200\n")
    let record = try scene.record(of: "/4")
    #expect(record["SERVICE"] == "default/api:80" && record["ENDPOINT"] == endpoint.description, "\(record)")
    withExtendedLifetime(server) {}
  }

  @Test("SIMPLE takes earlier sessions up again, of either version", arguments: ["TLSv1.2", "TLSv1.3"])
  func resumed(version: String) throws {
    let server = try server(answer: "$ssl_protocol $ssl_session_reused", versions: version)
    let scene = try RequestScene.outbound(in: pods, documents(simple()))
    // The server closes behind each answer.
    #expect(try get("http://\(host)/close").output == "\(version) . 200\n")
    for _ in 0..<3 { #expect(try get("http://\(host)/close").output == "\(version) r 200\n") }
    withExtendedLifetime((server, scene)) {}
  }

  @Test("SIMPLE moves large bodies both ways, whole")
  func bulk() throws {
    let certificate = try authority.issue("server", "DNS:api.example.com")
    let files = try TemporaryDirectory()
    let text = try files.write("text", (0..<400_000).map { "\($0)\n" }.joined())
    let script = try files.write("echo.py", Self.echoServer)
    let server = try pods.server.start(
      "python3",
      script,
      "\(endpoint.ip)",
      "\(endpoint.port)",
      certificate.chain,
      certificate.key
    )
    try server.waitForListener(endpoint.port)
    let scene = try RequestScene.outbound(in: pods, documents(simple()))
    let back = files.file("back")
    for chunked in [[], ["-H", "Transfer-Encoding: chunked"]] as [[String]] {
      let outcome = try get(
        "http://\(host)/",
        more: ["-H", "Expect:", "--data-binary", "@\(text)", "-o", back] + chunked
      )
      #expect(outcome.output == " 200\n", "\(outcome)")
      #expect(try Command("cmp", [text, back]).run().succeeded)
    }
    withExtendedLifetime((server, scene)) {}
  }

  /// Says back what it is sent, without a length: its end is the end of TLS.
  private static let echoServer = """
    import http.server, ssl, sys
    class Echo(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            if self.headers.get("Transfer-Encoding") == "chunked":
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size); self.rfile.readline()
                self.rfile.readline()
            else:
                body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200); self.end_headers(); self.wfile.write(body); self.wfile.flush()
            self.connection.unwrap()
        def log_message(self, *a): pass
    class Server(http.server.ThreadingHTTPServer):
        def get_request(self):
            s, a = self.socket.accept()
            return context.wrap_socket(s, server_side=True, do_handshake_on_connect=False), a
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain(sys.argv[3], sys.argv[4])
    Server((sys.argv[1], int(sys.argv[2])), Echo).serve_forever()

    """

  @Test("MUTUAL shows the certificate of its files, and the endpoint refuses others")
  func mutual() throws {
    let own = try authority.issue("client", "DNS:client.example")
    let server = try server(clients: authority.root)
    let files = "clientCertificate: \(own.chain), privateKey: \(own.key), caCertificates: \(authority.root)"
    let scene = try RequestScene.outbound(in: pods, documents("{mode: MUTUAL, \(files)}"))
    #expect(try get("http://\(host)/").output == "\(host) TLSv1.3 CN=client 200\n")
    // Without one, nginx answers 400 in HTTP.
    try scene.replace(documents(simple()))
    #expect(try get("http://\(host)/").output.hasSuffix(" 400\n"))
    withExtendedLifetime(server) {}
  }

  @Test("uses files that change without a restart, and goes on with those of before where they cannot be used")
  func reread() throws {
    let certificate = try authority.issue("server", "DNS:api.example.com")
    let server = try OutsideServer(
      in: pods.server,
      on: endpoint,
      certificate,
      answer: "$ssl_client_s_dn",
      clients: authority.root
    )
    var own = try authority.issue("client", "DNS:client.example")
    let files = try TemporaryDirectory()
    func install(_ pair: (chain: String, key: String)) throws {
      for (name, path) in [("own.key", pair.key), ("own.pem", pair.chain)] {
        try files.write(name, try String(contentsOfFile: path, encoding: .utf8))
      }
    }
    try install(own)
    let tls =
      "{mode: MUTUAL, clientCertificate: \(files.file("own.pem")), privateKey: \(files.file("own.key")), "
      + "caCertificates: \(authority.root)}"
    let scene = try RequestScene.outbound(in: pods, documents(tls))
    #expect(try get("http://\(host)/").output == "CN=client 200\n")
    var count = scene.proxy.records.count
    try files.write("own.key", "no key\n")
    let refused = try scene.proxy.record("of the broken file", after: count) { $0["EVENT"] == "tls-files-refused" }
    #expect(refused.message.contains("no private key in PEM"), "\(refused)")
    #expect(try scene.proxy.admin("/v1/status").contains("no private key in PEM"))
    #expect(try get("http://\(host)/").output == "CN=client 200\n")
    own = try authority.issue("second", "DNS:client.example")
    count = scene.proxy.records.count
    try install(own)
    try scene.proxy.record("of the new files", after: count) { $0["EVENT"] == "tls-files-read" }
    // All workers have taken up what came before they answer this.
    _ = try scene.proxy.admin("/v1/connections?limit=1")
    #expect(try get("http://\(host)/").output == "CN=second 200\n")
    withExtendedLifetime(server) {}
  }

  @Test("carries connections of any protocol, half-closed too, to an endpoint whose name the rule gives")
  func opaque() throws {
    let certificate = try authority.issue("server", "DNS:api.example.com")
    // Says back each line from its end: it speaks when it was spoken to.
    let server = try pods.server.start(
      "openssl",
      "s_server",
      "-accept",
      "\(endpoint)",
      "-cert",
      certificate.chain,
      "-key",
      certificate.key,
      "-rev",
      "-quiet"
    )
    try server.waitForListener(endpoint.port)
    let documents = Documents.outside(
      "api",
      "api.default.mesh",
      ports: "{number: 80, name: tcp, targetPort: \(endpoint.port)}",
      endpoints: "{address: \(endpoint.ip)}"
    )
    let scene = try RequestScene.outbound(
      in: pods,
      documents.replacingOccurrences(of: "resolution:", with: "addresses: [\(RequestScene.virtual.ip)], resolution:")
        + Documents.destination("api", tls: simple(", sni: \(host)"))
    )
    let client = try scene.scene.dial(RequestScene.virtual)
    try client.send("stressed\n")
    #expect(try client.receive(exactly: 9) == "desserts\n")
    client.finish()
    _ = try client.receiveToEnd()
    let record = try scene.scene.record(to: RequestScene.virtual)
    #expect(record["SERVICE"] == "default/api:80" && record["ENDPOINT"] == endpoint.description, "\(record)")
    withExtendedLifetime(server) {}
  }

  @Test("serves requests where nothing is said of the protocol, whether the rule names the server or the request does")
  func undeclared() throws {
    let server = try server(answer: "$ssl_server_name")
    func documents(_ tls: String) -> String {
      self.documents(tls, name: "any").replacingOccurrences(
        of: "resolution:",
        with: "addresses: [\(RequestScene.virtual.ip)], resolution:"
      )
    }
    let scene = try RequestScene.outbound(in: pods, documents(simple(", sni: a.example.org")))
    let url = "http://\(RequestScene.virtual.ip)/"
    let more = ["-H", "Host: \(host)"]
    #expect(try get(url, more: more).output == "a.example.org 200\n")
    try scene.replace(documents(simple()))
    #expect(try get(url, more: more).output == "\(host) 200\n")
    // Who speaks no HTTP has named nobody who could be verified.
    let client = try scene.scene.dial(RequestScene.virtual)
    try client.send([0, 1, 2, 3])
    #expect(endsInReset(client))
    withExtendedLifetime(server) {}
  }

  @Test("is not taken up by endpoints of another service at the same address, nor by one that says DISABLE")
  func apart() throws {
    let server = try server(answer: "$ssl_protocol")
    let plain = Documents.outside(
      "plain",
      "plain.example.com",
      ports: "{number: 80, name: http, targetPort: \(endpoint.port)}",
      endpoints: "{address: \(endpoint.ip)}"
    )
    let scene = try RequestScene.outbound(in: pods, documents(simple()) + plain)
    #expect(try get("http://\(host)/").output == "TLSv1.3 200\n")
    // nginx answers so who speaks no TLS where it does.
    #expect(try get("http://plain.example.com/").output.hasSuffix(" 400\n"))
    try scene.replace(documents("{mode: DISABLE}"))
    #expect(try get("http://\(host)/").output.hasSuffix(" 400\n"))
    try scene.replace(documents("{mode: ISTIO_MUTUAL}"))
    #expect(try get("http://\(host)/").output.hasSuffix(" 503\n"))
    withExtendedLifetime(server) {}
  }
}
