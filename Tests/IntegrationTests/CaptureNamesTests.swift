import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Case 16 of capture.md where DNS is captured: the rules, with a stand-in for the mesh's name server.
@Suite("Capture: names")
struct CaptureNamesTests {
  /// Name servers on UDP and TCP that answer everything with their own name in a TXT record: who answered is what is heard.
  static func nameServer(_ word: String, port: Int, addresses: [String]) -> [String] {
    let script = #"""
      import os, selectors, socket, struct, sys, threading
      word, port = sys.argv[1].encode(), int(sys.argv[2])
      def answer(q):
          end = 12
          while q[end]: end += q[end] + 1
          rdata = bytes([len(word)]) + word
          return (q[:2] + b"\x84\x00\x00\x01\x00\x01\0\0\0\0" + q[12:end + 5]
              + b"\xc0\x0c\x00\x10\x00\x01\0\0\0\0" + struct.pack("!H", len(rdata)) + rdata)
      def stream(c):
          with c, c.makefile("rb") as f:
              q = f.read(struct.unpack("!H", f.read(2))[0])
              os.write(1, b"tcp\n"); a = answer(q); c.sendall(struct.pack("!H", len(a)) + a)
      doors = selectors.DefaultSelector()
      for address in sys.argv[3:]:
          family = socket.AF_INET6 if ":" in address else socket.AF_INET
          for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
              s = socket.socket(family, kind)
              s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
              if family == socket.AF_INET6: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
              s.bind((address, port))
              if kind == socket.SOCK_STREAM: s.listen(16)
              doors.register(s, selectors.EVENT_READ)
      os.write(1, b"ready\n")
      while True:
          for key, _ in doors.select():
              s = key.fileobj
              if s.type == socket.SOCK_STREAM: threading.Thread(target=stream, args=(s.accept()[0],), daemon=True).start()
              else:
                  q, peer = s.recvfrom(4096); os.write(1, b"udp\n"); s.sendto(answer(q), peer)
      """#
    return ["/usr/bin/python3", "-c", script, word, String(port)] + addresses
  }

  /// A pod with a stand-in for the mesh's name server, and a resolver in the world.
  private struct Scene {
    let capture: CaptureScene
    let mesh: RunningProgram
    let resolver: RunningProgram
    var pod: Pod { capture.pod }
    var resolvers: [SocketAddress] { capture.addresses(capture.worldEnd, 53) }

    init() throws {
      capture = try CaptureScene()
      mesh = try start(
        nameServer("mesh", port: 15053, addresses: ["127.0.0.1", "::1"]),
        in: capture.pod,
        as: 1337
      )
      resolver = try start(nameServer("world", port: 53, addresses: ["0.0.0.0", "::"]), in: capture.world)
    }
  }

  static func start(_ arguments: [String], in pod: Pod, as uid: UInt32? = nil) throws -> RunningProgram {
    let program = try Command(arguments[0], Array(arguments.dropFirst())).with(\.pod, pod).with(\.uid, uid).start()
    try program.output.await("ready\n")
    return program
  }

  /// What `dig` hears from `server`; it takes only answers that come from the address it asked.
  private func ask(_ server: IPAddress, from pod: Pod, as uid: UInt32? = nil, _ options: String...) throws -> String {
    let arguments = ["@\(server)", "+short", "+time=2", "+tries=1", "weft.test", "TXT"] + options
    return try Command("dig", arguments).with(\.pod, pod).with(\.uid, uid).run().output
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static let loopbacks = ["127.0.0.53", "127.0.0.11", "127.0.0.1", "::1"].compactMap { IPAddress($0) }

  @Test(
    "16: questions to any name server, loopback ones too, go to the mesh's and are answered from the address that was asked",
    arguments: PacketFilter.allCases
  )
  func captured(filter: PacketFilter) throws {
    let scene = try Scene()
    try Capture.apply(scene.pod, filter, "--capture-dns")
    for server in scene.resolvers.map(\.ip) + Self.loopbacks {
      #expect(try ask(server, from: scene.pod) == "\"mesh\"", "\(server) by UDP")
      #expect(try ask(server, from: scene.pod, "+tcp") == "\"mesh\"", "\(server) by TCP")
    }
    #expect(scene.resolver.output.text == "ready\n", "nothing reached the resolver")
    try Capture.run("remove", scene.pod).orThrow()
    #expect(try ask(scene.resolvers[0].ip, from: scene.pod) == "\"world\"")
  }

  @Test(
    "16: the proxy's own questions and those of excluded programs, destinations and ports are left alone",
    arguments: PacketFilter.allCases
  )
  func leftAlone(filter: PacketFilter) throws {
    let scene = try Scene()
    try Capture.apply(scene.pod, filter, "--capture-dns", "--exclude-uids", "998")
    for resolver in scene.resolvers {
      for transport in ["+notcp", "+tcp"] {
        #expect(try ask(resolver.ip, from: scene.pod, as: 1337, transport) == "\"world\"")
        // Over TCP it would be captured as any connection, were it not excluded.
        #expect(try ask(resolver.ip, from: scene.pod, as: 998, transport) == "\"world\"")
      }
    }
    for options in [
      ["--exclude-outbound-cidrs", scene.resolvers.map(\.ip.description).joined(separator: ",")],
      ["--exclude-outbound-ports", "53"],
    ] {
      try Capture.run("apply", scene.pod, ["--capture-dns"] + options).orThrow()
      for resolver in scene.resolvers { #expect(try ask(resolver.ip, from: scene.pod) == "\"world\"") }
    }
  }

  @Test(
    "16: a port that a captured question left from is the proxy's next, without either's answer going astray",
    arguments: PacketFilter.allCases
  )
  func ports(filter: PacketFilter) throws {
    let scene = try Scene()
    try Capture.apply(scene.pod, filter, "--capture-dns")
    for resolver in scene.resolvers.map(\.ip) {
      let binding = resolver.isIPv4 ? "0.0.0.0#5353" : "::#5353"
      for _ in 0..<2 {
        #expect(try ask(resolver, from: scene.pod, "-b", binding) == "\"mesh\"")
        #expect(try ask(resolver, from: scene.pod, as: 1337, "-b", binding) == "\"world\"")
      }
    }
  }

  @Test("16: it goes together with refusing all else that is not TCP", arguments: PacketFilter.allCases)
  func denied(filter: PacketFilter) throws {
    let scene = try Scene()
    try Capture.apply(scene.pod, filter, "--capture-dns", "--non-tcp", "deny", "--exclude-uids", "998")
    for resolver in scene.resolvers.map(\.ip) + Self.loopbacks {
      #expect(try ask(resolver, from: scene.pod) == "\"mesh\"")
    }
    #expect(try ask(scene.resolvers[0].ip, from: scene.pod, as: 998) == "\"world\"")
    let other = try Player.datagrams([443]).start(in: scene.capture.world)
    #expect(try hearDatagram(from: scene.pod, scene.capture.addresses(scene.capture.worldEnd, 443)[0]) == refusedToSend)
    withExtendedLifetime(other) {}
  }

  @Test("6 16: in a family that is not captured, questions are refused at once", arguments: PacketFilter.allCases)
  func refusedFamily(filter: PacketFilter) throws {
    let scene = try Scene()
    try Capture.apply(scene.pod, filter, "--capture-dns", "--family", "4")
    #expect(try ask(scene.resolvers[0].ip, from: scene.pod) == "\"mesh\"")
    #expect(try hearDatagram(from: scene.pod, scene.resolvers[1]) == refusedToSend)
    #expect(try hear(from: scene.pod, scene.resolvers[1]) == refused)
    let verified = try Capture.run("verify", scene.pod)
    #expect(verified.succeeded, "\(verified)")
  }

  @Test("7 21: it can be added, applied again and taken away under way", arguments: PacketFilter.allCases)
  func reapplied(filter: PacketFilter) throws {
    let scene = try Scene()
    let before = try filter.rules(of: scene.pod)
    try Capture.apply(scene.pod, filter)
    let plain = try filter.rules(of: scene.pod)
    try Capture.apply(scene.pod, filter, "--capture-dns")
    let withNames = try filter.rules(of: scene.pod)
    #expect(try ask(scene.resolvers[0].ip, from: scene.pod) == "\"mesh\"")
    let again = try Capture.run("apply", scene.pod, ["--capture-dns", "--json"]).orThrow()
    #expect(!again.output.contains("\"changed\" : true"), "\(again.output)")
    #expect(try filter.rules(of: scene.pod) == withNames)
    try Capture.apply(scene.pod, filter)
    func ours(_ rules: String) -> Set<Substring> { Set(rules.split(separator: "\n").filter { $0.contains("WEFT_") }) }
    #expect(ours(try filter.rules(of: scene.pod)) == ours(plain))
    #expect(try ask(scene.resolvers[0].ip, from: scene.pod) == "\"world\"")
    try Capture.apply(scene.pod, filter, "--capture-dns")
    try Capture.run("remove", scene.pod).orThrow()
    #expect(ours(try filter.rules(of: scene.pod)) == ours(before))
  }

  @Test(
    "verify finds names that are answered, that nobody answers, and that get past",
    arguments: PacketFilter.allCases
  )
  func verified(filter: PacketFilter) throws {
    let scene = try Scene()
    try Capture.apply(scene.pod, filter, "--capture-dns")
    let good = try Capture.run("verify", scene.pod)
    #expect(good.succeeded, "\(good)")
    #expect(good.output.contains("IPv4: DNS probe reached the proxy\n"))
    #expect(good.output.contains("IPv6: DNS probe reached the proxy\n"))
    scene.mesh.kill()
    _ = try scene.mesh.waitForExit()
    let early = try Capture.run("verify", scene.pod)
    #expect(early.succeeded, "\(early)")
    #expect(early.output.contains("IPv4: DNS probe reached the proxy's port (no proxy listens there yet)"))
    try filter.iptables(
      scene.pod,
      "-t",
      "nat",
      "-D",
      "WEFT_DNS",
      "-p",
      "udp",
      "-m",
      "comment",
      "--comment",
      "weft case 16: DNS to the mesh",
      "-j",
      "REDIRECT",
      "--to-ports",
      "15053"
    )
    let bad = try Capture.run("verify", scene.pod)
    #expect(bad.code == 1)
    #expect(bad.output.contains("IPv4: DNS probe LEAKED past the proxy"))
    #expect(bad.output.contains("chain WEFT_DNS differs"))
  }

  @Test("status says that DNS is captured")
  func status() throws {
    let scene = try CaptureScene()
    try Capture.apply(scene.pod, .nft, "--capture-dns")
    let words = try Capture.run("status", scene.pod).orThrow().output
    #expect(words.contains("IPv4: TCP and DNS are captured (nft)"))
    #expect(words.contains("other UDP (QUIC too), ICMP"))
  }
}
