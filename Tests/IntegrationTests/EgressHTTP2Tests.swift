import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("HTTP/2 in TLS that a DestinationRule asks for")
struct EgressHTTP2Tests {
  private let outside: EgressHTTP2Scene
  private var host: String { outside.host }

  init() throws { outside = try EgressHTTP2Scene() }

  private func proxy(_ tls: String, protocol name: String = "HTTP2") throws -> RequestScene {
    try RequestScene.outbound(in: outside.pods, outside.documents(tls, protocol: name))
  }

  @Test("gRPC of every kind goes through, call by call, and records and metrics say what each came to")
  func grpc() throws {
    let server = try outside.serve("grpc_server.py")
    let scene = try proxy(outside.simple(", sni: \(host)"), protocol: "GRPC")
    let client = try outside.start("grpc_client.py", "\(outside.service)", "all")
    #expect(try client.outcome(within: .seconds(90)).orThrow().output == "all right\n")
    let record = try scene.record(of: "/test.Echo/Fail")
    #expect(record["PROTOCOL"] == "http/2" && record["STATUS"] == "200", "\(record)")
    #expect(record["GRPC_STATUS"] == "9" && record["SERVICE"] == "default/web:80", "\(record)")
    #expect(record["ENDPOINT"] == outside.endpoint.description, "\(record)")
    let metrics = try scene.proxy.get("/metrics", port: 15020).output.split(separator: "\n")
    #expect(metrics.contains { $0.hasPrefix("response_total{") && $0.contains("grpc_status=\"9\"") })
    let edges = try scene.proxy.admin("/v1/edges")
    #expect(edges.contains("\(outside.endpoint.ip)") && edges.lowercased().contains("server"), "\(edges)")
    withExtendedLifetime(server) {}
  }

  @Test("what a gRPC client cancels is cancelled at the server, and nothing else on its connection")
  func cancellation() throws {
    let server = try outside.serve("grpc_server.py")
    let scene = try proxy(outside.simple(", sni: \(host)"), protocol: "GRPC")
    let client = try outside.start("grpc_client.py", "\(outside.service)", "cancel")
    try server.output.await("begun")
    #expect(try outside.connections() == 1)
    try client.write("now\n")
    #expect(try client.outcome().orThrow().output == "all right\n")
    try server.output.await("cancelled")
    #expect(try outside.connections() == 1)
    withExtendedLifetime(scene) {}
  }

  @Test("messages keep lengths, trailers, interim answers and codes of resets; what nobody looked at is asked again")
  func messages() throws {
    let server = try outside.serve("h2_server.py")
    let scene = try proxy(outside.simple())
    let service = outside.service
    let client = try outside.start("h2_client.py", "\(service.ip)", "\(service.port)", host)
    try eventually("the server has begun") { server.output.text.contains("begun") || client.exitCode != nil }
    if client.exitCode == nil { try client.write("now\n") }
    let outcome = try client.outcome(within: .seconds(60))
    #expect(outcome.output == "all right\n", "\(outcome)")
    try server.output.await("reset 8")
    // Who is asked in TLS is told so, whatever its client speaks.
    for version in ["--http2-prior-knowledge", "--http1.1"] {
      let fields = try outside.get("http://\(host)/fields", version: version).output
      #expect(fields.contains(":scheme: https\n"), "\(fields)")
    }
    withExtendedLifetime(scene) {}
  }

