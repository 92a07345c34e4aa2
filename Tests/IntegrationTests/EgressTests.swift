import MeshModel
import Testing
import WeftTestKit

/// Programs that speak TLS themselves: where they get by the name that they ask for.
@Suite("A TLS client that names")
struct EgressTests {
  private let pods: TwoPods
  private let authority: OutsideAuthority
  private let host = "api.example.com"
  /// Where programs think that everybody is, and where the endpoint of the service really is.
  private let original: SocketAddress
  private let endpoint: SocketAddress
  private let servers: [OutsideServer]

  init() throws {
    pods = try TwoPods()
    authority = try OutsideAuthority()
    original = SocketAddress(pods.serverEnd.v4, port: 443)
    endpoint = SocketAddress(pods.serverEnd.v4, port: 9443)
    let certificate = try authority.issue("server", "DNS:api.example.com,DNS:*.example.org,DNS:web.default.mesh")
    servers = [
      try OutsideServer(in: pods.server, on: original, certificate, answer: "original"),
      try OutsideServer(in: pods.server, on: endpoint, certificate, answer: "endpoint $ssl_server_name"),
    ]
  }

  private var entry: String { entry("{address: \(endpoint.ip)}") }

  private func entry(_ endpoints: String, port: Int = 443) -> String {
    Documents.outside(
      "api",
      "\(host), '*.example.org'",
      ports: "{number: \(port), name: tls, protocol: TLS, targetPort: 9443}",
      endpoints: endpoints
    )
  }

  /// What curl gets for `name` where that resolves to the original address, or another.
  private func get(_ name: String, port: Int = 443, at address: IPAddress? = nil) throws -> Outcome {
    let address = address ?? original.ip
    return try pods.client.run(
      "curl",
      "-s",
      "--max-time",
      "15",
      "--cacert",
      authority.root,
      "--resolve",
      "\(name):\(port):\(address)",
      "https://\(name):\(port)/"
    )
  }

  @Test(
    "a ServiceEntry's host gets to its endpoint, whole or by *, and its bytes are untouched: the certificate is the server's"
  )
  func named() throws {
    let scene = try RequestScene.outbound(in: pods, entry)
    #expect(try get(host).output == "endpoint \(host)")
    #expect(try get("a.example.org").output == "endpoint a.example.org")
    let record = try scene.proxy.record("of the first") { $0["SNI"] == host && $0["EVENT"] == "connection-closed" }
    #expect(record["SERVICE"] == "default/api:443" && record["ENDPOINT"] == endpoint.description, "\(record)")
    #expect(record["ORIGINAL_DESTINATION"] == original.description && record["PROTOCOL"] == "tls", "\(record)")
  }

  @Test("a name of the mesh gets to the service")
  func meshed() throws {
    let service = """
      ---
      {apiVersion: v1, kind: Service, metadata: {name: web},
       spec: {clusterIP: None, ports: [{name: any, port: 443}]}}
      ---
      {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
       metadata: {name: web-0, labels: {kubernetes.io/service-name: web}}, addressType: IPv4,
       endpoints: [{addresses: ["\(endpoint.ip)"]}], ports: [{name: any, port: 9443}]}

      """
    let scene = try RequestScene.outbound(in: pods, service)
    #expect(try get("web.default.mesh").output == "endpoint web.default.mesh")
    try scene.proxy.record("of it") { $0["SERVICE"] == "default/web:443" }
  }

  @Test("nobody, or nobody whom the mesh knows, gets to where it meant to")
  func unknown() throws {
    let scene = try RequestScene.outbound(in: pods, entry)
    // The certificate has no such name, so that it is not looked at.
    for url in ["https://other.example/", "https://\(original.ip)/"] {
      let outcome = try pods.client.run("curl", "-sk", "--resolve", "other.example:443:\(original.ip)", url)
      #expect(outcome.output == "original", "\(outcome)")
    }
    let record = try scene.proxy.record("of the named one") { $0["SNI"] == "other.example" }
    #expect(record["SERVICE"] == nil && record["UPSTREAM"] == original.description, "\(record)")
  }

  @Test("whom a registry-only mesh does not know is refused; who names nobody is judged by where it goes, as ever")
  func registryOnly() throws {
    let scene = try RequestScene.outbound(in: pods, entry + Documents.registryOnly)
    #expect(try get(host).output == "endpoint \(host)")
    let refused = try pods.client.run(
      "curl",
      "-sk",
      "--resolve",
      "other.example:443:\(original.ip)",
      "https://other.example/"
    )
    #expect(!refused.succeeded && refused.output.isEmpty, "\(refused)")
    let record = try scene.proxy.record("of the refused one") { $0["SNI"] == "other.example" }
    #expect(record["REASON"] == "unknown-name" && record["FLAGS"] == "NR", "\(record)")
    #expect(record["EVENT"] == "connection-denied", "\(record)")
    #expect(try pods.client.run("curl", "-sk", "https://\(original.ip)/").output == "original")
  }

  @Test(
    "a service gets there though nobody answers where it meant to go, whether that is silent or refuses; so do requests"
  )
  func unreachable() throws {
    let plain = try WebServer(in: pods.server, on: endpoint.ip, port: 9080, answer: "plain")
    let web = Documents.outside(
      "plain",
      "plain.example.com",
      ports: "{number: 81, name: http, protocol: HTTP, targetPort: 9080}",
      endpoints: "{address: \(endpoint.ip)}"
    )
    let scene = try RequestScene.outbound(in: pods, entry("{address: \(endpoint.ip)}", port: 444) + web)
    // Nobody listens on these ports of the server.
    #expect(try get(host, port: 444).output == "endpoint \(host)")
    let request = ["-s", "--resolve", "plain.example.com:81:\(original.ip)", "http://plain.example.com:81/"]
    let outcome = try Command("curl", request).with(\.pod, pods.client).run()
    #expect(outcome.output == "plain", "\(outcome)")
    // And nobody has this address.
    #expect(try get(host, port: 444, at: IPAddress(v4: 0x0a60_0063)).output == "endpoint \(host)")
    // Who names nobody learns that nobody is there.
    #expect(try pods.client.run("curl", "-sk", "--max-time", "15", "https://\(original.ip):444/").code != 0)
    withExtendedLifetime((plain, scene)) {}
  }

