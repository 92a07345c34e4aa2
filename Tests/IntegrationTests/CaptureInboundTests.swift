import MeshModel
import Testing
import WeftTestKit

/// Cases 11, 13, 14, 15 and 19 of capture.md: what arrives, and the ways around capture.
@Suite("Capture: inbound, guards and exclusions")
struct CaptureInboundTests {
  /// Connects, sends a segment far beyond the window of that connection, then a SYN to a port where nobody listens;
  /// prints who sent resets until the one for the SYN came. Both take one path in order, so nothing is waited for.
  private static let stray = """
    import socket, struct, sys
    there = sys.argv[1]
    def sum16(b):
        t = sum(struct.unpack("!%dH" % (len(b) // 2), b)); t = (t >> 16) + (t & 0xffff); return ~(t + (t >> 16)) & 0xffff
    def segment(sport, dport, seq, ack, flags):
        h = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff, ack, 5 << 4, flags, 1024, 0, 0)
        p = socket.inet_aton(here) + socket.inet_aton(there) + struct.pack("!BBH", 0, 6, len(h))
        return h[:16] + struct.pack("!H", sum16(p + h)) + h[18:]
    def heard():
        while True:
            packet = sniff.recv(2000); tcp = packet[(packet[0] & 15) * 4:]
            if packet[9] == 6 and socket.inet_ntoa(packet[12:16]) == there:
                return struct.unpack("!HHII", tcp[:12]) + (tcp[13],)
    sniff = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)); sniff.settimeout(10)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    live = socket.create_connection((there, 8080)); here, sport = live.getsockname()
    assert live.makefile().readline().startswith("captured")
    port, _, theirs, ours, flags = heard()
    assert port == 8080 and flags == 0x12, "the answer to our SYN tells both sequence numbers"
    raw.sendto(segment(sport, 8080, ours + (1 << 29), theirs + 1, 0x10), (there, 0))
    raw.sendto(segment(50000, 15021, 1, 0, 0x02), (there, 0))
    while port != 15021:
        port, _, _, _, flags = heard()
        if flags & 4: print("reset from", port)
    """

