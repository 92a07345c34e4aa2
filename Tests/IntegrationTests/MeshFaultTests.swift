import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Peers that stop, leave or are not who they should be, by `Programs/mesh_peer.py`.
@Suite("A proxy whose peer")
struct MeshFaultTests {
  private static let script = "\(Binaries.repository)/Tests/IntegrationTests/Programs/mesh_peer.py"

  /// A program in the place of a pod's proxy, and the files of its identity, which it reads for each connection.
  private final class Peer {
    let program: RunningProgram
    private let files: TemporaryDirectory

    init(_ program: RunningProgram, _ files: TemporaryDirectory) { (self.program, self.files) = (program, files) }

    var output: Transcript { program.output }
    func kill() { program.kill() }
  }

  /// A program in the place of a pod's proxy, with files of an identity.
  private func peer(
    _ role: String,
    _ mode: String,
    in pod: Pod,
    _ mesh: MeshScene,
    _ files: TemporaryDirectory
  ) throws -> Peer {
    let address = role == "dial" ? "\(mesh.transport)" : "0.0.0.0:15008"
    let program = try Command("/usr/bin/python3", [Self.script, role, address, files.path, mode])
      .with(\.pod, pod).with(\.uid, ProxyUnderTest.uid).with(\.keepsInputOpen, true).start()
    if role == "serve" { try program.output.await("listening") }
    return Peer(program, files)
  }

  /// A mesh in which the client's proxy knows that `web` has a proxy, whose place a program has taken.
  private func meshWith(
    server mode: String,
    _ arguments: String...
  ) throws -> (mesh: MeshScene, url: String, peer: Peer) {
    let mesh = try MeshScene { $0.arguments += arguments }
    let web = try mesh.web(portName: "http") { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web")):\(web.address.port)"
    #expect(try mesh.scene.get("\(url)/first") == "hello 200")
    let files = try mesh.files(of: mesh.scene.pods.server)
    try mesh.endServerProxy()
    return (mesh, url, try peer("serve", mode, in: mesh.scene.pods.server, mesh, files))
  }

  @Test("stops in the midst of its handshake lets go of it after ten seconds and says so, and serves others meanwhile")
  func handshake() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let files = try mesh.files(of: mesh.scene.pods.client)
    let silent = try ["silent", "half_hello"].map { try peer("dial", $0, in: mesh.scene.pods.client, mesh, files) }
    for program in silent { try program.output.await("waiting") }
    #expect(try mesh.scene.get("http://\(try mesh.scene.address(of: "web"))/") == "hello 200")
    for program in silent { try program.output.await("ended", within: .seconds(20)) }
    try eventually("both are told of") {
      mesh.scene.server.records.filter {
        $0["EVENT"] == "peer-refused" && $0["DIRECTION"] == "inbound" && $0.message.contains("no handshake within 10 s")
      }.count == 2
    }
  }

