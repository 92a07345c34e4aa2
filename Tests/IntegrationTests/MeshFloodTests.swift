import MeshModel
import Testing
import WeftTestKit

/// Floods of HTTP/2, by a peer that has the mesh's identity and by programs: CVE-2023-44487, CVE-2024-27316, CVE-2019-9512,
/// 9513, 9515 and 9518. What each costs a session is in PathBoundsTests and PathResetTests; here it is what a proxy makes of it.
@Suite("A flood of HTTP/2")
struct MeshFloodTests {
  private static let floods = [
    // Of what is answered, too many may wait in one turn before too many have come.
    ("rapid_reset", ["reset-flood"]), ("pings", ["control-flood", "unread-acknowledgements"]),
    ("pongs", ["control-flood"]), ("settings", ["control-flood", "unread-acknowledgements"]),
    ("priorities", ["control-flood"]), ("empty_data", ["control-flood"]), ("padding", ["control-flood"]),
    ("continuations", ["continuation-flood"]),
  ]

  /// How many frames of a flood were taken before it was ended.
  private func taken(_ peer: MeshPeer) throws -> Int {
    try peer.output.await("enough", within: .seconds(60))
    let line = try #require(peer.output.text.split(separator: "\n").first { $0.hasPrefix("enough ") })
    return try #require(Int(line.dropFirst("enough ".count)))
  }

  @Test("by a peer ends its connection, is told of by its name, and leaves nothing; others are served all along")
  func byPeers() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    for (mode, words) in Self.floods {
      let before = mesh.scene.server.records.count
      let peer = try mesh.dial(mode, web.address.port)
      try peer.output.await("open")
      #expect(try mesh.scene.get(url) == "hello 200", "\(mode)")
      let count = try taken(peer)
      // In flight is what two sockets hold.
      #expect(count < 10_000, "\(mode): \(count)")
      let record = try mesh.scene.server.record("of \(mode)", after: before) { $0["EVENT"] == "peer-refused" }
      #expect(words.contains { record.message.contains($0) }, "\(mode): \(record)")
      #expect(record["PEER_IDENTITY"] == MeshScene.shop, "\(mode): \(record)")
      #expect(try mesh.scene.get(url) == "hello 200", "\(mode)")
    }
    try eventually("no stream is left") { try mesh.scene.server.peers().allSatisfy { $0.streams == 0 } }
  }

  @Test("by a peer in a header list that is too large ends its stream alone, and a bomb of HPACK is none")
  func lists() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let before = try mesh.scene.server.memory().resident
    let peer = try mesh.dial("lists", web.address.port)
    try peer.output.await("served")
    #expect(peer.count(of: "reset") == 2, "\(peer.output.text)")
    #expect(web.requests.allSatisfy { $0.head.startLine.contains("/after") }, "\(web.requests.map(\.head.startLine))")
    #expect(try mesh.scene.server.memory().resident - before < 4 << 20, "40 MB were said")
  }

  @Test("by a program ends its connection to its own proxy, and is told of in the connection's record")
  func byPrograms() throws {
    let scene = try HTTP2Scene(.oneProxy)
    let server = try scene.serve("h2_server.py")
    for (mode, words) in Self.floods {
      let before = scene.near.records.count
      let program = try MeshPeer.dial(mode, scene.service.port, to: scene.service, from: scene.client)
      let count = try taken(program)
      #expect(count < 20_000, "\(mode): \(count)")
      let record = try scene.near.record("of \(mode)", after: before) {
        $0["EVENT"] == "connection-closed" && $0["PROTOCOL"] == "http/2"
      }
      #expect(record["REASON"] == "protocol-error" && words.contains(record["DETAIL"] ?? ""), "\(mode): \(record)")
    }
    let asked = try scene.client.command("curl", "-sS", "--max-time", "20", "--http2-prior-knowledge", "-d", "hello")
      .adding(["\(scene.url)/echo"]).run().output
    #expect(asked == "hello")
    withExtendedLifetime(server) {}
  }

  @Test(
    "by a peer that was dialled ends its connection, and what was asked is answered",
    arguments: ["pinging", "resetting"]
  )
  func byServers(_ mode: String) throws {
    let (mesh, url, peer) = try MeshScene.served(by: mode)
    let answer = try mesh.scene.get("\(url)/a", "-d", "once", "-o", "/dev/null")
    #expect(answer == " 503", "\(answer)")
    let record = try mesh.scene.client.record("of the flood") {
      $0["EVENT"] == "peer-refused" && $0["DIRECTION"] == "outbound" && $0.message.contains("does not keep to HTTP/2")
    }
    #expect(["control-flood", "unread-acknowledgements"].contains { record.message.hasSuffix($0) }, "\(record)")
    #expect(record["EXPECTED_IDENTITY"] == MeshScene.web, "\(record)")
    #expect(try taken(peer) < 10_000)
  }

  @Test("of new keys that a peer asks for, reading no answer, ends its connection and holds no memory")
  func keyUpdates() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let files = try mesh.files(of: mesh.scene.pods.client)
    let program = files.file("key_updates")
    try Command("clang", ["-O1", "-o", program, ProgramsScene.program("key_updates.c"), "-lssl", "-lcrypto"]).run()
      .orThrow()
    let before = try mesh.scene.server.memory().anonymous
    let peer = try Command(program, ["\(mesh.transport.ip)", "\(mesh.transport.port)", files.path])
      .with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).start()
    try peer.output.await("open")
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    try peer.output.await("enough", within: .seconds(90))
    let record = try mesh.scene.server.record("of the flood") { $0["EVENT"] == "peer-refused" }
    #expect(record["PEER_IDENTITY"] == MeshScene.shop, "\(record)")
    #expect(record.message.contains("unread-acknowledgements"), "\(record)")
    #expect(try mesh.scene.server.memory().anonymous - before < 4 << 20)
    withExtendedLifetime(web) {}
  }

  @Test("of interim answers, and an answer whose fields are too large, end their stream and no other")
  func answers() throws {
    let (mesh, url, peer) = try MeshScene.served(by: "bombing")
    let before = try mesh.scene.client.memory().resident
    #expect(try mesh.scene.get("\(url)/a", "-d", "once", "-o", "/dev/null") == " 503")
    try peer.output.await("reset")
    #expect(try mesh.scene.get("\(url)/b", "-d", "once") == "again 200")
    #expect(try mesh.scene.client.memory().resident - before < 4 << 20, "40 MB were said")
    #expect(!peer.output.text.contains("connection 2"), "\(peer.output.text)")

    let (other, there, hesitating) = try MeshScene.served(by: "hesitating")
    let answer = try other.scene.get("\(there)/a", "-d", "once", "-o", "/dev/null", "--max-time", "20")
    #expect(answer == " 503" || answer == " 502", "\(answer)")
    _ = try other.scene.client.record("of the request") { $0["PATH"] == "/a" }
    withExtendedLifetime(hesitating) {}
  }
}
