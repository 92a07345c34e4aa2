import Foundation
import Glibc
import MeshModel
import Synchronization
import Testing
import WeftTestKit

@Suite("The proxy relays")
struct ProxyRelayTests {
  @Test("an outbound connection reaches the address its program dialled, over both families")
  func outbound() throws {
    let scene = try ProxyScene.outbound()
    for ip in [scene.pods.serverEnd.v4, scene.pods.serverEnd.v6] {
      let server = try EchoServer(in: scene.pods.server, on: ip)
      let client = try scene.dial(server.address)
      try client.send("hello")
      #expect(try client.receive(exactly: 5) == "hello")
      client.finish()
      #expect(try client.receiveToEnd() == "")
      let record = try scene.record(to: server.address)
      #expect(record["EVENT"] == "connection-closed")
      #expect(record["DIRECTION"] == "outbound")
      #expect(record["REASON"] == "finished")
      #expect(record["SOURCE"] == client.localAddress?.description)
      #expect(record["BYTES_SENT"] == "5")
      #expect(record["BYTES_RECEIVED"] == "5")
    }
  }

  @Test("an inbound connection reaches the program in the pod, over both families")
  func inbound() throws {
    let scene = try ProxyScene.inbound()
    for ip in [scene.pods.serverEnd.v4, scene.pods.serverEnd.v6] {
      let server = try EchoServer(in: scene.pods.server, on: ip)
      let client = try scene.dial(server.address)
      try client.send("hello")
      #expect(try client.receive(exactly: 5) == "hello")
      client.finish()
      #expect(try client.receiveToEnd() == "")
      #expect(try scene.record(to: server.address)["DIRECTION"] == "inbound")
    }
  }

  @Test("two proxies in a row carry a connection, and each tells of it")
  func bothSides() throws {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    try Redirect.apply(to: pods.server, outbound: nil)
    let near = try ProxyUnderTest(in: pods.client)
    let far = try ProxyUnderTest(in: pods.server)
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let client = try PodStream.connect(from: pods.client, to: server.address)
    try client.send("through both")
    client.finish()
    #expect(try client.receiveToEnd() == "through both")
    for proxy in [near, far] {
      let record = try proxy.record("of the connection") { $0["EVENT"] == "connection-closed" }
      #expect(record["ORIGINAL_DESTINATION"] == server.address.description)
    }
  }

  @Test("a client that is done sending still gets the whole answer")
  func clientHalfClose() throws {
    let scene = try ProxyScene.outbound()
    let (client, server) = try scene.connection()
    try client.send("question")
    client.finish()
    #expect(try server.receiveToEnd() == "question")
    // Only after the client's end has arrived does the server begin to answer.
    try server.send(String(repeating: "a", count: 200_000))
    server.close()
    #expect(try client.receiveToEnd().count == 200_000)
  }

  @Test("a server that is done sending still gets what the client has left to say")
  func serverHalfClose() throws {
    let scene = try ProxyScene.outbound()
    let (client, server) = try scene.connection()
    try server.send("goodbye")
    server.finish()
    #expect(try client.receiveToEnd() == "goodbye")
    try client.send(String(repeating: "c", count: 200_000))
    client.close()
    #expect(try server.receiveToEnd().count == 200_000)
  }

  @Test("a shell pipeline with nc and socat works through it unchanged")
  func unmodifiedPrograms() throws {
    let scene = try ProxyScene.outbound()
    let address = "\(scene.pods.serverEnd.v4)"
    let server = try scene.pods.server.start("socat", "TCP-LISTEN:7001", "SYSTEM:sort")
    try server.waitForListener(7001)
    let client = scene.pods.client.command("nc", "-N", address, "7001").with(\.input, Array("c\na\nb\n".utf8))
    #expect(try client.run().orThrow().output == "a\nb\nc\n")
  }

  @Test("a reset by the client reaches the server as a reset")
  func clientReset() throws {
    let scene = try ProxyScene.outbound()
    let (client, server) = try scene.connection()
    try client.send("x")
    #expect(try server.receive(exactly: 1) == "x")
    client.reset()
    #expect(endsInReset(server))
    #expect(try scene.proxy.record("of a reset") { $0["REASON"] == "client-reset" }["FLAGS"] == "DC")
  }

  @Test("a reset by the server reaches the client as a reset")
  func serverReset() throws {
    let scene = try ProxyScene.outbound()
    let (client, server) = try scene.connection()
    try client.send("x")
    #expect(try server.receive(exactly: 1) == "x")
    server.reset()
    #expect(endsInReset(client))
    #expect(try scene.proxy.record("of a reset") { $0["REASON"] == "server-reset" }["FLAGS"] == "UC")
  }

  @Test("100 MB arrive complete and in order while as much flows back")
  func bulkBothWays() throws {
    let scene = try ProxyScene.outbound()
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    // A prime length, so that a lost or repeated buffer of any power of two shows in the content.
    let pattern = (0..<65521).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let rounds = 1600
    Thread.detachNewThread {
      for _ in 0..<rounds { if (try? client.send(pattern)) == nil { break } }
      client.finish()
    }
    var position = 0
    var isIntact = true
    while true {
      let bytes = try client.receive(upTo: 1 << 20)
      if bytes.isEmpty { break }
      for byte in bytes {
        if byte != pattern[position % pattern.count] { isIntact = false }
        position += 1
      }
    }
    #expect(isIntact)
    #expect(position == rounds * pattern.count)
  }

  @Test("the legs of a burst to a neighbour use Reno, however long the busy loop saw their handshakes take")
  func burst() throws {
    let scene = try ProxyScene.outbound()
    let usual = try scene.pods.client.run("sysctl", "-n", "net.ipv4.tcp_congestion_control").orThrow().output
    let listener = try scene.listener()
    let dialled = try (0..<64).map { _ in try scene.dial(listener.address) }
    let accepted = try dialled.map { client in
      try client.send("x")
      return try listener.accept()
    }
    for server in accepted { #expect(try server.receive(exactly: 1) == "x") }
    let legs = try scene.pods.client.run(
      "/usr/bin/ss",
      "-Htino",
      "state",
      "established",
      "dst",
      "\(listener.address)",
      "and",
      "src",
      "\(scene.pods.clientEnd.v4)"
    ).orThrow().output
    let used = legs.split(separator: "\n").filter { $0.contains("rtt:") }
    #expect(used.count == 128, "the programs' ends and the proxy's")
    #expect(used.count { $0.contains(" reno ") } == (usual == "reno\n" ? 128 : 64))
  }
}