  @Test("11: packets that conntrack calls invalid bring no stray reset when asked", arguments: PacketFilter.allCases)
  func invalid(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15006]).start(in: scene.pod, as: 1337)
    for (options, resets) in [
      ([], ["reset from 8080", "reset from 15021"]), (["--drop-invalid"], ["reset from 15021"]),
    ] {
      try Capture.run("apply", scene.pod, ["--backend", filter.rawValue] + options).orThrow()
      let heard = try scene.world.run("/usr/bin/python3", "-c", Self.stray, "\(scene.podEnd.v4)")
        .orThrow().output.split(separator: "\n").map(String.init)
      #expect(heard == resets)
    }
    withExtendedLifetime(proxy) {}
  }

  @Test(
    "13: whoever dials the capture ports directly is refused, from inside and from outside",
    arguments: PacketFilter.allCases
  )
  func direct(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006, 15008, 15020, 15021]).start(in: scene.pod, as: 1337)
    #expect(try hear(from: scene.world, SocketAddress(scene.podEnd.v4, port: 15001)) != refused, "no rules yet")
    try Capture.apply(scene.pod, filter)
    for port: UInt16 in [15001, 15006] {
      for address in scene.addresses(scene.podEnd, port) {
        #expect(try hear(from: scene.world, address) == refused)
        #expect(try hear(from: scene.pod, address) == refused)
        #expect(try hear(from: scene.pod, as: 1337, address) == "Connection refused")
      }
      for address in scene.loopback(port) { #expect(try hear(from: scene.pod, address) == refused) }
    }
    // What is meant to be dialled from outside is.
    for port: UInt16 in [15008, 15020, 15021] {
      for address in scene.addresses(scene.podEnd, port) {
        #expect(try hear(from: scene.world, address).hasPrefix("captured \(port) \(address)"))
      }
    }
    withExtendedLifetime(proxy) {}
  }

  @Test(
    "14: one client port reaches two ports of one pod at once, and by a port range keeps its number",
    arguments: PacketFilter.allCases
  )
  func oneClientPort(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15006] + Array(15100...15109)).start(in: scene.pod, as: 1337)
    for ports in ["15006", "15100-15109"] {
      try Capture.run("apply", scene.pod, ["--backend", filter.rawValue, "--inbound-ports", ports]).orThrow()
      for (here, there) in zip(scene.addresses(scene.worldEnd, 40000), scene.addresses(scene.podEnd, 0)) {
        let source = SocketAddress(here.ip, port: ports == "15006" ? 40000 : 40001)
        let streams = try [8080, 8081].map { port in
          try PodStream.connect(from: scene.world, to: SocketAddress(there.ip, port: port), source: source)
        }
        for (stream, port) in zip(streams, [8080, 8081]) {
          var line = ""
          while !line.hasSuffix("\n") { line += try stream.receive(exactly: 1) }
          #expect(line.contains(" \(SocketAddress(there.ip, port: UInt16(port))) "))
          if ports != "15006" { #expect(line.hasSuffix(" \(source)\n"), "the proxy sees the client's own port") }
        }
      }
    }
    withExtendedLifetime(proxy) {}
  }

  @Test("15: what comes from a virtual interface counts as outbound", arguments: PacketFilter.allCases)
  func virtualInterfaces(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let machine = try Pod()
    let (_, tap) = try Pod.join(machine, scene.pod, interfaces: ("eth0", "tap0"))
    try machine.route(via: tap)
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let server = try Player.server([8080]).start(in: scene.pod)
    let elsewhere = [
      SocketAddress(try #require(IPAddress("203.0.113.9")), port: 80),
      SocketAddress(try #require(IPAddress("2001:db8:9::9")), port: 80),
    ]
    try Capture.apply(scene.pod, filter)
    for address in elsewhere { #expect(try hear(from: machine, address).hasPrefix("captured 15006")) }
    try Capture.apply(scene.pod, filter, "--virtual-interfaces", "tap+", "--exclude-outbound-ports", "81")
    for address in elsewhere { #expect(try hear(from: machine, address).hasPrefix("captured 15001 \(address)")) }
    for address in scene.addresses(tap, 8080) { #expect(try hear(from: machine, address).hasPrefix("direct 8080")) }
    // An excluded port from there is not captured as inbound instead.
    let excluded = SocketAddress(elsewhere[0].ip, port: 81)
    #expect(try hear(from: machine, excluded, within: .milliseconds(300)) == "connect: Connection timed out")
    #expect(try hear(from: scene.world, SocketAddress(scene.podEnd.v4, port: 8080)).hasPrefix("captured 15006"))
    withExtendedLifetime((proxy, server)) {}
  }

  @Test("19: where exclusion and inclusion are both given, exclusion wins", arguments: PacketFilter.allCases)
  func exclusionWins(filter: PacketFilter) throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let servers = try [scene.pod, scene.world].map { try Player.server([8080, 8081, 8082]).start(in: $0) }
    try Capture.apply(
      scene.pod,
      filter,
      "--include-outbound-ports",
      "8080-8081",
      "--exclude-outbound-ports",
      "8080",
      "--include-inbound-ports",
      "8080-8081",
      "--exclude-inbound-ports",
      "8080"
    )
    for (port, heard) in [(UInt16(8080), "direct"), (8081, "captured"), (8082, "direct")] {
      for address in scene.addresses(scene.worldEnd, port) {
        #expect(try hear(from: scene.pod, address).hasPrefix(heard))
      }
      for address in scene.addresses(scene.podEnd, port) {
        #expect(try hear(from: scene.world, address).hasPrefix(heard))
      }
      for address in scene.loopback(port) { #expect(try hear(from: scene.pod, address).hasPrefix("direct")) }
    }
    withExtendedLifetime((proxy, servers)) {}
  }

  @Test("19: excluded destinations, users, groups and interfaces are left alone though everything is included")
  func exclusions() throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let servers = try [scene.pod, scene.world].map { try Player.server([8080]).start(in: $0) }
    let there = SocketAddress(scene.worldEnd.v4, port: 8080)
    let here = SocketAddress(scene.podEnd.v4, port: 8080)
    try Capture.apply(scene.pod, .nft, "--exclude-outbound-cidrs", "\(there.ip)/32", "--include-outbound-cidrs", "*")
    #expect(try hear(from: scene.pod, there).hasPrefix("direct"))
    #expect(try hear(from: scene.pod, scene.addresses(scene.worldEnd, 8080)[1]).hasPrefix("captured"))
    try Capture.apply(scene.pod, .nft, "--exclude-uids", "4711")
    #expect(try hear(from: scene.pod, as: 4711, there).hasPrefix("direct"))
    #expect(try hear(from: scene.pod, as: 4712, there).hasPrefix("captured"))
    try Capture.apply(scene.pod, .nft, "--exclude-gids", "4712")
    #expect(try hear(from: scene.pod, as: 4711, there).hasPrefix("captured"))
    #expect(try hear(from: scene.pod, as: 4712, there).hasPrefix("direct"))
    try Capture.apply(scene.pod, .nft, "--exclude-interfaces", "eth+")
    #expect(try hear(from: scene.pod, there).hasPrefix("direct"))
    #expect(try hear(from: scene.world, here).hasPrefix("direct"))
    withExtendedLifetime((proxy, servers)) {}
  }

  @Test("19: only included destinations are captured")
  func inclusions() throws {
    let scene = try CaptureScene()
    let proxy = try Player.stub([15001, 15006]).start(in: scene.pod, as: 1337)
    let servers = try [scene.pod, scene.world].map { try Player.server([8080]).start(in: $0) }
    let there = SocketAddress(scene.worldEnd.v4, port: 8080)
    try Capture.apply(scene.pod, .nft, "--include-outbound-cidrs", "10.0.0.0/8", "--include-inbound-ports", "none")
    #expect(try hear(from: scene.pod, there).hasPrefix("direct"))
    #expect(try hear(from: scene.world, SocketAddress(scene.podEnd.v4, port: 8080)).hasPrefix("direct"))
    try Capture.apply(scene.pod, .nft, "--include-outbound-cidrs", "\(there.ip)/32")
    #expect(try hear(from: scene.pod, there).hasPrefix("captured"))
    withExtendedLifetime((proxy, servers)) {}
  }
}
