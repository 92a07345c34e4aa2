import MeshModel
import Testing
import WeftTestKit

@Suite("HTTP/2 in TLS that a DestinationRule asks for and that does not come about")
struct EgressHTTP2RefusalTests {
  private let outside: EgressHTTP2Scene
  private var host: String { outside.host }

  init() throws { outside = try EgressHTTP2Scene() }

  /// What becomes of a request, its record, and what the journal says of the server.
  private func refusal(in scene: RequestScene) throws -> (record: LogRecord, note: LogRecord) {
    let (count, path) = (scene.proxy.records.count, "/\(UInt32.random(in: 0 ... .max))")
    let outcome = try outside.get("http://\(host)\(path)")
    #expect(outcome.output.hasSuffix(" 503\n"), "\(outcome)")
    let record = try scene.record(of: path, after: count)
    #expect(record["REASON"] == "connect-failed" && record["FLAGS"]?.contains("UF") == true, "\(record)")
    return (record, try scene.proxy.record("of the refusal", after: count) { $0["EVENT"] == "server-refused" })
  }

  @Test("a certificate of another authority, or of another name, is refused, and a call is told so in its own form")
  func certificates() throws {
    let server = try outside.serve("grpc_server.py")
    let stranger = try OutsideAuthority("stranger")
    let tls = "{mode: SIMPLE, caCertificates: \(stranger.root)}"
    let scene = try RequestScene.outbound(in: outside.pods, outside.documents(tls, protocol: "GRPC"))
    var (record, note) = try refusal(in: scene)
    #expect(record["ERRNO"] == "129" && note["UPSTREAM"] == outside.endpoint.description, "\(record)")
    #expect(note.message.contains("leads to no authority that is trusted") && note["SNI"] == host, "\(note)")
    let call = try outside.get(
      "http://\(host)/test.Echo/Unary",
      more: ["-D", "-", "-X", "POST", "-H", "content-type: application/grpc"]
    ).output
    #expect(call.contains("grpc-status: 14\r\ngrpc-message: weft: connect-failed"), "\(call)")
    try scene.replace(outside.documents(outside.simple(", subjectAltNames: [other.example.com]"), protocol: "GRPC"))
    (record, note) = try refusal(in: scene)
    #expect(record["ERRNO"] == "129" && note.message.contains("has none of the names"), "\(note)")
    withExtendedLifetime(server) {}
  }

  @Test("a server that knows HTTP/1.1 alone says so, or says nothing, and either is told")
  func otherProtocols() throws {
    let scene = try RequestScene.outbound(in: outside.pods, outside.documents(outside.simple()))
    let nginx = try outside.server(answer: "", http2: false)
    let (record, note) = try refusal(in: scene)
    #expect(record["ERRNO"] == "93" && note.message.contains("no_application_protocol"), "\(record) \(note)")
    // Its port is spoken to as it is declared.
    try scene.replace(outside.documents(outside.simple(), protocol: "HTTP"))
    #expect(try outside.get("http://\(host)/", version: "--http1.1").output == " 200\n")
    withExtendedLifetime(nginx) {}
  }

  @Test("a server that chooses nothing is not spoken to")
  func nothingChosen() throws {
    let certificate = try outside.certificate()
    let arguments = ["-accept", "\(outside.endpoint)", "-cert", certificate.chain, "-key", certificate.key, "-www"]
    let server = try outside.pods.server.command("openssl", "s_server").adding(arguments).start()
    try server.waitForListener(outside.endpoint.port)
    let scene = try RequestScene.outbound(in: outside.pods, outside.documents(outside.simple()))
    let (record, note) = try refusal(in: scene)
    #expect(record["ERRNO"] == "93" && note.message.contains("the server chose nothing"), "\(record) \(note)")
    #expect(note["UPSTREAM"] == outside.endpoint.description && note["SNI"] == host, "\(note)")
  }

  @Test("a server that never answers has the connect timeout")
  func silent() throws {
    let listener = try PodListener(in: outside.pods.server, on: outside.endpoint)
    let options = ProxyUnderTest.Options("--connect-timeout", "1")
    let scene = try RequestScene.outbound(in: outside.pods, outside.documents(outside.simple()), options)
    #expect(try outside.get("http://\(host)/silent").output.hasSuffix(" 503\n"))
    let record = try scene.record(of: "/silent")
    #expect(record["REASON"] == "connect-failed" && record["ERRNO"] == "110", "\(record)")
    withExtendedLifetime(listener) {}
  }

  @Test("a server that stops within a record is left after half a minute, and its requests with it")
  func halfRecord() throws {
    let server = try outside.serve("half_record_server.py")
    let scene = try RequestScene.outbound(in: outside.pods, outside.documents(outside.simple()))
    let started = ContinuousClock.now
    let outcome = try outside.get("http://\(host)/half")
    #expect(outcome.output.hasSuffix(" 503\n") || outcome.output.hasSuffix(" 502\n"), "\(outcome)")
    #expect(ContinuousClock.now - started > .seconds(28))
    try server.output.await("left")
    withExtendedLifetime(scene) {}
  }
}
