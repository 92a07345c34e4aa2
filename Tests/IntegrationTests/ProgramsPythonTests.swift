import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Python programs through two proxies")
struct ProgramsPythonTests {
  @Test("requests: a session, streams up and down, forms, cookies and an answer given up half way")
  func requests() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    #expect(try scene.call("requests_client.py", scene.url).orThrow().output == "all right\n")
    withExtendedLifetime(server) {}
  }

  @Test("aiohttp: hundreds of requests at once, forms, Expect and compressed bodies")
  func aiohttp() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    #expect(try scene.call("aiohttp_client.py", scene.url).orThrow().output == "all right\n")
    #expect(scene.complaints.isEmpty)
    withExtendedLifetime(server) {}
  }

  @Test("http.server, in HTTP/1.0 and in HTTP/1.1, gives files and lists to curl", arguments: ["HTTP/1.0", "HTTP/1.1"])
  func httpServer(version: String) throws {
    let scene = try ProgramsScene()
    let directory = try TemporaryDirectory()
    let text = (0..<100_000).map { "\($0)\n" }.joined()
    try directory.write("numbers.txt", text)
    let server = try scene.pods.server.start(
      ProgramsScene.python,
      "-m",
      "http.server",
      "--protocol",
      version,
      "--directory",
      directory.path,
      "\(scene.address.port)"
    )
    try server.waitForListener(scene.address.port)
    let urls = (1...5).map { "\(scene.url)/numbers.txt?\($0)" }
    #expect(try scene.curl(urls).orThrow().output == String(repeating: text, count: 5))
    #expect(try scene.curl([scene.url]).orThrow().output.contains("numbers.txt"))
    #expect(try scene.curl(["-f", "\(scene.url)/missing"]).code == 22)
    #expect(scene.complaints.isEmpty)
  }

  @Test("a program's server learns who asked from X-Forwarded-For, and never what a client made up")
  func forwardedClient() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    let text = try scene.curl(["-H", "X-Forwarded-For: 198.51.100.7", "\(scene.url)/headers"]).orThrow().output
    let fields = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    #expect(fields["x-forwarded-for"] == "\(scene.pods.clientEnd.v4)")
    #expect(fields["host"] == scene.address.description)
    #expect(fields["traceparent"] != nil)
    withExtendedLifetime(server) {}
  }
}
