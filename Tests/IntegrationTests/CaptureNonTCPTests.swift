import MeshModel
import Testing
import WeftTestKit

/// Cases 16, 17 and 18 of capture.md: what is not TCP.
@Suite("Capture: not TCP")
struct CaptureNonTCPTests {
  /// A name server that knows one name, for clients that speak real DNS.
  private static let nameServer = """
    import socket, selectors, os
    doors = selectors.DefaultSelector()
    for family in (socket.AF_INET, socket.AF_INET6):
        s = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("", 53)); doors.register(s, selectors.EVENT_READ)
    os.write(1, b"ready\\n")
    while True:
        for key, _ in doors.select():
            q, peer = key.fileobj.recvfrom(512)
            key.fileobj.sendto(q[:2] + b"\\x84\\x00" + q[4:] , peer)
            os.write(1, b"query\\n")
    """

  @Test(
    "16: DNS passes uncaptured and once, also where the rest of UDP is refused",
    arguments: [[], ["--non-tcp", "deny"]]
  )
  func dns(options: [String]) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15053]).start(in: scene.pod, as: 1337)
    let resolver = try scene.world.start("/usr/bin/python3", "-c", Self.nameServer)
    try resolver.output.await("ready\n")
    try Capture.run("apply", scene.pod, options).orThrow()
    for end in scene.addresses(scene.worldEnd, 53) {
      let query = """
        import socket
        s = socket.socket(socket.AF_INET6 if ":" in "\(end.ip)" else socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5)
        q = b"\\x12\\x34\\x01\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x04weft\\x04test\\x00\\x00\\x01\\x00\\x01"
        s.connect(("\(end.ip)", 53)); s.send(q); a = s.recv(512); print(a[:2] == q[:2] and a[2] == 0x84)
        """
      #expect(try scene.pod.run("/usr/bin/python3", "-c", query).orThrow().output == "True\n")
    }
    #expect(resolver.output.text == "ready\nquery\nquery\n", "each query reached the resolver once")
    #expect(!proxy.output.text.contains("captured"))
  }

  @Test("16: under --non-tcp deny, DNS goes to the resolvers that are named and nowhere else")
  func resolvers() throws {
    let scene = try CaptureScene()
    let server = try Player.datagrams([53]).start(in: scene.world)
    let (v4, v6) = (SocketAddress(scene.worldEnd.v4, port: 53), SocketAddress(scene.worldEnd.v6, port: 53))
    try Capture.apply(scene.pod, .nft, "--non-tcp", "deny", "--resolvers", "\(v4.ip)")
    #expect(try hearDatagram(from: scene.pod, v4) == "direct 53")
    #expect(try hearDatagram(from: scene.pod, v6) == refusedToSend)
    withExtendedLifetime(server) {}
  }

  @Test("17: UDP and ICMP pass when allowed, which is the default", arguments: PacketFilter.allCases)
  func allowed(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let servers = try [scene.pod, scene.world].map { try Player.datagrams([443, 9000]).start(in: $0) }
    try Capture.apply(scene.pod, filter)
    for address in scene.addresses(scene.worldEnd, 443) {
      #expect(try hearDatagram(from: scene.pod, address) == "direct 443")
    }
    for address in scene.addresses(scene.podEnd, 9000) {
      #expect(try hearDatagram(from: scene.world, address) == "direct 9000")
    }
    for address in scene.addresses(scene.worldEnd, 0) {
      #expect(try scene.pod.run("ping", "-c1", "-W5", "\(address.ip)").succeeded)
    }
    withExtendedLifetime(servers) {}
  }

  @Test(
    "17: UDP and ICMP are refused at once in both directions when denied, but not loopback, nor what IP needs",
    arguments: PacketFilter.allCases
  )
  func denied(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let servers = try [scene.pod, scene.world].map { try Player.datagrams([443, 9000]).start(in: $0) }
    let proxy = try Player.stub([15001]).start(in: scene.pod, as: 1337)
    try Capture.apply(scene.pod, filter, "--non-tcp", "deny", "--exclude-outbound-ports", "9000")
    // Neighbours are found anew, so this fails where neighbour discovery is refused.
    for pod in [scene.pod, scene.world] { try pod.ip("neigh", "flush", "dev", "eth0") }
    for address in scene.addresses(scene.worldEnd, 443) {
      #expect(try hearDatagram(from: scene.pod, address) == refusedToSend)
      #expect(try hear(from: scene.pod, address).hasPrefix("captured 15001"))
      let ping = try scene.pod.run("ping", "-c1", "-W5", "\(address.ip)")
      #expect(!ping.succeeded)
    }
    for address in scene.addresses(scene.podEnd, 443) {
      #expect(try hearDatagram(from: scene.world, address) == "Connection refused")
      #expect(try !scene.world.run("ping", "-c1", "-W5", "\(address.ip)").succeeded)
      #expect(try hearDatagram(from: scene.pod, address) == "direct 443", "own address")
    }
    for address in scene.loopback(443) { #expect(try hearDatagram(from: scene.pod, address) == "direct 443") }
    for address in scene.addresses(scene.worldEnd, 9000) {
      #expect(try hearDatagram(from: scene.pod, address) == "direct 9000", "excluded")
    }
    withExtendedLifetime((servers, proxy)) {}
  }

  @Test("17: verdicts per flow come later, so asking for them is refused with exit 2")
  func queue() throws {
    let scene = try CaptureScene()
    let failed = try Capture.run("apply", scene.pod, ["--non-tcp", "queue"])
    #expect(failed.code == 2)
    #expect(failed.error.contains("not in this version"))
  }

  @Test(
    "18: QUIC is refused at once when asked, so that clients fall back to TCP, and other UDP passes",
    arguments: PacketFilter.allCases
  )
  func quic(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let servers = try [scene.pod, scene.world].map { try Player.datagrams([443, 444]).start(in: $0) }
    try Capture.apply(scene.pod, filter, "--refuse-quic")
    for (from, end, heard) in [
      (scene.pod, scene.worldEnd, refusedToSend), (scene.world, scene.podEnd, "Connection refused"),
    ] {
      for address in scene.addresses(end, 443) {
        #expect(try hearDatagram(from: from, address) == heard)
      }
      for address in scene.addresses(end, 444) { #expect(try hearDatagram(from: from, address) == "direct 444") }
    }
    for address in scene.loopback(443) { #expect(try hearDatagram(from: scene.pod, address) == "direct 443") }
    withExtendedLifetime(servers) {}
  }
}