  @Test(
    "does not answer its handshake gives the client an answer in the time of a connection, and says whom it dialled"
  )
  func silentServer() throws {
    let (mesh, url, peer) = try meshWith(server: "silent", "--connect-timeout", "2")
    let answer = try mesh.scene.get("\(url)/a", "-o", "/dev/null")
    #expect(answer == " 503" || answer == " 000", "\(answer)")
    let record = try mesh.scene.client.record("of the refusal") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("no handshake within 10 s")
    }
    #expect(record["EXPECTED_IDENTITY"] == MeshScene.web && record["PEER"] == "\(mesh.transport)")
    withExtendedLifetime(peer) {}
  }

  @Test("speaks TLS 1.2 or is of another mesh is refused, and both logs say which side, which check, which certificate")
  func strangers() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let other = try MeshScene()
    let theirs = try other.files(of: other.scene.pods.client)
    let old = try peer("dial", "old", in: mesh.scene.pods.client, mesh, try mesh.files(of: mesh.scene.pods.client))
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
    let foreign = try peer("dial", "and_read", in: mesh.scene.pods.client, mesh, ours)
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
    let server = try peer("serve", "mute", in: mesh.scene.pods.server, mesh, impostor)
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
    let files = try mesh.files(of: mesh.scene.pods.client)
    func dial(_ mode: String) throws -> Peer {
      try peer("dial", "\(mode)@\(web.address.port)", in: mesh.scene.pods.client, mesh, files)
    }
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
      let peers = try JSONDecoder().decode(PeerList.self, from: Data(try mesh.scene.server.admin("/v1/peers").utf8))
      return peers.peers.allSatisfy { $0.streams == 0 } && peers.peers.count <= 1
    }
  }

  @Test(
    "stops in its preface, its settings, a header list or a frame is let go of in seconds, and one that is slow and goes on is not"
  )
  func unfinished() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let files = try mesh.files(of: mesh.scene.pods.client)
    let port = web.address.port
    let slow = try peer("dial", "trickle@\(port)", in: mesh.scene.pods.client, mesh, files)
    let frame = try peer("dial", "half_data@\(port)", in: mesh.scene.pods.client, mesh, files)
    try frame.output.await("waiting")
    let started = ContinuousClock.now
    let others = try ["half_preface", "half_settings", "half_list"].map {
      try peer("dial", "\($0)@\(port)", in: mesh.scene.pods.client, mesh, files)
    }
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
    // It takes connections, and never says anything.
    let script =
      "import socket, sys; held = socket.create_server(('0.0.0.0', 9000), backlog=4096); print('ready', flush=True); "
      + "sys.stdin.read()"
    let held = try Command("/usr/bin/python3", ["-c", script]).with(\.pod, mesh.scene.pods.server)
      .with(\.keepsInputOpen, true).start()
    try held.output.await("ready")
    let files = try mesh.files(of: mesh.scene.pods.client)
    let flood = try peer("dial", "tunnels@9000", in: mesh.scene.pods.client, mesh, files)
    try flood.output.await("standing", within: .seconds(30))
    #expect(try mesh.scene.get(url) == "hello 200")
    let list = try JSONDecoder().decode(PeerList.self, from: Data(try mesh.scene.server.admin("/v1/peers").utf8))
    #expect(list.peers.map(\.streams).max() == 1024, "\(list)")
    try flood.program.write("more\n")
    // ENHANCE_YOUR_CALM or PROTOCOL_ERROR, as nghttp2 has it: what counts is that it ends.
    try flood.output.await("goodbye")
    try mesh.scene.server.record("of its end") {
      $0["EVENT"] == "peer-refused" && $0["DIRECTION"] == "inbound" && $0.message.contains("too-many-streams")
    }
    try eventually("nothing of it is left") {
      let peers = try JSONDecoder().decode(PeerList.self, from: Data(try mesh.scene.server.admin("/v1/peers").utf8))
      return peers.peers.allSatisfy { $0.streams == 0 }
    }
    #expect(try mesh.scene.get(url) == "hello 200")
    withExtendedLifetime(held) {}
  }

  @Test(
    "has a program that refuses requests unseen, or says goodbye to them, passes that on, and they are asked again",
    arguments: ["reluctant", "departing"]
  )
  func unseenBehind(_ mode: String) throws {
    let mesh = try MeshScene()
    let program = try Command("/usr/bin/python3", [Self.script, "serve", "0.0.0.0:8080", "-", mode])
      .with(\.pod, mesh.scene.pods.server).with(\.keepsInputOpen, true).start()
    try program.output.await("listening")
    try mesh.register("web", port: 8080, portName: "http2")
    let url = "http://\(try mesh.scene.address(of: "web")):8080"
    #expect(try mesh.scene.get("\(url)/a", "-d", "once") == "at last 200")
    let record = try mesh.scene.client.record("of the request") { $0["PATH"] == "/a" }
    #expect(record["STATUS"] == "200" && record["RETRIES"] == "1", "\(record)")
    try mesh.scene.server.record("of the first try") { $0["PATH"] == "/a" && $0["REASON"] == "refused-unseen" }
    // Whoever looks whether it listens may have used a connection or two up.
    let count = program.output.text.split(separator: "\n").filter { $0 == "unseen" }.count
    #expect((3...4).contains(count), "\(program.output.text)")
  }

  @Test("has a program that refuses every request unseen is asked no more often than it may, and the flags say why")
  func unwilling() throws {
    let mesh = try MeshScene()
    let program = try Command("/usr/bin/python3", [Self.script, "serve", "0.0.0.0:8080", "-", "unwilling"])
      .with(\.pod, mesh.scene.pods.server).with(\.keepsInputOpen, true).start()
    try program.output.await("listening")
    try mesh.register("web", port: 8080, portName: "http2")
    let url = "http://\(try mesh.scene.address(of: "web")):8080"
    #expect(try mesh.scene.get("\(url)/a", "-o", "/dev/null") == " 503")
    let record = try mesh.scene.client.record("of the request") { $0["PATH"] == "/a" }
    #expect(record["REASON"] == "refused-unseen" && record["RETRIES"] == "2" && record["STATUS"] == "503", "\(record)")
    #expect(record["FLAGS"] == "URX,UR", "\(record)")
    // Three tries of this side's, each of which the other makes three times at most.
    let count = program.output.text.split(separator: "\n").filter { $0 == "unseen" }.count
    #expect((3...9).contains(count), "\(program.output.text)")
    let native = try Command("curl", ["-sS", "--max-time", "20", "--http2-prior-knowledge", "\(url)/b"])
      .with(\.pod, mesh.scene.pods.client).run()
    // curl asks some times more by itself, as the code allows.
    #expect(native.code != 0, "\(native)")
    try mesh.scene.client.record("of the request by HTTP/2") {
      $0["PATH"] == "/b" && $0["REASON"] == "refused-unseen" && $0["FLAGS"]?.hasSuffix("UR") == true
    }
  }

  @Test("switches protocols by 101, which HTTP/2 does not know, opens nothing, as if it had reset the stream")
  func switching() throws {
    let (mesh, url, peer) = try meshWith(server: "switching")
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

  @Test("is gone by a reset in the midst of an answer lets go of all that was for it")
  func gone() throws {
    let mesh = try MeshScene()
    let large = String(repeating: "l", count: 300_000)
    let web = try mesh.web { $0.head.startLine.contains("/slow") ? .ok(large) : .ok("hello") }
    let files = try mesh.files(of: mesh.scene.pods.client)
    let program = try peer("dial", "gone@\(web.address.port)", in: mesh.scene.pods.client, mesh, files)
    try program.output.await("answered")
    try mesh.scene.server.record("of its end") { $0["EVENT"] == "peer-ended" && $0["DIRECTION"] == "inbound" }
    try mesh.scene.server.record("of the request") { $0["PATH"] == "/slow" && $0["REASON"] == "client-gone" }
    #expect(try mesh.scene.server.admin("/v1/peers").contains("\"peers\":[]"))
  }

  @Test("says goodbye as it is asked is asked again over another connection, whatever the method")
  func goodbye() throws {
    let (mesh, url, peer) = try meshWith(server: "goodbye")
    #expect(try mesh.scene.answer("\(url)/a", becomes: "second 200", "-d", "once") == "second 200")
    try peer.output.await("goodbye")
    withExtendedLifetime(peer) {}
  }

  @Test("refuses a stream unseen is asked again at once over the same connection")
  func unseen() throws {
    let (mesh, url, peer) = try meshWith(server: "refusing")
    #expect(try mesh.scene.answer("\(url)/a", becomes: "again 200", "-d", "once") == "again 200")
    #expect(peer.output.text.contains("unseen") && !peer.output.text.contains("connection 2"), "\(peer.output.text)")
  }

  @Test("says goodbye to whoever comes is not dialled without end")
  func farewell() throws {
    let (mesh, url, peer) = try meshWith(server: "farewell")
    let answer = try mesh.scene.get("\(url)/a", "-o", "/dev/null")
    #expect(answer == " 503" || answer == " 000", "\(answer)")
    let count = peer.output.text.split(separator: "\n").filter { $0.hasPrefix("connection") }.count
    #expect(count < 12, "\(peer.output.text)")
  }

  @Test("ends, or stops, in the midst of an answer gives the client what came and no end of it")
  func half() throws {
    let (mesh, url, peer) = try meshWith(server: "half")
    let cut = try Command("curl", ["-sS", "--max-time", "20", "\(url)/a"]).with(\.pod, mesh.scene.pods.client).run()
    #expect(cut.code != 0 && cut.output == "half", "\(cut)")
    try mesh.scene.client.record("of the request") { $0["PATH"] == "/a" && $0["REASON"] == "upstream-truncated" }
    withExtendedLifetime(peer) {}

    let (other, slow, hanging) = try meshWith(server: "hanging", "--idle-timeout", "2")
    let idle = try Command("curl", ["-sS", "--max-time", "20", "\(slow)/b"]).with(\.pod, other.scene.pods.client).run()
    #expect(idle.code != 0 && idle.code != 28 && idle.output == "half", "\(idle)")
    try other.scene.client.record("of the request") { $0["PATH"] == "/b" && $0["REASON"] == "idle-timeout" }
    withExtendedLifetime(hanging) {}
  }

  @Test("never answers, or takes nothing of a body, is given up by the idle limit, and told apart from a slow client")
  func mute() throws {
    let (mesh, url, peer) = try meshWith(server: "mute", "--idle-timeout", "2")
    #expect(try mesh.scene.answer("\(url)/a", becomes: " 504", "-o", "/dev/null") == " 504")
    withExtendedLifetime(peer) {}

    let (other, upload, windowless) = try meshWith(server: "windowless", "--idle-timeout", "2")
    let files = try TemporaryDirectory()
    let body = try files.write("body", String(repeating: "u", count: 1_000_000))
    let answer = try other.scene.answer("\(upload)/b", becomes: " 504", "--data-binary", "@\(body)", "-o", "/dev/null")
    #expect(answer == " 504")
    withExtendedLifetime(windowless) {}
  }

  @Test("is one of two that answer, the other being gone without a word, costs no request more than its time")
  func halfDead() throws {
    let mesh = try MeshScene()
    var servers: [ScriptedServer] = []
    for (instance, ip) in [("four", mesh.scene.pods.serverEnd.v4), ("six", mesh.scene.pods.serverEnd.v6)] {
      servers.append(try ScriptedServer(in: mesh.scene.pods.server, on: ip, port: 8080) { _ in .ok(instance) })
      try mesh.scene.register("web", port: "8080", at: ip, "--instance", instance, "--service-account", "web")
    }
    let url = "http://\(try mesh.scene.address(of: "web")):8080"
    var met: Set<String> = []
    _ = try eventually("both are asked through their proxy") {
      met.insert(try mesh.scene.get("\(url)/"))
      let peers = try JSONDecoder().decode(PeerList.self, from: Data(try mesh.scene.client.admin("/v1/peers").utf8))
      return met.isSuperset(of: ["four 200", "six 200"]) && Set(peers.peers.map(\.address.ip)).count == 2 ? true : nil
    }
    // From now on one of them is as a host without power.
    for table in ["INPUT", "OUTPUT"] {
      let port = table == "INPUT" ? "--dport" : "--sport"
      try mesh.scene.pods.server.run("ip6tables", "-I", table, "-p", "tcp", port, "15008", "-j", "DROP").orThrow()
    }
    let started = ContinuousClock.now
    var answers: [String] = []
    for number in 0..<20 { answers.append(try mesh.scene.get("\(url)/\(number)", "-o", "/dev/null")) }
    let failures = answers.filter { $0 != " 200" }
    // What was under way to the dead one when nobody knew is all that may fail.
    #expect(failures.count <= 2, "\(answers)")
    #expect(ContinuousClock.now - started < .seconds(60), "\(ContinuousClock.now - started)")
    #expect(answers.suffix(10).allSatisfy { $0 == " 200" }, "\(answers)")
    // Whom the balancer has not chosen by now it will, as what it knows of both grows old.
    try eventually("the dead peer is told of", within: .seconds(60)) {
      _ = try mesh.scene.get("\(url)/more", "-o", "/dev/null")
      return LogRecord.all(in: mesh.scene.client.program.error.text).contains {
        ($0["EVENT"] == "peer-ended" || $0["EVENT"] == "peer-refused")
          && $0["PEER"]?.hasPrefix("[\(mesh.scene.pods.serverEnd.v6)]") == true
      }
    }
    withExtendedLifetime(servers) {}
  }
}