  @Test("nghttpd has what nghttp, h2load and curl ask for, bodies in both directions, many streams on few connections")
  func nghttpd() throws {
    let files = try TemporaryDirectory()
    let text = (0..<200_000).map { "\($0)\n" }.joined()
    let numbers = try files.write("numbers", text)
    try files.write("small", "hello")
    let certificate = try outside.certificate()
    let endpoint = outside.endpoint
    let server = try outside.pods.server.start(
      "nghttpd",
      "-a",
      "\(endpoint.ip)",
      "-d",
      files.path,
      "\(endpoint.port)",
      certificate.key,
      certificate.chain
    )
    try server.waitForListener(endpoint.port)
    let scene = try proxy(outside.simple(", sni: \(host)"))
    let client = outside.pods.client
    let url = "http://\(outside.service)"
    #expect(try outside.get("\(url)/small").output == "hello 200\n")
    #expect(try outside.get("\(url)/numbers").output == text + " 200\n")
    #expect(try outside.get("\(url)/small", more: ["--data-binary", "@\(numbers)"]).output == "hello 200\n")
    // Clients of HTTP/1.1 have it translated, there and back.
    #expect(try outside.get("\(url)/numbers", version: "--http1.1").output == text + " 200\n")
    let told = try client.run("nghttp", "-nvm", "3", "\(url)/small").orThrow().output
    #expect(told.components(separatedBy: ":status: 200").count == 4, "\(told)")
    #expect(try outside.connections() == 1)
    let load = try client.run("h2load", "-n", "3000", "-c", "3", "-m", "40", "\(url)/small").orThrow().output
    #expect(load.contains("3000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load)")
    let bulk = try client.command("h2load", "-n", "60", "-c", "2", "-m", "10", "-d", numbers, "\(url)/numbers")
      .run(within: .seconds(60)).orThrow().output
    #expect(bulk.contains("60 succeeded, 0 failed, 0 errored, 0 timeout"), "\(bulk)")
    // 120 streams at once, of which nghttpd takes 100 on a connection.
    #expect(try outside.connections() <= 2)
    withExtendedLifetime((server, scene)) {}
  }

