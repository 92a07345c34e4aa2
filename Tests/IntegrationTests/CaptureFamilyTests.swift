import MeshModel
import Testing
import WeftTestKit

/// Case 6 of capture.md: no family leaks.
@Suite("Capture: families")
struct CaptureFamilyTests {
  @Test("6: IPv4, IPv6 and IPv4-mapped clients are captured in both directions", arguments: PacketFilter.allCases)
  func both(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.world)
    try Capture.apply(scene.pod, filter)
    for address in scene.addresses(scene.worldEnd, 8080) {
      #expect(try hear(from: scene.pod, address).hasPrefix("captured 15001 \(address)"))
    }
    for address in scene.addresses(scene.podEnd, 8080) {
      #expect(try hear(from: scene.world, address).hasPrefix("captured 15006 \(address)"))
    }
    let mapped = """
      import socket
      s = socket.socket(socket.AF_INET6); s.connect(("::ffff:\(scene.worldEnd.v4)", 8080)); print(s.makefile().readline())
      """
    let heard = try scene.pod.run("/usr/bin/python3", "-c", mapped).orThrow().output
    #expect(heard.hasPrefix("captured 15001 \(scene.worldEnd.v4):8080"))
    withExtendedLifetime((proxy, server)) {}
  }

  @Test("6: IPv6 link-local destinations, which cannot be redirected, work as without capture, and status says so")
  func linkLocal() throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.world)
    try Capture.apply(scene.pod)
    try scene.pod.ip("address", "add", "fe80::1/64", "dev", "eth0", "nodad")
    try scene.world.ip("address", "add", "fe80::2/64", "dev", "eth0", "nodad")
    let dial = """
      import socket
      s = socket.create_connection(("fe80::2%eth0", 8080), 5); print(s.makefile().readline())
      """
    #expect(try scene.pod.run("/usr/bin/python3", "-c", dial).orThrow().output.hasPrefix("direct"))
    #expect(try Capture.run("status", scene.pod).output.contains("fe80::/10"))
    withExtendedLifetime((proxy, server)) {}
  }

  @Test("6: a pod with IPv6 alone is captured")
  func onlyIPv6() throws {
    let scene = try CaptureScene()
    try scene.pod.ip("-4", "address", "flush", "dev", "eth0")
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.world)
    try Capture.apply(scene.pod)
    let there = SocketAddress(scene.worldEnd.v6, port: 8080)
    let here = SocketAddress(scene.podEnd.v6, port: 8080)
    #expect(try hear(from: scene.pod, there).hasPrefix("captured 15001 \(there)"))
    #expect(try hear(from: scene.world, here).hasPrefix("captured 15006 \(here)"))
    #expect(try Capture.run("verify", scene.pod).succeeded)
    withExtendedLifetime((proxy, server)) {}
  }

  @Test(
    "6: a family that is not asked for is refused at once in both directions, and loopback lives",
    arguments: PacketFilter.allCases
  )
  func notAskedFor(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let servers = try [scene.pod, scene.world].map { try Player.server([8080]).start(in: $0) }
    let applied = try Capture.run("apply", scene.pod, ["--backend", filter.rawValue, "--family", "4"]).orThrow()
    #expect(applied.error.contains("IPv6 is not captured; what would have been is refused"))
    #expect(try hear(from: scene.pod, SocketAddress(scene.worldEnd.v4, port: 8080)).hasPrefix("captured 15001"))
    #expect(try hear(from: scene.pod, SocketAddress(scene.worldEnd.v6, port: 8080)) == refused)
    #expect(try hear(from: scene.world, SocketAddress(scene.podEnd.v6, port: 8080)) == refused)
    #expect(try hear(from: scene.pod, scene.loopback(8080)[1]).hasPrefix("direct"))
    #expect(try hear(from: scene.pod, as: 1337, SocketAddress(scene.worldEnd.v6, port: 8080)).hasPrefix("direct"))
    withExtendedLifetime((proxy, servers)) {}
  }

  @Test("6: a family whose kernel cannot redirect is refused, said loudly, and the other is captured")
  func notCapturable() throws {
    let scene = try CaptureScene()
    let server = try Player.server([8080]).start(in: scene.world)
    let tools = try FakeTools()
    try tools.refuse("ip6tables-nft-restore", "*nat", saying: "table `nat' does not exist")
    let applied = try Capture.run("apply", scene.pod, path: tools.path).orThrow()
    #expect(applied.error.contains("IPv6 cannot be captured: the kernel lacks table nat"))
    #expect(try hear(from: scene.pod, SocketAddress(scene.worldEnd.v6, port: 8080)) == refused)
    #expect(try hear(from: scene.pod, SocketAddress(scene.worldEnd.v4, port: 8080)) == refused, "no proxy listens")
    #expect(try Capture.run("status", scene.pod).orThrow().output.contains("IPv4: TCP is captured"))
    #expect(try Capture.run("verify", scene.pod).orThrow().output.contains("outbound probe was refused"))
    withExtendedLifetime(server) {}
  }
}
