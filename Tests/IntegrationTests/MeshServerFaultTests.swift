import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Peers that are dialled by a proxy and do not answer, or not to the end.
@Suite("A proxy whose peer, when it is dialled,")
struct MeshServerFaultTests {
  @Test(
    "does not answer its handshake gives the client an answer in the time of a connection, and says whom it dialled"
  )
  func silentServer() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "silent", "--connect-timeout", "2")
    let answer = try mesh.scene.get("\(url)/a", "-o", "/dev/null")
    #expect(answer == " 503" || answer == " 000", "\(answer)")
    let record = try mesh.scene.client.record("of the refusal") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("no handshake within 10 s")
    }
    #expect(record["EXPECTED_IDENTITY"] == MeshScene.web && record["PEER"] == "\(mesh.transport)")
    withExtendedLifetime(peer) {}
  }

  @Test("switches protocols by 101, which HTTP/2 does not know, opens nothing, as if it had reset the stream")
  func switching() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "switching")
    let upgrade = ["-H", "Connection: Upgrade", "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13"]
    for (path, more) in [("plain", []), ("upgrade", upgrade)] {
      let answer = try Command("curl", ["-gsS", "--max-time", "20", "-w", " %{http_code}", "\(url)/\(path)"] + more)
        .with(\.pod, mesh.scene.pods.client).run().output
      #expect(answer.hasSuffix(" 503") && !answer.contains("welcome"), "\(path): \(answer)")
      let record = try mesh.scene.client.record("of \(path)") { $0["PATH"] == "/\(path)" }
      #expect(record["REASON"] == "upstream-closed" && record["FLAGS"] == "UC", "\(record)")
    }
    try peer.output.await("switched")
  }

  @Test("says goodbye as it is asked is asked again over another connection, whatever the method")
  func goodbye() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "goodbye")
    #expect(try mesh.scene.answer("\(url)/a", becomes: "second 200", "-d", "once") == "second 200")
    try peer.output.await("goodbye")
    withExtendedLifetime(peer) {}
  }

  @Test("refuses a stream unseen is asked again at once over the same connection")
  func unseen() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "refusing")
    #expect(try mesh.scene.answer("\(url)/a", becomes: "again 200", "-d", "once") == "again 200")
    #expect(peer.output.text.contains("unseen") && !peer.output.text.contains("connection 2"), "\(peer.output.text)")
  }

  @Test("says goodbye to whoever comes is not dialled without end")
  func farewell() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "farewell")
    let answer = try mesh.scene.get("\(url)/a", "-o", "/dev/null")
    #expect(answer == " 503" || answer == " 000", "\(answer)")
    let count = peer.output.text.split(separator: "\n").filter { $0.hasPrefix("connection") }.count
    #expect(count < 12, "\(peer.output.text)")
  }

  @Test("ends, or stops, in the midst of an answer gives the client what came and no end of it")
  func half() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "half")
    // Now the connection stands, and nothing but the answer is waited for.
    #expect(try mesh.scene.answer("\(url)/before", becomes: "whole 200") == "whole 200")
    let cut = try Command("curl", ["-sS", "--max-time", "20", "\(url)/a"]).with(\.pod, mesh.scene.pods.client).run()
    #expect(cut.code != 0 && cut.output == "half", "\(cut)")
    try mesh.scene.client.record("of the request") { $0["PATH"] == "/a" && $0["REASON"] == "upstream-truncated" }
    withExtendedLifetime(peer) {}

    let (other, slow, hanging) = try MeshScene.served(by: "hanging", "--idle-timeout", "4")
    #expect(try other.scene.answer("\(slow)/before", becomes: "whole 200") == "whole 200")
    let idle = try Command("curl", ["-sS", "--max-time", "60", "\(slow)/b"]).with(\.pod, other.scene.pods.client).run()
    #expect(idle.code != 0 && idle.code != 28 && idle.output == "half", "\(idle)")
    try other.scene.client.record("of the request") { $0["PATH"] == "/b" && $0["REASON"] == "idle-timeout" }
    withExtendedLifetime(hanging) {}
  }

  @Test("never answers, or takes nothing of a body, is given up by the idle limit, and told apart from a slow client")
  func mute() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "mute", "--idle-timeout", "2")
    #expect(try mesh.scene.answer("\(url)/a", becomes: " 504", "-o", "/dev/null") == " 504")
    withExtendedLifetime(peer) {}

    let (other, upload, windowless) = try MeshScene.served(by: "windowless", "--idle-timeout", "2")
    let files = try TemporaryDirectory()
    let body = try files.write("body", String(repeating: "u", count: 1_000_000))
    let answer = try other.scene.answer("\(upload)/b", becomes: " 504", "--data-binary", "@\(body)", "-o", "/dev/null")
    #expect(answer == " 504")
    withExtendedLifetime(windowless) {}
  }
}
