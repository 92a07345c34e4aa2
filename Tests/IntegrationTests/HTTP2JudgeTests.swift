import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("What is judged and bounded of programs that speak HTTP/2")
struct HTTP2JudgeTests {
  @Test("each request of one connection finds its own rule, endpoint and answer, as requests of HTTP/1.1 do")
  func routes() throws {
    let pods = try TwoPods()
    let server = SocketAddress(pods.serverEnd.v4, port: 8080)
    let route = """
      ---
      {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: web},
       spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [
        {matches: [{path: {type: PathPrefix, value: /fields}}], backendRefs: [{name: web, port: 80}],
         filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-routed, value: "yes"}]}}]},
        {matches: [{path: {value: /moved}}], filters: [{type: RequestRedirect, requestRedirect: {statusCode: 302}}]}]}}

      """
    let scene = try RequestScene.outbound(in: pods, Documents.web(server) + route)
    let program = try Self.serve(in: pods.server, at: server)
    let url = "http://\(RequestScene.virtual.ip)"
    let told = try pods.client.run("nghttp", "-v", "\(url)/fields", "\(url)/moved", "\(url)/none").orThrow().output
    #expect(told.contains("x-routed: yes"), "\(told)")
    for status in [200, 302, 404] { #expect(told.contains(":status: \(status)"), "\(told)") }
    let record = try scene.record(of: "/none")
    #expect(record["REASON"] == "no-route" && record["PROTOCOL"] == "http/2" && record["REQUEST_NUMBER"] == "3")
    let connection = try scene.proxy.record("of the connection") { $0["EVENT"] == "connection-closed" }
    #expect(connection["CONNECTION_ID"] == record["CONNECTION_ID"] && connection["REQUESTS"] == "3", "\(connection)")
    withExtendedLifetime(program) {}
  }

  @Test(
    "policies judge each request of a connection that comes to the pod, also where the server says its settings first"
  )
  func policies() throws {
    let pods = try TwoPods()
    let server = SocketAddress(pods.serverEnd.v4, port: 8080)
    let policy = Documents.authorization("reads", "ALLOW", rules: "[{to: [{operation: {paths: [/fields]}}]}]")
    let scene = try RequestScene.inbound(in: pods, Documents.web(server) + policy)
    let program = try Self.serve(in: pods.server, at: server)
    let url = "http://\(server)"
    let told = try pods.client.run("nghttp", "-nv", "\(url)/fields", "\(url)/only").orThrow().output
    for status in [200, 403] { #expect(told.contains(":status: \(status)"), "\(told)") }
    let denied = try scene.record(of: "/only")
    #expect(denied["EVENT"] == "request-denied" && denied["POLICY"]?.contains("reads") == true, "\(denied)")
    withExtendedLifetime(program) {}
  }

  @Test(
    "a server that documents say speaks HTTP/2 is spoken to so, whatever its clients speak",
    arguments: ["h2c", "grpc"]
  )
  func declared(portName: String) throws {
    let pods = try TwoPods()
    let server = SocketAddress(pods.serverEnd.v4, port: 8080)
    let service = Documents.service(at: RequestScene.virtual, portName: portName, endpoints: [server])
    let scene = try RequestScene.outbound(in: pods, service)
    let program = try Self.serve(in: pods.server, at: server)
    func curl(_ arguments: String...) throws -> String {
      try pods.client.command("curl", "-sS", "--max-time", "20").adding(arguments).run().orThrow().output
    }
    let url = "http://\(RequestScene.virtual.ip)"
    let fields = try curl("--http1.1", "\(url)/fields", "\(url)/fields?2")
    #expect(fields.contains(":path: /fields\n") && fields.contains(":path: /fields?2\n"), "\(fields)")
    #expect(
      try curl("--http1.1", "-d", "hello", "-w", " %{http_version} %{http_code}", "\(url)/echo") == "hello 1.1 200"
    )
    #expect(try curl("--http1.0", "-d", "hello", "\(url)/echo") == "hello")
    #expect(try curl("--http2-prior-knowledge", "-d", "hello", "\(url)/echo") == "hello")
    #expect(try curl("--http1.1", "-I", "\(url)/head").lowercased().contains("content-length: 12345"))
    #expect(scene.proxy.records.filter { $0["EVENT"] == "request-failed" }.isEmpty)
    withExtendedLifetime(program) {}
  }

  @Test("TLS of a program's own passes untouched, whatever is spoken in it")
  func ownTLS() throws {
    let scene = try HTTP2Scene(.twoProxies)
    let files = try TemporaryDirectory()
    try files.write("small", "hello")
    try Command(
      "openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=web", "-keyout", files.file("key"), "-out",
        files.file("certificate"),
      ]
    ).run().orThrow()
    let server = try scene.server.start(
      "nghttpd",
      "-a",
      "\(scene.address.ip)",
      "-d",
      files.path,
      "\(scene.address.port)",
      files.file("key"),
      files.file("certificate")
    )
    try server.waitForListener(scene.address.port)
    let told = try scene.client.run(
      "curl",
      "-sSk",
      "--max-time",
      "20",
      "--http2",
      "-w",
      " %{http_version}",
      "https://\(scene.service)/small"
    ).orThrow().output
    #expect(told == "hello 2")
    let record = try scene.near.record("of the connection") { $0["EVENT"] == "connection-closed" }
    #expect(record["PROTOCOL"] == "tls")
  }

