import Foundation
import Glibc
import MeshModel
import Synchronization
import Testing
import WeftTestKit

@Suite("The proxy stays within its limits")
struct ProxyLimitTests {
  @Test("a slow reader of 300 MB holds its writer back and grows the proxy by less than 2 MB")
  func slowReader() throws {
    let scene = try ProxyScene.outbound()
    let (client, server) = try scene.connection()
    let before = try scene.proxy.memory().anonymous
    let written = Written()
    let total = 300 << 20
    Thread.detachNewThread {
      let chunk = [UInt8](repeating: 7, count: 1 << 20)
      while written.bytes < total, (try? server.send(chunk)) != nil { written.add(chunk.count) }
      server.finish()
    }
    try written.waitUntilStalled()
    #expect(written.bytes < total / 2, "the writer was not held back")
    // RelayLimit: one direction holds at most 512 KiB for a slow reader, and the scratch buffer is as large.
    #expect(try scene.proxy.memory().anonymous - before < 2 << 20)
    var received = 0
    while true {
      let bytes = try client.receive(upTo: 1 << 20)
      if bytes.isEmpty { break }
      received += bytes.count
    }
    #expect(received == total)
  }

  @Test("200 slow readers together stay below the worker's bound")
  func manySlowReaders() throws {
    let scene = try ProxyScene.outbound()
    let listener = try scene.listener()
    let before = try scene.proxy.memory().anonymous
    var streams: [PodStream] = []
    let chunk = [UInt8](repeating: 7, count: 1 << 20)
    for _ in 0..<200 {
      let client = try PodStream.connect(from: scene.pods.client, to: listener.address, receiveBuffer: 4096)
      let server = try listener.accept()
      streams += [client, server]
    }
    // Every writer fills its path until nothing moves any more.
    var stalledRounds = 0
    try eventually("all paths full") {
      var moved = 0
      for stream in streams where moved < 1 << 30 { moved += (try? stream.sendWithoutWaiting(chunk)) ?? 0 }
      stalledRounds = moved == 0 ? stalledRounds + 1 : 0
      return stalledRounds >= 5
    }
    // 64 MiB a worker, beyond which each direction adds at most 4 KiB; and a little for the connections themselves.
    #expect(try scene.proxy.memory().anonymous - before < 72 << 20)
    let healthy = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let other = try scene.dial(healthy.address)
    try other.send("still served")
    #expect(try other.receive(exactly: 12) == "still served")
  }

  @Test("a connection that says nothing for the idle timeout is ended, a busy one is not")
  func idleTimeout() throws {
    let scene = try ProxyScene.outbound(.init("--idle-timeout", "2"))
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let idle = try scene.dial(server.address)
    let busy = try scene.dial(server.address)
    try idle.send("x")
    #expect(try idle.receive(exactly: 1) == "x")
    let isOver = Atomic(false)
    let idleEnded = Atomic(false)
    Thread.detachNewThread {
      idleEnded.store(endsInReset(idle), ordering: .relaxed)
      isOver.store(true, ordering: .releasing)
    }
    let start = ContinuousClock.now
    try eventually("the end of the idle connection") {
      try busy.send("y")
      #expect(try busy.receive(exactly: 1) == "y")
      return isOver.load(ordering: .acquiring)
    }
    let wasReset = idleEnded.load(ordering: .relaxed)
    #expect(wasReset)
    #expect(ContinuousClock.now - start >= .milliseconds(1500))
    #expect(try scene.proxy.record("of the idle end") { $0["REASON"] == "idle-timeout" }["FLAGS"] == "SI")
    try busy.send("z")
    #expect(try busy.receive(exactly: 1) == "z")
  }

  @Test("with no descriptor left it stops accepting, says so, and goes on when some are free")
  func descriptorExhaustion() throws {
    var options = ProxyUnderTest.Options()
    options.descriptorLimit = 96
    let scene = try ProxyScene.outbound(options)
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    var clients: [PodStream] = []
    for _ in 0..<120 { clients.append(try scene.dial(server.address)) }
    try eventually("the limit to be reached") { try scene.proxy.descriptorCount() >= 48 }
    #expect(try scene.proxy.get("/live", port: 15021).output.contains("200"))
    let last = clients.removeLast()
    try last.send("patience")
    clients.forEach { $0.close() }
    #expect(try last.receive(exactly: 8) == "patience")
    try scene.proxy.record("of the exhaustion") { $0["EVENT"] == "descriptors-exhausted" }
    #expect(scene.proxy.program.exitCode == nil)
  }

  @Test("20,000 short connections leave no descriptor and little memory behind", .timeLimit(.minutes(3)))
  func manyShortConnections() throws {
    let scene = try ProxyScene.outbound()
    let web = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    func fetch(_ count: Int) throws {
      try scene.pods.client.command(
        "curl",
        "-sS",
        "--fail",
        "-H",
        "Connection: close",
        "-o",
        "/dev/null",
        "\(web.url)/[1-\(count)]"
      ).run(within: .seconds(120)).orThrow()
    }
    try fetch(500)
    try eventually("the first connections to end") { try openConnections(scene) == 0 }
    let (descriptors, memory) = (try scene.proxy.descriptorCount(), try scene.proxy.memory().anonymous)
    try fetch(20_000)
    try eventually("all connections to end") { try openConnections(scene) == 0 }
    // The question itself costs a descriptor, for as long as its answer takes.
    try eventually("as few descriptors as before") { try scene.proxy.descriptorCount() <= descriptors }
    #expect(try scene.proxy.memory().anonymous - memory < 1 << 20)
  }

  private func openConnections(_ scene: ProxyScene) throws -> Int {
    struct Status: Decodable {
      struct Counts: Decodable { let open: Int }
      let connections: Counts
    }
    return try JSONDecoder().decode(Status.self, from: Data(scene.proxy.admin("/v1/status").utf8)).connections.open
  }
}

/// How much a writing thread has got rid of.
final class Written: Sendable {
  private let count = Atomic<Int>(0)
  var bytes: Int { count.load(ordering: .relaxed) }
  func add(_ more: Int) { count.add(more, ordering: .relaxed) }

  /// Until nothing has been taken for a fifth of a second, which no event tells.
  func waitUntilStalled() throws {
    var last = -1
    var since = ContinuousClock.now
    try eventually("the writer to be held back") {
      if bytes != last { (last, since) = (bytes, .now) }
      return last > 0 && ContinuousClock.now - since > .milliseconds(200)
    }
  }
}
