import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("The proxy under odd and hostile use")
struct ReviewProxyTests {
  @Test("urgent data neither gets lost nor holds up what follows it")
  func urgentData() throws {
    let scene = try ProxyScene.outbound()
    let listener = try scene.listener()
    // All of it waits in the proxy's socket when the proxy looks for the first time.
    let program = """
      import os, signal, socket, sys
      client = socket.create_connection((sys.argv[1], int(sys.argv[2])))
      client.recv(1)
      os.kill(int(sys.argv[3]), signal.SIGSTOP)
      client.send(b"abc"); client.send(b"X", socket.MSG_OOB); client.send(b"def")
      os.kill(int(sys.argv[3]), signal.SIGCONT)
      client.recv(1)
      """
    let address = listener.address
    let client = try Command(
      "python3",
      ["-c", program, "\(address.ip)", "\(address.port)", "\(scene.proxy.program.pid)"]
    ).with(\.pod, scene.pods.client).start()
    let server = try listener.accept()
    try server.send("1")
    #expect(try server.receive(exactly: 7) == "abcXdef")
    try server.send("2")
    #expect(try client.outcome().code == 0)
  }

  @Test("a client that says too little to tell a protocol is recorded as opaque, not as silent")
  func shortOpaque() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("HELLO")
    #expect(try client.receive(exactly: 5) == "HELLO")
    client.finish()
    _ = try client.receiveToEnd()
    #expect(try scene.record(to: server.address)["PROTOCOL"] == "opaque")
  }

  @Test("1,000 clients that say one byte each cost less than 1.5 KiB each")
  func oneByteClients() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    // Its own memory: pages of its code come and go as they are used.
    let before = try scene.proxy.memory().anonymous
    var clients: [PodStream] = []
    for _ in 0..<1000 {
      let client = try scene.dial(server.address)
      try client.send("G")
      clients.append(client)
    }
    // Each may become a request, and is passed on when it has waited for more.
    for client in clients { #expect(try client.receive(exactly: 1) == "G") }
    #expect(try scene.proxy.memory().anonymous - before < 1000 * 1536)
  }

  @Test("/ready answers at once while 200 clients say nothing on every port of the control thread")
  func idleProbes() throws {
    let scene = try ProxyScene.outbound()
    var idle: [PodStream] = []
    for port in [15020, 15021] as [UInt16] {
      for _ in 0..<100 {
        idle.append(try scene.dial(SocketAddress(IPAddress(v4: 0x7f00_0001), port: port)))
      }
    }
    let started = ContinuousClock.now
    let outcome = try scene.proxy.get("/ready", port: 15021)
    #expect(outcome.output.contains("200"))
    // Idle clients are sent away after 5 seconds: waiting for that would be too late for any probe.
    #expect(ContinuousClock.now - started < .seconds(3))
    withExtendedLifetime(idle) {}
  }

  @Test(
    "a request with a body, a pipelined one, a HEAD, garbage and a huge head are each answered",
    arguments: [
      ("POST /ready HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc", "HTTP/1.1 405 "),
      (String(repeating: "GET /ready HTTP/1.1\r\n\r\n", count: 300), "HTTP/1.1 200 "),
      ("HEAD /ready HTTP/1.1\r\n\r\n", "HTTP/1.1 200 "), ("garbage\r\n\r\n", "HTTP/1.1 400 "),
      ("GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\n\r\n", "HTTP/1.1 431 "),
    ]
  )
  func oddRequests(request: String, answer: String) throws {
    let scene = try ProxyScene.outbound()
    let probe = try scene.dial(SocketAddress(IPAddress(v4: 0x7f00_0001), port: 15021))
    try probe.send(request)
    let reply = try probe.receiveToEnd()
    #expect(reply.hasPrefix(answer))
    #expect(reply.hasSuffix("\r\n\r\n") == request.hasPrefix("HEAD"))
  }

  @Test("a snapshot and a label file that are no regular files are refused, not waited for")
  func fifos() throws {
    let pods = try TwoPods()
    let directory = try TemporaryDirectory()
    let fifo = directory.file("fifo")
    #expect(mkfifo(fifo, 0o666) == 0)
    for arguments in [["--snapshot", fifo], ["--labels", "@\(fifo)"]] {
      var options = ProxyUnderTest.Options()
      options.arguments = arguments
      let outcome = try ProxyUnderTest.failure(in: pods.client, options)
      #expect(outcome.code == 2)
      #expect(outcome.error.contains("regular file"))
      #expect(outcome.error.split(separator: "\n").count == 1)
    }
  }

  @Test(
    "a port or number that cannot be right is refused with what would be, the proxy's own ports included",
    arguments: [
      (["--inbound-ports", "15006-15010"], "15008"), (["--inbound-ports", "15010-15020"], "15020"),
      (["--inbound-ports", "15021-15030"], "15021"), (["--inbound-ports", "15008"], "15008"),
      (["--outbound-port", "15008"], "15008"), (["--metrics-port", "15008"], "15008"),
      (["--inbound-ports", "15100-15199"], "of up to 16"), (["--outbound-port", "65536"], "from 1 to 65535"),
      (["--connect-timeout", "-5"], "from 1 to 604800"), (["--workers", "0"], "from 1 to 64"),
    ]
  )
  func ownPorts(arguments: [String], named: String) throws {
    let pods = try TwoPods()
    var options = ProxyUnderTest.Options()
    options.arguments = arguments
    let outcome = try ProxyUnderTest.failure(in: pods.client, options)
    #expect(outcome.code == 2)
    #expect(outcome.error.contains(named))
    #expect(outcome.error.split(separator: "\n").count == 1)
  }

  @Test("without a snapshot, records name no configuration version: none")
  func versionOfNothing() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    client.finish()
    _ = try client.receiveToEnd()
    #expect(try scene.record(to: server.address)["CONFIG_VERSION"] == "none")
  }

  @Test("what is in the place of its admin socket, another proxy's or a file, is still there when it ends")
  func foreignAdminSocket() throws {
    let pods = try TwoPods()
    let first = try ProxyUnderTest(in: pods.client)
    var options = ProxyUnderTest.Options()
    options.runDirectory = first.runDirectory
    options.name = first.name
    let second = try ProxyUnderTest(in: pods.server, options)
    second.program.signal(SIGTERM)
    #expect(try second.program.outcome().code == 0)
    #expect(try first.admin("/v1/status").contains(first.name))
  }

  @Test("with no descriptor left for its own listeners the proxy waits instead of spinning")
  func controlWithoutDescriptors() throws {
    var options = ProxyUnderTest.Options()
    options.descriptorLimit = 40
    let scene = try ProxyScene.outbound(options)
    let probes = try (0..<30).map { _ in try scene.dial(SocketAddress(IPAddress(v4: 0x7f00_0001), port: 15021)) }
    let before = try cpuTicks(scene.proxy.program.pid)
    // A rate is what is tested, so a stretch of time has to pass.
    Thread.sleep(forTimeInterval: 1)
    #expect(try cpuTicks(scene.proxy.program.pid) - before < 30, "of the 100 ticks that a spinning thread uses")
    withExtendedLifetime(probes) {}
  }

  /// User and system time in hundredths of a second (proc(5), fields 14 and 15 of stat).
  private func cpuTicks(_ pid: Int32) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    return try #require(Int(fields[12])) + #require(Int(fields[13]))
  }
}
