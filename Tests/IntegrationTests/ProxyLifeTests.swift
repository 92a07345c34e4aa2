import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("The proxy starts and ends")
struct ProxyLifeTests {
  @Test("started as root it serves as uid 1337 without any capability")
  func dropsPrivileges() throws {
    let scene = try ProxyScene.outbound()
    let status = try String(contentsOfFile: "/proc/\(scene.proxy.program.pid)/status", encoding: .utf8)
    let lines = status.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
    func field(_ name: String) -> [String]? { lines.first { $0.first == "\(name):" }.map { Array($0.dropFirst()) } }
    #expect(field("Uid") == ["1337", "1337", "1337", "1337"])
    #expect(field("Gid") == ["1337", "1337", "1337", "1337"])
    for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] { #expect(field(set) == ["0000000000000000"], "\(set)") }
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("x")
    #expect(try client.receive(exactly: 1) == "x")
    #expect(try scene.proxy.admin("/v1/status").contains("1337"))
  }

  @Test("started under its own account it serves as well")
  func startedWithoutRoot() throws {
    var options = ProxyUnderTest.Options()
    options.uid = ProxyUnderTest.uid
    let scene = try ProxyScene.outbound(options)
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("x")
    #expect(try client.receive(exactly: 1) == "x")
    client.close()
    try scene.record(to: server.address)
  }

