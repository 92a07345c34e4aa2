import MeshModel
import Testing
import WeftTestKit

@Suite("WebSockets through two proxies")
struct ProgramsWebSocketTests {
  @Test("text, a binary message of 1 MiB, a ping and an orderly end; the records tell of the upgrade and the bytes")
  func conversation() throws {
    let scene = try ProgramsScene()
    let server = try scene.serve("websocket_server.py")
    #expect(try scene.call("websocket_client.py", "ws://\(scene.address)/chat").orThrow().output == "all right\n")
    for record in try scene.records(of: "the upgrade", where: { $0["PATH"] == "/chat" }) {
      #expect(record["STATUS"] == "101")
      #expect(record["EVENT"] == "request")
    }
    for record in try scene.records(of: "the connection", where: { $0["EVENT"] == "connection-closed" }) {
      #expect(record["REASON"] == "finished")
      for field in ["BYTES_SENT", "BYTES_RECEIVED"] {
        // The message of 1 MiB, and what little else was said.
        #expect((1_048_576..<1_060_000).contains(try #require(record[field].flatMap { Int($0) })), "\(record)")
      }
    }
    withExtendedLifetime(server) {}
  }
}