  @Test("connections are shared by clients of either version, and by no two names", arguments: ["TLSv1.2", "TLSv1.3"])
  func pooled(version: String) throws {
    let answer = "$ssl_server_name $ssl_protocol $server_protocol $connection_requests"
    let server = try outside.server(answer: answer, versions: version)
    let scene = try proxy(outside.simple())
    func expected(_ name: String, _ count: Int) -> String { "\(name) \(version) HTTP/2.0 \(count) 200\n" }
    for count in 1...3 { #expect(try outside.get("http://\(host)/").output == expected(host, count)) }
    #expect(try outside.get("http://API.example.com/", version: "--http1.1").output == expected(host, 4))
    #expect(try outside.get("http://b.example.org/").output == expected("b.example.org", 1))
    #expect(try outside.get("http://\(host)/").output == expected(host, 5))
    #expect(try outside.connections() == 2)
    // Where the rule names the server, what the request names is none of its business.
    try scene.replace(outside.documents(outside.simple(", sni: c.example.org")))
    #expect(try outside.get("http://\(host)/").output == expected("c.example.org", 1))
    #expect(try outside.get("http://b.example.org/").output == expected("c.example.org", 2))
    withExtendedLifetime(server) {}
  }

  @Test("the client's version decides where documents say nothing else", arguments: ["HTTP", ""])
  func undeclared(name: String) throws {
    let server = try outside.server(answer: "$server_protocol")
    var documents = outside.documents(outside.simple(", sni: \(host)"), protocol: name)
    if name.isEmpty { documents = documents.replacingOccurrences(of: "protocol: ,", with: "") }
    let scene = try RequestScene.outbound(in: outside.pods, documents)
    for _ in 0..<2 {
      #expect(try outside.get("http://\(host)/").output == "HTTP/2.0 200\n")
      #expect(try outside.get("http://\(host)/", version: "--http1.1").output == "HTTP/1.1 200\n")
    }
    withExtendedLifetime((server, scene)) {}
  }

  @Test("requests of one connection go by their routes to two servers, each with a rule of its own")
  func routes() throws {
    let (web, other) = (outside.endpoint, SocketAddress(outside.endpoint.ip, port: 9444))
    let stranger = try OutsideAuthority("stranger")
    let servers = [
      try outside.server(answer: "$ssl_server_name"),
      try OutsideServer(
        in: outside.pods.server,
        on: other,
        try stranger.issue("other", "DNS:other.example.net"),
        answer: "$ssl_server_name",
        http2: true
      ),
    ]
    let rules = """
      [{matches: [{method: {service: b}}], backendRefs: [{name: other, port: 80}]},
       {backendRefs: [{name: web, port: 80}]}]
      """
    let tls = "{mode: SIMPLE, caCertificates: \(stranger.root), sni: other.example.net}"
    let scene = try RequestScene.outbound(
      in: outside.pods,
      Documents.service(at: outside.service, portName: "grpc", endpoints: [web]) + Documents.calls(rules)
        + Documents.service("other", portName: "grpc", endpoints: [other]) + Documents.destination("other", tls: tls)
        + Documents.destination("web", tls: outside.simple(", sni: \(host)"))
    )
    let url = "http://\(outside.service)"
    let answers = try outside.pods.client.run(
      "nghttp",
      "-H:method: POST",
      "-Hcontent-type: application/grpc",
      "\(url)/a/M",
      "\(url)/b/M"
    ).orThrow().output
    #expect(answers.contains(host) && answers.contains("other.example.net"), "\(answers)")
    #expect(try scene.record(of: "/a/M")["ENDPOINT"] == web.description)
    let record = try scene.record(of: "/b/M")
    #expect(record["ENDPOINT"] == other.description && record["ROUTE"] == "default/calls/rule0", "\(record)")
    try scene.proxy.record("of their one connection") { $0["EVENT"] == "connection-closed" && $0["REQUESTS"] == "2" }
    withExtendedLifetime(servers) {}
  }

  private func mutual(_ own: (chain: String, key: String)) -> String {
    let files = "clientCertificate: \(own.chain), privateKey: \(own.key)"
    return "{mode: MUTUAL, \(files), caCertificates: \(outside.authority.root), sni: \(host)}"
  }

  @Test("a call that is under way when the files change goes on, and its connection ends with it")
  func busy() throws {
    let server = try outside.serve("grpc_server.py")
    let own = try outside.authority.issue("client", "DNS:client.example")
    let scene = try proxy(mutual(own), protocol: "GRPC")
    let client = try outside.start("grpc_client.py", "\(outside.service)", "linger")
    try client.output.await("open")
    try outside.renew(own, scene)
    #expect(try outside.connections() == 1)
    try client.write("now\n")
    #expect(try client.outcome().orThrow().output == "open\nall right\n")
    try eventually("its connection has ended") { try outside.connections() == 0 }
    withExtendedLifetime(server) {}
  }

  @Test("MUTUAL shows the certificate of its files, and another as soon as they change, on a connection of its own")
  func reread() throws {
    let server = try outside.server(
      answer: "$ssl_client_s_dn $connection_requests",
      clients: outside.authority.root
    )
    let own = try outside.authority.issue("client", "DNS:client.example")
    let scene = try proxy(mutual(own))
    for count in 1...2 { #expect(try outside.get("http://\(host)/").output == "CN=client \(count) 200\n") }
    try outside.renew(own, scene)
    try eventually("the idle connection has ended") { try outside.connections() == 0 }
    #expect(try outside.get("http://\(host)/").output == "CN=second 1 200\n")
    withExtendedLifetime(server) {}
  }

  @Test("connections by names that clients choose are as many as are allowed, and the oldest make room")
  func names() throws {
    let server = try outside.server(answer: "$ssl_server_name")
    let scene = try proxy(outside.simple())
    let outcome = try outside.get("http://n[1-300].example.org/")
    #expect(outcome.output == (1...300).map { "n\($0).example.org 200\n" }.joined(), "\(outcome)")
    try eventually("as many connections as are allowed") { try outside.connections() == 256 }
    withExtendedLifetime((server, scene)) {}
  }
}