  @Test("SIGTERM drains: /ready turns 503, an open connection goes on, and its end ends the proxy with 0")
  func drain() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("a")
    #expect(try client.receive(exactly: 1) == "a")
    #expect(try scene.proxy.get("/ready", port: 15021).output.hasSuffix("200"))
    scene.proxy.program.signal(SIGTERM)
    try scene.proxy.record("of the drain") { $0["EVENT"] == "proxy-draining" }
    #expect(try scene.proxy.get("/ready", port: 15021).output.hasSuffix("503"))
    #expect(try scene.proxy.get("/live", port: 15021).output.hasSuffix("200"))
    try client.send("b")
    #expect(try client.receive(exactly: 1) == "b")
    client.finish()
    #expect(try client.receiveToEnd() == "")
    #expect(try scene.proxy.program.waitForExit() == 0)
    try scene.proxy.record("of its end") { $0["EVENT"] == "proxy-stopped" }
  }

  @Test("a connection still open at the drain deadline is reset, and the proxy ends with 0")
  func drainDeadline() throws {
    let scene = try ProxyScene.outbound(.init("--drain-timeout", "1"))
    let (client, server) = try scene.connection()
    try client.send("a")
    #expect(try server.receive(exactly: 1) == "a")
    scene.proxy.program.signal(SIGTERM)
    let start = ContinuousClock.now
    #expect(try scene.proxy.program.waitForExit() == 0)
    #expect(ContinuousClock.now - start >= .milliseconds(700))
    #expect(endsInReset(client))
    #expect(endsInReset(server))
    try scene.proxy.record("of the drained connection") { $0["REASON"] == "drain-deadline" }
  }

  @Test("kill -9 leaves nothing in the way of a start right after")
  func killAndRestart() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("a")
    #expect(try client.receive(exactly: 1) == "a")
    scene.proxy.program.kill()
    _ = try scene.proxy.program.waitForExit()
    var options = ProxyUnderTest.Options()
    options.name = scene.proxy.name
    options.runDirectory = scene.proxy.runDirectory
    let next = try ProxyUnderTest(in: scene.pods.client, options)
    let again = try scene.dial(server.address)
    try again.send("b")
    #expect(try again.receive(exactly: 1) == "b")
    #expect(try next.admin("/v1/status").contains(next.name))
  }

  @Test("a proxy started with --replace takes over without one refused or lost connection")
  func handover() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let old = try scene.dial(server.address)
    try old.send("a")
    #expect(try old.receive(exactly: 1) == "a")
    var options = ProxyUnderTest.Options("--replace")
    options.name = scene.proxy.name
    options.runDirectory = scene.proxy.runDirectory
    let isOver = Flag()
    let traffic = Traffic(from: scene.pods.client, to: server.address, until: isOver)
    let next = try ProxyUnderTest(in: scene.pods.client, options)
    try scene.proxy.record("of the old one's drain") { $0["EVENT"] == "proxy-draining" }
    try old.send("b")
    #expect(try old.receive(exactly: 1) == "b")
    old.close()
    #expect(try scene.proxy.program.waitForExit() == 0)
    try next.record("of a connection") { $0["EVENT"] == "connection-closed" }
    isOver.raise()
    let result = try traffic.result()
    #expect(result.failures == [])
    #expect(result.served > 0)
  }

  @Test("who takes over serves metrics and health too, time and again, and holds nothing of who went")
  func handoverOfDoors() throws {
    let scene = try ProxyScene.outbound()
    var options = ProxyUnderTest.Options("--replace")
    options.name = scene.proxy.name
    options.runDirectory = scene.proxy.runDirectory
    // Asked by the admin socket, so that the descriptors of a question are not among them.
    _ = try scene.proxy.admin("/v1/status")
    let before = try scene.proxy.descriptorCount()
    var old = scene.proxy
    for _ in 0..<2 {
      let next = try ProxyUnderTest(in: scene.pods.client, options)
      #expect(try old.program.waitForExit() == 0)
      #expect(try next.get("/ready", port: 15021).output.hasSuffix("200"))
      #expect(try next.get("/metrics", port: 15020).output.contains("tcp_open_total"))
      #expect(next.records.allSatisfy { $0["EVENT"] != "listener-problem" })
      try eventually("as many descriptors as before") { try next.descriptorCount() <= before }
      old = next
    }
  }

  @Test("a port that is taken ends the start with 1 and one line that names it", arguments: [15001, 15006] as [UInt16])
  func portTaken(port: UInt16) throws {
    let pod = try Pod()
    let holder = try PodListener(in: pod, on: SocketAddress(IPAddress(v4: 0), port: port))
    let outcome = try ProxyUnderTest.failure(in: pod, .init())
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.error.contains("0.0.0.0:\(port)"))
    #expect(outcome.error.split(separator: "\n").count == 1)
    holder.close()
  }

  @Test("a second proxy of the same account does not slip in beside the first")
  func secondProxy() throws {
    let pod = try Pod()
    let first = try ProxyUnderTest(in: pod)
    let outcome = try ProxyUnderTest.failure(in: pod, .init())
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.error.contains(":15001"))
    #expect(first.program.exitCode == nil)
  }

  @Test("a taken socket path, health or metrics port is said once, and the traffic flows")
  func doorsTaken() throws {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    let directory = try TemporaryDirectory()
    try directory.write("proxy-taken.sock", "not a socket")
    let holders = try [15020, 15021].map { port in
      try PodListener(in: pods.client, on: SocketAddress(IPAddress(v4: 0), port: port))
    }
    var options = ProxyUnderTest.Options()
    options.name = "taken"
    options.runDirectory = directory
    let proxy = try ProxyUnderTest(in: pods.client, options)
    for subject in ["proxy-taken.sock", "0.0.0.0:15020", "0.0.0.0:15021"] {
      try proxy.record("of \(subject)") {
        $0["EVENT"] == "listener-problem" && $0["MESSAGE"]?.contains(subject) ?? false
      }
    }
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let client = try PodStream.connect(from: pods.client, to: server.address)
    try client.send("x")
    #expect(try client.receive(exactly: 1) == "x")
    #expect(proxy.records.filter { $0["EVENT"] == "listener-problem" }.count == 3)
    _ = holders
  }

  @Test("without journald it logs JSON lines to standard error, says why once, and serves")
  func noJournald() throws {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    var options = ProxyUnderTest.Options()
    options.log = "journal"
    options.hidesJournal = true
    let proxy = try ProxyUnderTest(in: pods.client, options)
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let client = try PodStream.connect(from: pods.client, to: server.address)
    try client.send("x")
    #expect(try client.receive(exactly: 1) == "x")
    client.close()
    try proxy.record("of the connection") { $0["EVENT"] == "connection-closed" }
    #expect(proxy.program.error.text.split(separator: "\n").filter { $0.contains("/run/systemd/journal") }.count == 1)
  }

  @Test(
    "a bad option ends the start with 2 and one line that names it",
    arguments: [
      ["--outbound-port", "70000"], ["--outbound-port", "0"], ["--inbound-ports", "15010-15006"],
      ["--connect-timeout", "0"], ["--labels", "app"], ["--namespace", "No Such"], ["--log", "syslog"],
      ["--workers", "-1"], ["--unheard-of"], ["--user", "nobody-of-that-name"], ["stray"],
    ]
  )
  func badOption(arguments: [String]) throws {
    let pod = try Pod()
    var options = ProxyUnderTest.Options()
    options.arguments = arguments
    let outcome = try ProxyUnderTest.failure(in: pod, options)
    #expect(outcome.code == 2, "\(outcome)")
    #expect(outcome.error.hasPrefix("weft-proxy: "), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
  }
}
