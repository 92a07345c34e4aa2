import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("The proxy refuses")
struct ProxyRefusalTests {
  @Test("a client sees a reset, and no bytes, when the upstream refuses")
  func refusedUpstream() throws {
    let scene = try ProxyScene.outbound()
    let nobody = SocketAddress(scene.pods.serverEnd.v4, port: 9)
    // Whether connect() or the first read says so depends on who is faster; an orderly end would be wrong.
    do {
      let stream = try scene.dial(nobody)
      #expect(endsInReset(stream))
    } catch let failure as SocketFailure {
      #expect([ECONNREFUSED, ECONNRESET].contains(failure.code))
    }
    let record = try scene.record(to: nobody)
    #expect(record["EVENT"] == "connection-failed")
    #expect(record["REASON"] == "upstream-refused")
    #expect(record["FLAGS"] == "UF")
  }

  @Test("curl reports an error, not an empty reply, when the upstream refuses")
  func curlSeesRefusal() throws {
    let scene = try ProxyScene.outbound()
    let outcome = try scene.pods.client.run("curl", "-sS", "http://\(scene.pods.serverEnd.v4):9/")
    // 7: could not connect; 56: reset while receiving; 55: while sending. 52 would be the empty reply.
    #expect([7, 55, 56].contains(outcome.code), "\(outcome)")
  }

  @Test("an upstream that never answers is given up after the connect timeout")
  func connectTimeout() throws {
    let scene = try ProxyScene.outbound(.init("--connect-timeout", "1"))
    try scene.pods.server.shell("iptables -A INPUT -p tcp --dport 9 -j DROP").orThrow()
    let silent = SocketAddress(scene.pods.serverEnd.v4, port: 9)
    let client = try scene.dial(silent)
    let elapsed = ContinuousClock().measure { #expect(endsInReset(client)) }
    #expect(elapsed < .seconds(4))
    #expect(try scene.record(to: silent)["REASON"] == "connect-timeout")
  }

  @Test("an upstream without a route is told to the client at once")
  func unreachable() throws {
    let scene = try ProxyScene.outbound()
    try scene.pods.client.ip("route", "add", "unreachable", "203.0.113.0/24", "table", "77")
    try scene.pods.client.ip("rule", "add", "uidrange", "1337-1337", "lookup", "77")
    let nowhere = SocketAddress(IPAddress(v4: 0xcb00_7101), port: 80)
    let stream = try scene.dial(nowhere)
    #expect(endsInReset(stream))
    #expect(try scene.record(to: nowhere)["REASON"] == "upstream-unreachable")
  }

  @Test(
    "someone who dials the outbound or inbound port directly is turned away",
    arguments: [15001, 15006] as [UInt16]
  )
  func directDial(port: UInt16) throws {
    let scene = try ProxyScene.outbound()
    // From the other pod, so nothing redirects it.
    for ip in [scene.pods.clientEnd.v4, scene.pods.clientEnd.v6] {
      let stream = try PodStream.connect(from: scene.pods.server, to: SocketAddress(ip, port: port))
      #expect(endsInReset(stream))
    }
    let record = try scene.proxy.record("of the direct dial") { $0["REASON"] == "not-captured" }
    #expect(record["FLAGS"] == "NR")
  }

  @Test("a direct dial of the outbound port from within the pod is turned away too")
  func directDialFromWithin() throws {
    let scene = try ProxyScene.outbound()
    for ip in [IPAddress("127.0.0.1"), IPAddress("::1"), scene.pods.clientEnd.v4] {
      let stream = try scene.dial(SocketAddress(try #require(ip), port: 15001))
      #expect(endsInReset(stream))
    }
    // Each was one connection, not a chain of them.
    let status = try scene.proxy.admin("/v1/status")
    #expect(status.contains("\"open\" : 0") || status.contains("\"open\":0"), "\(status)")
  }

  @Test("rules that do not spare the proxy make no loop, and the log names it")
  func loopGuard() throws {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.client, proxyUID: nil, inbound: nil)
    let proxy = try ProxyUnderTest(in: pods.client)
    let server = try EchoServer(in: pods.server, on: pods.serverEnd.v4)
    let client = try PodStream.connect(from: pods.client, to: server.address)
    #expect(endsInReset(client))
    let record = try proxy.record("of the loop") { $0["EVENT"] == "loop-refused" }
    #expect(record["REASON"] == "loop")
    // What was dialled came back, and what was dialled for that again, which was recognised: one refusal, however long we wait.
    let loops = proxy.records.filter { $0["EVENT"] == "loop-refused" }
    #expect(loops.count == 1)
  }

  @Test("a program may use a source port that the proxy used a moment ago: that is no loop")
  func reusedSourcePort() throws {
    let scene = try ProxyScene.outbound()
    let listener = try scene.listener()
    let first = try scene.dial(listener.address)
    let accepted = try listener.accept()
    let proxyPort = try #require(accepted.peerAddress?.port)
    // The server ends first, so TIME_WAIT is on its side and the port is free again on this one.
    accepted.finish()
    #expect(try first.receiveToEnd() == "")
    first.close()
    #expect(try accepted.receiveToEnd() == "")
    try scene.record(to: listener.address)
    let count = scene.proxy.records.count
    let again = try PodStream.connect(
      from: scene.pods.client,
      to: listener.address,
      source: SocketAddress(scene.pods.clientEnd.v4, port: proxyPort)
    )
    let served = try listener.accept()
    try again.send("no loop")
    #expect(try served.receive(exactly: 7) == "no loop")
    again.close()
    served.close()
    // And it went through the proxy, not past it.
    #expect(try scene.record(to: listener.address, after: count)["REASON"] == "finished")
  }

  @Test(
    "a program whose connection NAT gives a source port that the proxy dials the same destination from: that is no loop"
  )
  func sharedSourcePort() throws {
    let scene = try ProxyScene.outbound()
    let listener = try scene.listener()
    let first = try scene.dial(listener.address)
    let accepted = try listener.accept()
    let shared = try #require(accepted.peerAddress)
    // Conntrack draws the port where two connections of one port would look alike; here it is told which one to take.
    try scene.pods.client.shell(
      "iptables -t nat -A POSTROUTING -o lo -p tcp --dport 15001 -j SNAT --to-source \(shared.ip):\(shared.port)"
    ).orThrow()
    let second = try scene.dial(listener.address)
    let served = try listener.accept()
    try second.send("no loop")
    #expect(try served.receive(exactly: 7) == "no loop")
    second.close()
    served.close()
    let record = try scene.proxy.record("of the second") { $0["SOURCE"] == shared.description }
    #expect(record["REASON"] == "finished", "\(record)")
    first.close()
  }
}
