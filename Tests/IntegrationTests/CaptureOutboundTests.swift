import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Cases 1 to 5 of capture.md: what leaves a pod, and what must never be captured.
@Suite("Capture: outbound")
struct CaptureOutboundTests {
  @Test("1: a program reaches its own loopback untouched", arguments: PacketFilter.allCases)
  func loopback(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.pod)
    try Capture.apply(scene.pod, filter)
    for address in scene.loopback(8080) {
      #expect(try hear(from: scene.pod, address).hasPrefix("direct 8080"))
    }
    #expect(!proxy.output.text.contains("captured"))
    withExtendedLifetime(server) {}
  }

  @Test("2: a program reaches its own pod's address directly", arguments: PacketFilter.allCases)
  func ownAddress(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.pod)
    try Capture.apply(scene.pod, filter)
    for address in scene.addresses(scene.podEnd, 8080) {
      #expect(try hear(from: scene.pod, address).hasPrefix("direct 8080"))
    }
    #expect(!proxy.output.text.contains("captured"))
    withExtendedLifetime(server) {}
  }

  @Test("3: a program that dials its own service goes out by the proxy and comes back through the inbound side")
  func ownService() throws {
    let pods = try RoutedPods()
    let proxy = try Player.relay([15001, 15006]).start(in: pods.client, as: 1337)
    let server = try Player.server([8080]).start(in: pods.client)
    try Capture.apply(pods.client)
    let services = [("198.51.100.7", false, pods.clientEnd.v4), ("2001:db8:7::7", true, pods.clientEnd.v6)]
    for (service, v6, pod) in services {
      // The router balances the service to the pod that asked, and stands in as the source so that answers come back.
      let there = v6 ? "[\(pod)]:8080" : "\(pod):8080"
      try PacketFilter.nft.iptables(
        pods.router,
        v6: v6,
        "-t",
        "nat",
        "-A",
        "PREROUTING",
        "-d",
        service,
        "-p",
        "tcp",
        "-j",
        "DNAT",
        "--to",
        there
      )
      try PacketFilter.nft.iptables(
        pods.router,
        v6: v6,
        "-t",
        "nat",
        "-A",
        "POSTROUTING",
        "-d",
        "\(pod)",
        "-j",
        "MASQUERADE"
      )
      let address = SocketAddress(try #require(IPAddress(service)), port: 80)
      #expect(try hear(from: pods.client, address).hasPrefix("direct 8080"))
      try proxy.output.await("captured 15001 \(address) ")
      try proxy.output.await("captured 15006 \(there) ")
    }
    withExtendedLifetime(server) {}
  }

  @Test("4: the proxy's leg to the program is not captured again", arguments: PacketFilter.allCases)
  func inboundLeg(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.relay([15001, 15006]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.pod)
    try Capture.apply(scene.pod, filter)
    for address in scene.addresses(scene.podEnd, 8080) {
      #expect(try hear(from: scene.world, address).hasPrefix("direct 8080"))
      try proxy.output.await("captured 15006 \(address) ")
    }
    #expect(proxy.output.text.components(separatedBy: "captured").count == 3, "each connection met the proxy once")
    withExtendedLifetime(server) {}
  }

  @Test("5: the proxy reaches anything by any protocol, where others are captured or refused")
  func proxyItself() throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001]).start(in: scene.pod, as: 1337)
    let servers = try [Player.server([8080]), .datagrams([443, 9000])].map { try $0.start(in: scene.world) }
    try Capture.apply(scene.pod, .nft, "--non-tcp", "deny", "--refuse-quic")
    for address in scene.addresses(scene.worldEnd, 8080) {
      #expect(try hear(from: scene.pod, as: 1337, address).hasPrefix("direct 8080"))
      #expect(try hear(from: scene.pod, as: 65534, address).hasPrefix("captured 15001 \(address)"))
    }
    for port: UInt16 in [443, 9000] {
      for address in scene.addresses(scene.worldEnd, port) {
        #expect(try hearDatagram(from: scene.pod, as: 1337, address) == "direct \(port)")
        #expect(try hearDatagram(from: scene.pod, as: 65534, address) == refusedToSend)
      }
    }
    let ping = try scene.pod.command("ping", "-c1", "-W5", "\(scene.worldEnd.v4)").with(\.uid, 1337).run()
    #expect(ping.succeeded, "\(ping)")
    withExtendedLifetime((proxy, servers)) {}
  }

  @Test("5: the proxy is also known by its group or by a mark on its packets")
  func proxyByGroupAndMark() throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.world)
    let there = SocketAddress(scene.worldEnd.v4, port: 8080)
    try Capture.apply(scene.pod, .nft, "--proxy-gid", "4711", "--proxy-mark", "0x10/0xf0")
    #expect(try hear(from: scene.pod, as: 4711, there).hasPrefix("direct"))
    #expect(try hear(from: scene.pod, as: 4712, there).hasPrefix("captured"))
    let marked = """
      import socket
      s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, 36, 0x1b); s.connect(("\(there.ip)", 8080))
      print(s.makefile().readline())
      """
    #expect(try scene.pod.run("/usr/bin/python3", "-c", marked).orThrow().output.hasPrefix("direct"))
    withExtendedLifetime((proxy, server)) {}
  }
}
