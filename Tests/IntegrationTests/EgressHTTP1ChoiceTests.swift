import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("HTTP/2 that a DestinationRule's TLS leads to servers of HTTP/1.1 alone")
struct EgressHTTP1ChoiceTests {
  private let outside: EgressHTTP2Scene
  private var host: String { outside.host }

  init() throws { outside = try EgressHTTP2Scene() }

  private func proxy(_ tls: String, protocol name: String = "HTTP") throws -> RequestScene {
    try RequestScene.outbound(in: outside.pods, outside.documents(tls, protocol: name))
  }

  @Test("is said in HTTP/1.1, over connections that are kept, and the server is asked once", arguments: ["HTTP", ""])
  func remembered(name: String) throws {
    let server = try outside.server(answer: "$server_protocol $connection $connection_requests", http2: false)
    var documents = outside.documents(outside.simple(), protocol: name)
    if name.isEmpty { documents = documents.replacingOccurrences(of: "protocol: ,", with: "") }
    let scene = try RequestScene.outbound(in: outside.pods, documents, .init("--workers", "1"))
    // The first connection showed what the server speaks.
    for count in 1...3 { #expect(try outside.get("http://\(host)/\(count)").output == "HTTP/1.1 2 \(count) 200\n") }
    #expect(try outside.get("http://\(host)/4", version: "--http1.1").output == "HTTP/1.1 2 4 200\n")
    let record = try scene.record(of: "/1")
    #expect(record["PROTOCOL"] == "http/2" && record["STATUS"] == "200" && record["RETRIES"] == nil, "\(record)")
    #expect(record["FLAGS"] == "-" && record["ENDPOINT"] == outside.endpoint.description, "\(record)")
    // By another name it may be another server.
    #expect(try outside.get("http://b.example.org/5").output == "HTTP/1.1 4 1 200\n")
    #expect(!scene.proxy.records.contains { $0["EVENT"] == "server-refused" })
    withExtendedLifetime(server) {}
  }

  @Test("goes to a server that chooses nothing as well")
  func nothingChosen() throws {
    let server = try outside.serve("http1_tls_server.py", "none")
    let scene = try proxy(outside.simple())
    #expect(try outside.get("http://\(host)/").output == "\(host) HTTP/1.1 200\n")
    try server.output.await("offered both\noffered http/1.1\nGET / 0\n")
    withExtendedLifetime(scene) {}
  }

  @Test("keeps bodies in both directions, trailers, interim answers and answers without a body")
  func messages() throws {
    let server = try outside.serve("http1_tls_server.py")
    let scene = try proxy(outside.simple(", sni: \(host)"))
    let files = try TemporaryDirectory()
    let text = (0..<400_000).map { "\($0)\n" }.joined()
    let numbers = try files.write("numbers", text)
    // Its body is on its way while the server is asked what it speaks; with a length, and without.
    for length in [[], ["-H", "Content-Length:"]] {
      let more = ["--data-binary", "@\(numbers)"] + length
      #expect(try outside.get("http://\(host)/echo", more: more).output == text + " 200\n")
    }
    let url = "http://\(host)"
    #expect(try outside.get("\(url)/nothing").output == " 204\n")
    #expect(try outside.get("\(url)/", more: ["--head"]).output.hasSuffix("\r\n\r\n 200\n"))
    let interim = try outside.get("\(url)/interim", more: ["-i"]).output
    #expect(interim.hasPrefix("HTTP/2 103") && interim.contains("\r\n\r\nHTTP/2 200"), "\(interim)")
    let told = try outside.pods.client.run("nghttp", "-nv", "-Hte: trailers", "http://\(outside.service)/trailers")
      .orThrow().output
    #expect(told.contains("x-last: yes") && told.contains(":status: 200"), "\(told)")
    #expect(server.output.text.components(separatedBy: "offered both").count == 2, "\(server.output.text)")
    withExtendedLifetime(scene) {}
  }

  @Test("goes through whole under load, with many streams at once from the first moment")
  func load() throws {
    let server = try outside.server(answer: "hello", http2: false)
    let scene = try proxy(outside.simple(", sni: \(host)"))
    let load = try outside.pods.client.run(
      "h2load",
      "-n",
      "3000",
      "-c",
      "4",
      "-m",
      "40",
      "http://\(outside.service)/"
    ).orThrow().output
    #expect(load.contains("3000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load)")
    withExtendedLifetime((server, scene)) {}
  }

  @Test("and to one of HTTP/2: requests of one connection go to both, each as its server speaks")
  func bothKinds() throws {
    let (web, other) = (outside.endpoint, SocketAddress(outside.endpoint.ip, port: 9444))
    let answer = "$ssl_server_name $server_protocol"
    let servers = [
      try outside.server(answer: answer, http2: false),
      try OutsideServer(in: outside.pods.server, on: other, try outside.certificate(), answer: answer, http2: true),
    ]
    let rules = """
      [{matches: [{path: {value: /other}}], backendRefs: [{name: other, port: 80}]},
       {backendRefs: [{name: web, port: 80}]}]
      """
    let scene = try RequestScene.outbound(
      in: outside.pods,
      Documents.service(at: outside.service, endpoints: [web]) + Documents.route(rules)
        + Documents.service("other", endpoints: [other])
        + Documents.destination("other", tls: outside.simple(", sni: b.example.org"))
        + Documents.destination("web", tls: outside.simple(", sni: \(host)"))
    )
    let url = "http://\(outside.service)"
    let answers = try outside.pods.client.run("nghttp", "\(url)/1", "\(url)/other/2", "\(url)/3", "\(url)/other/4")
      .orThrow().output
    #expect(answers.components(separatedBy: "\(host) HTTP/1.1").count == 3, "\(answers)")
    #expect(answers.components(separatedBy: "b.example.org HTTP/2.0").count == 3, "\(answers)")
    try scene.proxy.record("of their one connection") { $0["EVENT"] == "connection-closed" && $0["REQUESTS"] == "4" }
    withExtendedLifetime(servers) {}
  }

  @Test("is asked for anew once the server has failed, which may speak HTTP/2 then")
  func learns() throws {
    var server: OutsideServer? = try outside.server(answer: "$server_protocol", http2: false)
    let scene = try RequestScene.outbound(
      in: outside.pods,
      outside.documents(outside.simple(", sni: \(host)"), protocol: "HTTP"),
      .init("--workers", "1")
    )
    for _ in 0..<2 { #expect(try outside.get("http://\(host)/").output == "HTTP/1.1 200\n") }
    withExtendedLifetime(server) {}
    server = nil
    #expect(try outside.get("http://\(host)/gone").output.hasSuffix(" 503\n"))
    server = try outside.server(answer: "$server_protocol")
    try eventually("the endpoint is asked again") { try outside.get("http://\(host)/").output == "HTTP/2.0 200\n" }
    withExtendedLifetime((server, scene)) {}
  }

  @Test("is asked for anew when the files of its rule change")
  func otherFiles() throws {
    let server = try outside.serve("http1_tls_server.py")
    let own = try outside.authority.issue("client", "DNS:client.example")
    let files = "clientCertificate: \(own.chain), privateKey: \(own.key)"
    let tls = "{mode: MUTUAL, \(files), caCertificates: \(outside.authority.root), sni: \(host)}"
    let scene = try RequestScene.outbound(
      in: outside.pods,
      outside.documents(tls, protocol: "HTTP"),
      .init("--workers", "1")
    )
    func asked() -> Int { server.output.text.components(separatedBy: "offered both").count - 1 }
    for _ in 0..<2 { #expect(try outside.get("http://\(host)/").output.hasSuffix(" 200\n")) }
    #expect(asked() == 1)
    try outside.renew(own, scene)
    for _ in 0..<2 { #expect(try outside.get("http://\(host)/").output.hasSuffix(" 200\n")) }
    #expect(asked() == 2)
  }

  @Test("where it is a call of gRPC fails as its client understands, and other requests beside it go on")
  func calls() throws {
    let server = try outside.serve("http1_tls_server.py")
    let scene = try proxy(outside.simple(", sni: \(host)"))
    #expect(try outside.get("http://\(host)/").output == "\(host) HTTP/1.1 200\n")
    let count = scene.proxy.records.count
    let client = try outside.start("grpc_client.py", "\(outside.service)", "code", "Unary")
    #expect(try client.outcome().orThrow().output.hasPrefix("UNAVAILABLE weft: connect-failed\n"))
    let record = try scene.record(of: "/test.Echo/Unary", after: count)
    #expect(record["REASON"] == "connect-failed" && record["ERRNO"] == "93", "\(record)")
    let note = try scene.proxy.record("of the refusal", after: count) { $0["EVENT"] == "server-refused" }
    #expect(note.message.contains("HTTP/2 by ALPN the server chose nothing"), "\(note)")
    #expect(try outside.get("http://\(host)/").output == "\(host) HTTP/1.1 200\n")
    withExtendedLifetime(server) {}
  }
}