  @Test("a service with a dead endpoint gets to another one, each of twenty times")
  func retried() throws {
    let scene = try RequestScene.outbound(in: pods, entry("{address: \(endpoint.ip)}, {address: \(pods.clientEnd.v4)}"))
    for _ in 0..<20 { #expect(try get(host).output == "endpoint \(host)") }
    withExtendedLifetime(scene) {}
  }

  // MARK: Hellos of all kinds, to an endpoint that says back what it gets

  private func echoes(_ pieces: [[UInt8]], _ more: String = "", at port: UInt16 = 445) throws -> Outcomes {
    let named = try EchoServer(in: pods.server, on: endpoint.ip)
    let other = try EchoServer(in: pods.server, on: endpoint.ip, port: port)
    let entry = Documents.outside(
      "echo",
      host,
      ports: "{number: \(port), name: tls, protocol: TLS, targetPort: \(named.address.port)}",
      endpoints: "{address: \(named.address.ip)}"
    )
    let scene = try RequestScene.outbound(in: pods, entry + more)
    let client = try scene.scene.dial(other.address)
    let bytes = Array(pieces.joined())
    var echoed: String?
    do {
      for (index, piece) in pieces.enumerated() {
        try client.send(piece)
        // The proxy has read them once it says so.
        if index < pieces.count - 1 {
          let count = pieces[...index].joined().count
          try eventually("\(count) bytes to be read") {
            try scene.proxy.admin("/v1/connections").contains("\"bytesReceived\":\(count)")
          }
        }
      }
      echoed = try client.receive(exactly: bytes.count)
    } catch is SocketFailure {
      echoed = nil
    }
    client.close()
    let record = try scene.scene.record(to: other.address)
    return Outcomes(isWhole: echoed.map { Array($0.utf8).count > 0 } ?? false, record: record)
  }

  private struct Outcomes {
    /// All that was said came back.
    let isWhole: Bool
    let record: LogRecord
  }

  @Test("a service in a hello that comes in pieces is waited for")
  func pieces() throws {
    let hello = ProxyDetectionTests.clientHello(name: host)
    let cuts = [0, 7, 30, 60, hello.count]
    let outcome = try echoes(zip(cuts, cuts.dropFirst()).map { Array(hello[$0..<$1]) })
    #expect(outcome.isWhole && outcome.record["SERVICE"] == "default/echo:445", "\(outcome.record)")
  }

  @Test("a service in a hello over several records is found")
  func records() throws {
    let message = Array(ProxyDetectionTests.clientHello(name: host).dropFirst(5))
    let records = stride(from: 0, to: message.count, by: 20).flatMap { start -> [UInt8] in
      let part = message[start..<min(start + 20, message.count)]
      return [0x16, 3, 1, 0, UInt8(part.count)] + part
    }
    let outcome = try echoes([records])
    #expect(outcome.isWhole && outcome.record["SERVICE"] == "default/echo:445", "\(outcome.record)")
  }

  @Test(
    "what nobody can read, for it is too long or broken, goes where it meant to, and in a registry-only mesh nowhere"
  )
  func unreadable() throws {
    let long: [UInt8] = [0x16, 3, 1, 0x40, 0, 1, 0, 0x80, 0] + [UInt8](repeating: 3, count: 500)
    var broken = ProxyDetectionTests.clientHello(name: host)
    broken[43] = 0xff  // a session ID that is longer than the message
    for (index, hello) in [long, broken].enumerated() {
      let port = UInt16(450 + 2 * index)
      let passed = try echoes([hello], at: port)
      #expect(passed.isWhole && passed.record["SERVICE"] == nil, "\(passed.record)")
      let refused = try echoes([hello], Documents.registryOnly, at: port + 1)
      #expect(!refused.isWhole && refused.record["REASON"] == "unknown-name", "\(refused.record)")
    }
  }
}

/// The same with an agent, where the service has a proxy.
@Suite("A TLS client that names a meshed service")
struct EgressMeshTests {
  @Test("gets there over the mesh's transport, though it dials an address that nobody has and no rule knew the name")
  func meshed() throws {
    let mesh = try MeshScene()
    let authority = try OutsideAuthority()
    let address = SocketAddress(mesh.scene.pods.serverEnd.v4, port: 9443)
    let server = try OutsideServer(
      in: mesh.scene.pods.server,
      on: address,
      try authority.issue("server", "DNS:secret.default.mesh"),
      answer: "inside $ssl_server_name"
    )
    try mesh.register("secret", port: address.port)
    let nowhere = IPAddress(v4: 0x0a60_0063)
    let name = "secret.default.mesh"
    let outcome = try mesh.scene.pods.client.run(
      "curl",
      "-s",
      "--max-time",
      "15",
      "--cacert",
      authority.root,
      "--resolve",
      "\(name):9443:\(nowhere)",
      "https://\(name):9443/"
    )
    #expect(outcome.output == "inside \(name)", "\(outcome)")
    let record = try mesh.scene.client.record("of it") { $0["SNI"] == name }
    #expect(record["SERVICE"] == "default/secret:9443" && record["UPSTREAM"] == "\(address)", "\(record)")
    #expect(mesh.handshakes == 1)
    withExtendedLifetime(server) {}
  }
}
