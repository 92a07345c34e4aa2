import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Copies of requests to servers in TLS that a DestinationRule asks for")
struct EgressHTTP2MirrorTests {
  private let outside: EgressHTTP2Scene

  init() throws { outside = try EgressHTTP2Scene() }

  /// The service `web`, which answers `first`, and `copy`, which gets a copy of all that is asked of it.
  private func scene(copyPort name: String) throws -> (RequestScene, first: RunningProgram, files: TemporaryDirectory) {
    let web = SocketAddress(outside.endpoint.ip, port: 9080)
    let files = try TemporaryDirectory()
    for path in ["one", "two", "three"] { try files.write(path, "first") }
    let first = try outside.pods.server.start(
      "nghttpd",
      "--no-tls",
      "-a",
      "\(web.ip)",
      "-d",
      files.path,
      "\(web.port)"
    )
    try first.waitForListener(web.port)
    let filter = "{type: RequestMirror, requestMirror: {backendRef: {name: copy, port: 80}}}"
    let scene = try RequestScene.outbound(
      in: outside.pods,
      Documents.service(at: outside.service, portName: "http2", endpoints: [web])
        + Documents.route("[{filters: [\(filter)], backendRefs: [{name: web, port: 80}]}]")
        + Documents.service("copy", portName: name, endpoints: [outside.endpoint])
        + Documents.destination("copy", tls: outside.simple(", sni: \(outside.host)"))
    )
    return (scene, first, files)
  }

  /// Sends three requests, the last with a body.
  private func ask(_ version: String) throws {
    let url = "http://\(outside.service)"
    for path in ["one", "two"] { #expect(try outside.get("\(url)/\(path)", version: version).output == "first 200\n") }
    #expect(try outside.get("\(url)/three", more: ["--data", "body"], version: version).output == "first 200\n")
  }

  @Test(
    "go to a server of HTTP/2 by HTTP/2, with their bodies: those of clients that speak it, and all on a port declared so",
    arguments: [("http", "--http2-prior-knowledge"), ("http2", "--http2-prior-knowledge"), ("http2", "--http1.1")]
  )
  func http2(port: String, version: String) throws {
    let copy = try outside.serve("copy_server.py")
    let (scene, first, files) = try scene(copyPort: port)
    try ask(version)
    for path in ["GET /one 0", "GET /two 0", "POST /three 4"] { try copy.output.await("\(path)\n") }
    #expect(copy.output.text.components(separatedBy: "connected").count == 2, "\(copy.output.text)")
    withExtendedLifetime((scene, first, files)) {}
  }

  @Test("go to a server of HTTP/1.1 alone by that, from the first on")
  func http1() throws {
    let copy = try outside.serve("http1_tls_server.py")
    let (scene, first, files) = try scene(copyPort: "http")
    try ask("--http2-prior-knowledge")
    for path in ["GET /one 0", "GET /two 0", "POST /three 4"] { try copy.output.await("\(path)\n") }
    withExtendedLifetime((scene, first, files)) {}
  }
}
