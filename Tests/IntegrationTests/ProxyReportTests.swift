import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("The proxy reports")
struct ProxyReportTests {
  @Test("health on 15021 and metrics on 15020, over both families, by the names that Linkerd's users know")
  func healthAndMetrics() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("12345")
    #expect(try client.receive(exactly: 5) == "12345")
    for host in ["127.0.0.1", "[::1]"] {
      for path in ["ready", "live"] {
        let outcome = try scene.pods.client.run("curl", "-gsS", "--fail", "http://\(host):15021/\(path)")
        #expect(outcome.succeeded, "\(outcome)")
      }
      let text = try scene.pods.client.run("curl", "-gsS", "--fail", "http://\(host):15020/metrics").orThrow().output
      for name in ["tcp_open_total", "tcp_open_connections", "tcp_read_bytes_total", "tcp_write_bytes_total"] {
        #expect(text.contains("\n\(name){"), "no \(name) in:\n\(text.prefix(3000))")
      }
      let open = text.split(separator: "\n").filter { $0.hasPrefix("tcp_open_connections{") && $0.hasSuffix(" 1") }
      #expect(!open.isEmpty, "\(text.prefix(3000))")
    }
  }

  @Test("who connected: the program's pid, uid and name, though it knows nothing of the proxy")
  func attribution() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.pods.client.command("nc", "-N", "\(scene.pods.serverEnd.v4)", "\(server.address.port)")
      .with(\.uid, 4242).with(\.keepsInputOpen, true).start()
    try client.write("hello\n")
    try client.output.await("hello")
    // The proxy looks for the program beside its path, so it may take a moment.
    let live = try eventually("the program of the connection") {
      try connections(scene).first { $0.process?.pid != nil }
    }
    #expect(live.process?.pid == client.pid)
    #expect(live.process?.uid == 4242)
    client.closeInput()
    let record = try scene.record(to: server.address)
    #expect(record["PID"] == String(client.pid), "\(record)")
    #expect(record["UID"] == "4242")
    #expect(record["COMM"]?.hasPrefix("nc") ?? false, "\(record)")
    let cgroup = try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)
    if cgroup.contains("0::/") { #expect(record["CGROUP"]?.hasPrefix("/") ?? false, "\(record)") }
  }

  @Test("the user behind a connection that is over in a moment, or nobody where it was over before that could be seen")
  func shortLivedAttribution() throws {
    let scene = try ProxyScene.outbound()
    let web = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    var said: [String?] = []
    // On a machine with much to do a program may have ended, and its socket with it, before anybody has looked.
    repeat {
      let before = scene.proxy.records.count
      try scene.pods.client.command("curl", "-sS", "--fail", web.url).with(\.uid, 4242).run().orThrow()
      let record = try scene.proxy.record("of the connection", after: before) { $0["EVENT"] == "connection-closed" }
      said.append(record["UID"])
    } while said.last != "4242" && said.count < 50
    #expect(said.last == "4242", "\(said)")
    #expect(said.dropLast().allSatisfy { $0 == nil }, "and never for somebody else's: \(said)")
  }

  @Test("the live connections on its admin socket, with verdict, protocol and bytes, under the journal's name for them")
  func liveConnections() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("hello\n")
    #expect(try client.receive(exactly: 6) == "hello\n")
    let report = try #require(try connections(scene).first)
    #expect(report.originalDestination == server.address)
    #expect(report.direction == .outbound)
    #expect(report.protocol == "opaque")
    #expect(report.bytesReceived == 6)
    #expect(report.bytesSent == 6)
    #expect(report.verdict.decision == .allow)
    #expect(try scene.proxy.admin("/v1/connections/\(report.id)").contains(report.id))
    client.close()
    #expect(try scene.record(to: server.address)["CONNECTION_ID"] == report.id)
    #expect(try connections(scene) == [])
  }

  private func connections(_ scene: ProxyScene) throws -> [ConnectionReport] {
    try JSONDecoder().decode(ConnectionList.self, from: Data(try scene.proxy.admin("/v1/connections").utf8)).connections
  }

  @Test("nothing on its admin socket to a stranger")
  func strangers() throws {
    let scene = try ProxyScene.outbound()
    let ask = Command(
      "curl",
      ["-sS", "--fail", "--max-time", "20", "--unix-socket", scene.proxy.adminSocket, "http://proxy/v1/status"]
    )
    #expect(try ask.run().succeeded)
    #expect(try ask.with(\.uid, ProxyUnderTest.uid).run().succeeded)
    #expect(try !ask.with(\.uid, 4242).run().succeeded)
  }

  @Test("what a hostile peer sends as server name without breaking its own log")
  func hostileServerName() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send(ProxyDetectionTests.clientHello(name: "x\nMESSAGE=forged\"\\\u{1b}[31m"))
    client.finish()
    _ = try client.receiveToEnd()
    let record = try scene.record(to: server.address)
    #expect(record["SNI"] == "x\nMESSAGE=forged\"\\\u{1b}[31m")
    #expect(record["MESSAGE"]?.contains("forged") == false)
    #expect(!scene.proxy.program.error.text.contains("\u{1b}"))
  }
}