  @Test("a proxy that drains lets streams end and takes no others", arguments: [HTTP2Way.oneProxy, .mesh])
  func draining(way: HTTP2Way) throws {
    let scene = try HTTP2Scene(way)
    let server = try scene.serve("grpc_server.py")
    let client = try scene.start("grpc_client.py", scene.target, "linger")
    try eventually("the stream is open") { client.output.text.contains("open") }
    scene.near.program.signal(SIGTERM)
    try eventually("it drains") { scene.near.records.contains { $0.message.contains("draining") } }
    try client.write("now\n")
    #expect(try client.outcome().orThrow().output == "open\nall right\n")
    #expect(try scene.near.program.waitForExit() == 0)
    withExtendedLifetime(server) {}
  }

  @Test("what is no HTTP/2 behind its preface is told so and ends, and so does a header list that never does")
  func faults() throws {
    let scene = try HTTP2Scene(.oneProxy)
    let server = try scene.serve("h2_server.py")
    let stream = try PodStream.connect(from: scene.client, to: scene.service)
    try stream.send(HTTP2Frame.preface + HTTP2Frame(HTTP2Frame.settings).bytes)
    try stream.send(HTTP2Frame(HTTP2Frame.data, stream: 1, [1, 2, 3]).bytes)
    var heard: [UInt8] = []
    while case let part = try stream.receive(), !part.isEmpty { heard += part }
    let frames = HTTP2Frame.all(in: heard)
    #expect(frames.contains { $0.type == HTTP2Frame.goAway }, "\(frames)")
    let record = try scene.near.record("of the fault") { $0["REASON"] == "protocol-error" }
    #expect(record["PROTOCOL"] == "http/2" && record["DETAIL"] != nil, "\(record)")

    let slow = try PodStream.connect(from: scene.client, to: scene.service)
    try slow.send(HTTP2Frame.preface + HTTP2Frame(HTTP2Frame.settings).bytes)
    try slow.send(HTTP2Frame(HTTP2Frame.headers, stream: 1, HTTP2Frame.literals([(":method", "GET")])).bytes)
    let ended = try scene.near.record("of the slow head") { $0["REASON"] == "idle-timeout" }
    #expect(ended["PROTOCOL"] == "http/2")
    withExtendedLifetime(server) {}
  }

  /// A server whose answers depend on the path.
  private static func serve(in pod: Pod, at address: SocketAddress) throws -> RunningProgram {
    try pod.start(ProgramsScene.python, ProgramsScene.program("h2_server.py"), "\(address.ip)", "\(address.port)")
      .waitForListener(address.port)
  }
}
