import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("Between two proxies")
struct MeshTransportTests {
  @Test("requests go over one connection with mutual TLS, whoever asks, and are requests of HTTP/1.1 again at the end")
  func requests() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { .ok("\($0.head.startLine)|\($0.body)") }
    let url = "http://\(try mesh.scene.address(of: "web"))"
    #expect(try mesh.scene.get("\(url)/a?b=c") == "GET /a?b=c HTTP/1.1| 200")
    for number in 0..<5 {
      #expect(try mesh.scene.get("\(url)/\(number)", "-d", "hello") == "POST /\(number) HTTP/1.1|hello 200")
    }
    let record = try mesh.scene.server.record("of the peer") { $0["EVENT"] == "peer-connected" }
    #expect(record["PEER_IDENTITY"] == MeshScene.shop && record["TLS_VERSION"] == "TLSv1.3")
    let ours = try mesh.scene.client.record("of the peer") { $0["EVENT"] == "peer-connected" }
    #expect(ours["PEER_IDENTITY"] == MeshScene.web && ours["PEER"] == "\(mesh.scene.pods.serverEnd.v4):15008")
    #expect(mesh.handshakes == 1, "a program's new connection costs a stream, not a handshake")
    #expect(web.requests.count == 6)
    #expect(
      web.requests.allSatisfy { $0.head.values("x-weft-destination").isEmpty },
      "what is for the proxy stays there"
    )
    let judged = try mesh.scene.server.record("of a request") { $0["EVENT"] == "request" && $0["PATH"] == "/4" }
    #expect(judged["DIRECTION"] == "inbound" && judged["STATUS"] == "200")
  }

  @Test("uploads and downloads of any framing arrive whole, a slow reader slows the sender, and a HEAD has no body")
  func bodies() throws {
    let mesh = try MeshScene()
    let size = 3_000_000
    _ = try mesh.web { request in
      switch request.head.startLine {
      case let line where line.contains("/down"): return .ok(String(repeating: "d", count: size))
      case let line where line.contains("/chunks"):
        return .send(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 3\r\n\r\n"
        )
      case let line where line.hasPrefix("HEAD"): return .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
      default: return .ok("\(request.body.utf8.count)")
      }
    }
    let url = "http://\(try mesh.scene.address(of: "web"))"
    let files = try TemporaryDirectory()
    let file = try files.write("body", String(repeating: "u", count: size))
    #expect(try mesh.scene.get("\(url)/up", "--data-binary", "@\(file)") == "\(size) 200")
    #expect(try mesh.scene.get("\(url)/up", "-T", file, "-H", "Transfer-Encoding: chunked") == "\(size) 200")
    // As much as a stream's window has room for, so that the end alone is left to be said.
    let window = try files.write("window", String(repeating: "w", count: 64 << 10))
    for _ in 0..<20 {
      #expect(try mesh.scene.get("\(url)/up", "-T", window, "-H", "Transfer-Encoding: chunked") == "\(64 << 10) 200")
    }
    #expect(
      try mesh.scene.get("\(url)/down", "--limit-rate", "3M", "-o", "/dev/null", "-w", "%{size_download}") == "\(size)"
    )
    #expect(try mesh.scene.get("\(url)/chunks") == "abc 200")
    #expect(try mesh.scene.get("\(url)/head", "-I").contains("Content-Length: 5") == true)
  }

  @Test("connections of any protocol are carried, with half-close and resets, and one that nobody takes is refused")
  func connections() throws {
    let mesh = try MeshScene()
    let mail = try GreetingServer(of: mesh)
    try mail.greeted().quit()

    let second = try mail.greeted()
    second.server.reset()
    #expect(endsInReset(second.client))
    let third = try mail.greeted()
    third.client.reset()
    #expect(endsInReset(third.server))

    mail.listener.close()
    #expect(endsInReset(try mail.dial()))
    try mesh.scene.client.record("of the refusal") {
      $0["EVENT"] == "connection-failed" && $0["REASON"] == "upstream-refused"
    }
    #expect(mesh.handshakes == 1)
  }

  @Test("somebody else at the endpoint's address is not spoken with, and both sides say why")
  func wrongIdentity() throws {
    let mesh = try MeshScene(account: "other")
    let web = try ScriptedServer(in: mesh.scene.pods.server, on: mesh.scene.pods.serverEnd.v4) { _ in .ok("reached") }
    // Meshed as who it is, then registered as somebody else: it is the same instance still.
    try mesh.register("web", port: web.address.port, account: "other")
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "reached 200")
    try mesh.scene.register("web", port: "\(web.address.port)", "--service-account", "web")
    // What is spoken on the port nobody has said: the connection is made at once, and reset like one to a closed port, or the
    // request that is seen meanwhile is answered.
    var answer = ""
    try eventually("nobody is reached any more") {
      answer = try mesh.scene.get(url, "-o", "/dev/null")
      return answer != " 200"
    }
    #expect(answer == " 000" || answer == " 503", "\(answer)")
    let ours = try mesh.scene.client.record("of the refusal") { $0["EVENT"] == "peer-refused" }
    #expect(ours["EXPECTED_IDENTITY"] == MeshScene.web && ours.message.contains("somebody else"), "\(ours.message)")
    let theirs = try mesh.scene.server.record("of the refusal") { $0["EVENT"] == "peer-refused" }
    #expect(theirs.message.contains("the peer refused"), "\(theirs.message)")
    // Who was asked before the proxy had heard of it does not count; from now on nobody is.
    let reached = web.requests.count
    answer = try mesh.scene.get(url, "-o", "/dev/null")
    #expect(answer == " 000" || answer == " 503", "\(answer)")
    #expect(web.requests.count == reached)
  }

  @Test("policies know who asks: by principal and namespace, per request and per connection")
  func principals() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))"
    func allow(_ source: String) throws {
      let rules = "[{from: [{source: \(source)}]}]"
      let document = Documents.authorization("who", "ALLOW", rules: rules)
      try mesh.scene.agent.weft("apply", "-f", "-", input: document).orThrow()
    }
    try allow("{principals: [weft.local/ns/default/sa/shop]}")
    #expect(try mesh.scene.answer("\(url)/a", becomes: "hello 200") == "hello 200")
    try allow("{principals: [weft.local/ns/default/sa/bank]}")
    #expect(try mesh.scene.answer("\(url)/b", becomes: " 403", "-o", "/dev/null") == " 403")
    let denied = try mesh.scene.server.record("of the denial") { $0["EVENT"] == "request-denied" }
    #expect(denied["PATH"] == "/b")
    try allow("{namespaces: [default]}")
    #expect(try mesh.scene.answer("\(url)/c", becomes: "hello 200") == "hello 200")
  }

  @Test("a stranger without a certificate of the mesh is refused, and told of in the log")
  func stranger() throws {
    let mesh = try MeshScene()
    let to = "\(mesh.scene.pods.serverEnd.v4):15008"
    // Captured by nobody: the stranger is the host itself.
    let said = try Command("openssl", ["s_client", "-connect", to, "-alpn", "h2", "-tls1_3", "-ign_eof"])
      .with(\.pod, mesh.scene.pods.server).run()
    #expect(said.error.contains("certificate required") || said.output.contains("certificate required"), "\(said)")
    let record = try mesh.scene.server.record("of the refusal") { $0["EVENT"] == "peer-refused" }
    #expect(record.message.contains("it showed no certificate"), "\(record.message)")
    let plain = try Command("curl", ["-sS", "--max-time", "10", "http://\(to)/"]).with(\.pod, mesh.scene.pods.server)
      .run()
    #expect(plain.code != 0)
  }

  @Test("a peer that does not agree on HTTP/2 by ALPN is refused at either end, whoever it is, and told of in the log")
  func withoutALPN() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "hello 200")
    let files = try mesh.files(of: mesh.scene.pods.client)
    for protocols in [[], ["-alpn", "http/1.1"]] {
      let before = mesh.scene.server.records.count
      let said = try Command(
        "openssl",
        ["s_client", "-connect", "\(mesh.transport)"] + MeshScene.shown(files) + protocols
      )
      .with(\.pod, mesh.scene.pods.client).with(\.uid, ProxyUnderTest.uid).run()
      #expect(said.error.contains("no application protocol"), "\(said)")
      let record = try mesh.scene.server.record("of \(protocols)", after: before) { $0["EVENT"] == "peer-refused" }
      #expect(record.message.contains("no application protocol"), "\(record.message)")
    }
    let ours = try mesh.files(of: mesh.scene.pods.server)
    try mesh.endServerProxy()
    let server = try Command(
      "openssl",
      ["s_server", "-accept", "0.0.0.0:15008", "-verify", "4", "-quiet"] + MeshScene.shown(ours)
    ).with(\.pod, mesh.scene.pods.server).with(\.keepsInputOpen, true).start()
    try server.waitForListener(15008)
    #expect(try mesh.scene.get(url, "-o", "/dev/null") != " 200")
    let record = try mesh.scene.client.record("of the server without ALPN") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("no application protocol")
    }
    #expect(record["EXPECTED_IDENTITY"] == MeshScene.web, "\(record)")
    #expect(server.output.text.isEmpty, "nothing was said to it")
  }

  @Test("what was meshed never goes in plain text: without its proxy requests fail, and with it back they go on")
  func proxyGone() throws {
    let mesh = try MeshScene()
    let web = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "hello 200")
    mesh.scene.server.program.kill()
    _ = try mesh.scene.server.program.waitForExit()
    // By the tunnel that is asked for at once, or by the request that is seen meanwhile.
    let answer = try mesh.scene.get(url, "-o", "/dev/null")
    #expect(answer == " 000" || answer == " 503", "\(answer)")
    #expect(web.requests.count == 1)
    try mesh.scene.client.record("of the failure") {
      $0["EVENT"] == "peer-refused" && $0.message.contains("cannot be reached")
    }
  }

  @Test("rotations of leaf, intermediate and root under load fail no request")
  func rotation() throws {
    let mesh = try MeshScene()
    _ = try mesh.web { _ in .ok("hello") }
    let url = "http://\(try mesh.scene.address(of: "web"))/"
    #expect(try mesh.scene.get(url) == "hello 200")
    let load = try Command("h2load", ["--h1", "-c", "8", "-t", "1", "-D", "6", url]).with(\.pod, mesh.scene.pods.client)
      .start()
    for scope in ["workloads", "intermediate", "root"] {
      let before = mesh.scene.server.records.filter { $0["EVENT"] == "identity-given" }.count
      try mesh.scene.agent.weft("identity", "rotate", "--\(scope)").orThrow()
      try eventually("the server's proxy has another after rotating \(scope)") {
        mesh.scene.server.records.filter { $0["EVENT"] == "identity-given" }.count > before
      }
    }
    let report = try load.outcome().output
    #expect(report.contains(" 0 failed, 0 errored, 0 timeout"), "\(report)")
  }
}
