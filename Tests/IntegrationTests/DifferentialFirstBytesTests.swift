import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Where no document says what is spoken, the first bytes of a connection decide whether its requests are judged. What
/// nginx takes for a request must not pass a policy by not looking like one.
@Suite("A request that does not look like one at first")
struct DifferentialFirstBytesTests {
  private static let request = "GET /admin HTTP/1.1\r\nHost: a.test\r\n\r\n"

  @Test(
    "does not reach a server behind a policy that denies it",
    arguments: [
      [request], ["\r\n" + request], ["\n\n" + request], ["G", String(request.dropFirst())], ["GET /admin\r\n"],
      ["GET  /admin HTTP/1.1\r\nHost: a.test\r\n\r\n"], ["GET /admin HTTP/1.1\nHost: a.test\n\n"],
      ["get /admin HTTP/1.1\r\nHost: a.test\r\n\r\n"], ["GET /admin HTTP/1.10\r\nHost: a.test\r\n\r\n"],
      ["GET /admin HTTP/1.1 \r\nHost: a.test\r\n\r\n"],
    ]
  )
  func denied(pieces: [String]) throws {
    let answer = try answer(to: pieces)
    #expect(!answer.contains("the secret"), "\(answer)")
  }

  /// What nginx answers through a proxy whose policy allows another path only.
  private func answer(to pieces: [String]) throws -> String {
    let files = try TemporaryDirectory()
    let policy = try files.write("policy.yaml", Self.policy)
    try runWeft(["compile", "-f", policy, "-o", files.file("snapshot.json")]).orThrow()
    let scene = try ProxyScene.inbound(.init("--snapshot", files.file("snapshot.json")))
    let server = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4, answer: "the secret")
    let client = try scene.dial(server.address)
    try client.send(pieces[0])
    for piece in pieces.dropFirst() {
      // What is tested is a client that takes longer than the proxy's patience, so a stretch of time has to pass.
      Thread.sleep(forTimeInterval: 0.6)
      // The proxy may have sent the client away meanwhile.
      try? client.send(piece)
    }
    client.finish()
    return (try? client.receiveToEnd()) ?? ""
  }

  private static let policy = """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: public-only}
    spec:
      action: ALLOW
      rules: [{to: [{operation: {paths: [/public]}}]}]

    """
}
