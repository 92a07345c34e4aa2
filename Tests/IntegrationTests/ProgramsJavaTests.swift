import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Java programs through two proxies")
struct ProgramsJavaTests {
  /// A JDK, which compiles a program of one file itself. Debian's is a download of 72 MB and its Go one of 81, so neither is
  /// installed for this test alone.
  static let hasJava = FileManager.default.isExecutableFile(atPath: "/usr/bin/javac")

  @Test(
    "java.net.http: one after the other, fifty at once, uploads, Expect, an offer of HTTP/2, a WebSocket",
    .enabled(if: hasJava, "no JDK here: apt-get install default-jdk-headless, 72 MB, to run this"),
    .timeLimit(.minutes(2))
  )
  func httpClient() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("web_server.py")
    let socketAddress = SocketAddress(scene.address.ip, port: 8081)
    let sockets = try scene.pods.server.start(
      ProgramsScene.python,
      ProgramsScene.program("websocket_server.py"),
      "\(socketAddress.ip)",
      "\(socketAddress.port)"
    )
    try sockets.waitForListener(socketAddress.port)
    let outcome = try scene.pods.client.command(
      "/usr/bin/java",
      "-Xmx256m",
      ProgramsScene.program("JavaClient.java"),
      scene.url,
      "ws://\(socketAddress)/chat"
    ).run(within: .seconds(90)).orThrow()
    #expect(outcome.output == "all right\n")
    #expect(scene.complaints.isEmpty)
    withExtendedLifetime(server) {}
  }
}
