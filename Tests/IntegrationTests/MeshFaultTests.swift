import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Peers that dial a proxy and stop, leave, ask too much or are not who they should be.
@Suite("A proxy whose peer")
struct MeshFaultTests {
  @Test("stops in the midst of its handshake lets go of it after ten seconds and says so, and serves others meanwhile")
  func handshake() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let silent = try ["silent", "half_hello"].map { try mesh.dial($0) }
    for program in silent { try program.output.await("waiting") }
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    for program in silent { try program.output.await("ended", within: .seconds(20)) }
    try eventually("both are told of") {
      mesh.scene.server.records.filter {
        $0["EVENT"] == "peer-refused" && $0["DIRECTION"] == "inbound" && $0.message.contains("no handshake within 10 s")
      }.count == 2
    }
  }

  @Test("speaks TLS 1.2 or is of another mesh is refused, and both logs say which side, which check, which certificate")
  func strangers() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let other = try MeshScene()
    let theirs = try other.files(of: other.scene.pods.client)
    let old = try mesh.dial("old")
    try old.output.await("refused TLSV1_ALERT_PROTOCOL_VERSION")
    try mesh.scene.server.record("of TLS 1.2") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("unsupported protocol")
    }
    // The stranger believes our roots, so that it is our check which fails.
    let ours = try mesh.files(of: mesh.scene.pods.client)
    for name in ["svid.pem", "svid_key.pem"] {
      // The names are links.
      let text = try theirs.text(of: name)
      try FileManager.default.removeItem(atPath: ours.file(name))
      try ours.write(name, text)
      chown(ours.file(name), ProxyUnderTest.uid, ProxyUnderTest.uid)
    }
    let foreign = try MeshPeer.dial("and_read", to: mesh.transport, from: mesh.scene.pods.client, showing: ours)
    try foreign.output.await("refused")
    let record = try mesh.scene.server.record("of another mesh's") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("no root of this mesh has signed its chain")
    }
    #expect(record.message.contains("were refused here"), "\(record.message)")
    // And a server of another mesh is not believed by our client's proxy, whatever name it shows.
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "hello 200")
    let impostor = try other.files(of: other.scene.pods.server)
    try mesh.endServerProxy()
    chown(impostor.path, ProxyUnderTest.uid, ProxyUnderTest.uid)
    let server = try MeshPeer.serve("mute", in: mesh.scene.pods.server, showing: impostor)
    #expect(try mesh.scene.get(url, "-o", "/dev/null") != "hello 200")
    let told = try mesh.scene.client.record("of the impostor") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("no root of this mesh has signed its chain")
    }
    #expect(told["EXPECTED_IDENTITY"] == MeshScene.web && told["DIRECTION"] == "outbound")
    withExtendedLifetime(server) {}
  }

  @Test("stops in the midst of a frame or a body, or has no room for an answer, holds up nobody else, and not for ever")
  func stopped() throws {
    let mesh = try MeshScene { $0.arguments += ["--idle-timeout", "2"] }
    let large = String(repeating: "l", count: 300_000)
    let web = try mesh.web { $0.head.startLine.contains("/large") ? .ok(large) : .ok("hello") }
    func dial(_ mode: String) throws -> MeshPeer { try mesh.dial(mode, web.address.port) }
    let frame = try dial("half_frame")
    try frame.output.await("waiting")
    let body = try dial("half_body")
    try body.output.await("served")
    let stalled = try dial("stalled")
    try stalled.output.await("answered")
    try stalled.output.await("served")
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    // The streams end, by the idle limit, and the connections that had others go on.
    try body.output.await("reset", within: .seconds(10))
    try stalled.output.await("reset", within: .seconds(10))
    try mesh.scene.server.record("of the body") { $0["PATH"] == "/upload" && $0["STATUS"] == "408" }
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    // Nothing of it is left behind.
    for program in [frame, body, stalled] { program.kill() }
    try eventually("no stream is left") {
      let peers = try mesh.scene.server.peers()
      return peers.allSatisfy { $0.streams == 0 } && peers.count <= 1
    }
  }

  @Test(
    "stops in its preface, its settings, a header list or a frame is let go of in seconds, and one that is slow and goes on is not"
  )
  func unfinished() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let port = web.address.port
    let slow = try mesh.dial("trickle", port)
    let frame = try mesh.dial("half_data", port)
    try frame.output.await("waiting")
    let started = ContinuousClock.now
    let others = try ["half_preface", "half_settings", "half_list"].map { try mesh.dial($0, port) }
    for program in others { try program.output.await("ended", within: .seconds(20)) }
    #expect(ContinuousClock.now - started > .seconds(9))
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    try frame.output.await("ended", within: .seconds(35))
    #expect(ContinuousClock.now - started > .seconds(28))
    try slow.output.await("answered", within: .seconds(30))
    let told = mesh.scene.server.records.filter { $0["EVENT"] == "peer-refused" }.map(\.message)
    #expect(told.filter { $0.contains("no preface and settings of HTTP/2 within 10 s") }.count == 2, "\(told)")
    #expect(told.filter { $0.contains("a header list was not whole within 10 s") }.count == 1, "\(told)")
    #expect(told.filter { $0.contains("nothing more of a frame for 30 s") }.count == 1, "\(told)")
    // The server, too, waits half a minute for the rest; whoever of both is the first.
    try mesh.scene.server.record("of the upload") {
      $0["PATH"] == "/upload" && ["client-gone", "upstream-closed"].contains($0["REASON"])
    }
  }

  @Test(
    "asks for more connections on one than it may is ended and told of, and others are served beside as many as it may"
  )
  func tunnels() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    let held = try mesh.scene.pods.server.startDeafListener(at: 9000)
    let flood = try mesh.dial("tunnels", 9000)
    try flood.output.await("standing", within: .seconds(30))
    #expect(try mesh.scene.get(url) == "hello 200")
    let peers = try mesh.scene.server.peers()
    #expect(peers.map(\.streams).max() == 1024, "\(peers)")
    try flood.program.write("more\n")
    // ENHANCE_YOUR_CALM or PROTOCOL_ERROR, as nghttp2 has it: what counts is that it ends.
    try flood.output.await("goodbye")
    try mesh.scene.server.record("of its end") {
      $0["EVENT"] == "peer-refused" && $0["DIRECTION"] == "inbound" && $0.message.contains("too-many-streams")
    }
    try eventually("nothing of it is left") {
      try mesh.scene.server.peers().allSatisfy { $0.streams == 0 }
    }
    #expect(try mesh.scene.get(url) == "hello 200")
    withExtendedLifetime(held) {}
  }

  @Test("is gone by a reset in the midst of an answer lets go of all that was for it")
  func gone() throws {
    let mesh = try MeshScene()
    let large = String(repeating: "l", count: 300_000)
    let web = try mesh.web { $0.head.startLine.contains("/slow") ? .ok(large) : .ok("hello") }
    let program = try mesh.dial("gone", web.address.port)
    try program.output.await("answered")
    try mesh.scene.server.record("of its end") { $0["EVENT"] == "peer-ended" && $0["DIRECTION"] == "inbound" }
    try mesh.scene.server.record("of the request") { $0["PATH"] == "/slow" && $0["REASON"] == "client-gone" }
    #expect(try mesh.scene.server.admin("/v1/peers").contains("\"peers\":[]"))
  }
}
