import MeshModel
import Testing
import WeftTestKit

@Suite("The proxy and its standard error")
struct ProxyStandardErrorTests {
  @Test("a reader of its log that has gone away does not end it")
  func readerGone() throws {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let directory = try TemporaryDirectory()
    let proxy = try Binaries.path("weft-proxy")
    // The shell's pipe has `true` as its reader, which is gone before the first line.
    let options = "--name p --workers 1 --log stderr --run-directory '\(directory.path)'"
    let script = "'\(proxy)' \(options) 2>&1 >/dev/null | true"
    let program = try pods.client.command("sh", "-c", script).start()
    try eventually("the proxy to serve") {
      try pods.client.run("curl", "-sS", "http://127.0.0.1:15021/ready").output.contains("ready")
    }
    for _ in 0..<3 {
      let client = try PodStream.connect(from: pods.client, to: server.address)
      try client.send("still here")
      #expect(try client.receive(exactly: 10) == "still here")
      client.close()
    }
    #expect(program.exitCode == nil)
    program.kill()
  }
}
