import DNS
import MeshModel
import NameService
import Testing
import WeftTestKit

@Suite("The name server's answers")
struct AnswerTests {
  @Test("reach dig by UDP and by TCP, over IPv4 and IPv6")
  func dig() async throws {
    let other = try #require(SocketAddress("127.0.0.2:0"))
    try await serving(on: [ServedNames.loopback, other, ServedNames.loopbackV6]) { names throws in
      #expect(Set(names.server.addresses.map(\.ip)).count == 3)
      for address in names.server.addresses {
        for transport in ["+notcp", "+tcp"] {
          #expect(try names.short(transport, "web.shop.mesh", "A", at: address) == ["240.1.2.3"])
          #expect(try names.short(transport, "web.shop.mesh", "AAAA", at: address) == ["fd00:1::5"])
        }
      }
      #expect(try names.short("_http._tcp.web.shop.mesh", "SRV") == ["0 0 80 web.shop.mesh."])
      #expect(try names.short("-x", "240.1.2.3") == ["web.shop.mesh."])
      #expect(try names.short("-x", "fd00:1::5") == ["web.shop.mesh."])
      #expect(try names.short("mesh", "NS") == ["ns.mesh."])
      let counts = try names.counts
      #expect(counts.queries.answered == 16 && counts.queries.refused == 0 && counts.forwarded.sent == 0)
      #expect(counts.services == 2 && counts.connections == 0)
    }
  }

  @Test("say why there is none")
  func reasons() async throws {
    try await serving { names throws in
      let missing = try names.dig("nope.shop.mesh", "A")
      #expect(missing.contains("status: NXDOMAIN") && missing.contains("there is no service nope in namespace shop"))
      #expect(missing.contains("SOA"))
      let forwarded = try names.dig("www.example.com", "A")
      #expect(forwarded.contains("status: SERVFAIL"))
      #expect(forwarded.contains("EDE: 22") && forwarded.contains("the host has no resolver"))
    }
  }

  @Test("that are long come by TCP after a short one by UDP")
  func long() async throws {
    try await serving { names throws in
      let output = try names.dig("_sql._tcp.many.data.mesh", "SRV")
      #expect(output.contains(";; Truncated, retrying in TCP mode.") && output.contains("ANSWER: 40"))
      #expect(try names.counts.queries.truncated == 1)
    }
  }

  @Test("are read by dnspython, which is strict")
  func dnspython() async throws {
    try await serving { names throws in
      let program = """
        import sys, dns.resolver
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = [sys.argv[1]], int(sys.argv[2]), 20
        print(resolver.resolve("web.shop.mesh", "A")[0], resolver.resolve("WEB.Shop.mesh", "AAAA")[0])
        print(len(resolver.resolve("many.data.mesh", "A")))
        print(resolver.resolve_address("240.1.2.3")[0].target)
        try: resolver.resolve("web.shop.mesh", "MX")
        except dns.resolver.NoAnswer: print("no answer")
        try: resolver.resolve("web.nope.mesh", "A")
        except dns.resolver.NXDOMAIN: print("no such name")
        """
      let place = ["\(names.address.ip)", "\(names.address.port)"]
      let output = try Command("/usr/bin/python3", ["-c", program] + place).run().orThrow().output
      let expected = "240.1.2.3 fd00:1::5\n40\nweb.shop.mesh.\nno answer\nno such name\n"
      #expect(output == expected)
    }
  }

  @Test("follow each change at once")
  func updates() async throws {
    try await serving([]) { names throws in
      #expect(try names.short("web.shop.mesh", "A") == [])
      names.server.update { $0.put(ServedNames.services[0]) }
      #expect(try names.short("web.shop.mesh", "A") == ["240.1.2.3"])
      var moved = ServedNames.services[0]
      moved.addresses = [IPAddress(v4: 0xf001_0204)]
      let changed = moved
      names.server.update { $0.put(changed) }
      #expect(try names.short("web.shop.mesh", "A") == ["240.1.2.4"])
      #expect(try names.short("-x", "240.1.2.3") == [])
      names.server.update { $0.remove("web", in: "shop") }
      #expect(try names.dig("web.shop.mesh", "A").contains("status: NXDOMAIN"))
    }
  }

  @Test("come to a thousand questions at once")
  func flood() async throws {
    try await serving { names throws in
      let sockets = try (0..<50).map { _ in try ClientSocket(names.address, .udp) }
      for id in 0..<UInt16(20) {
        for socket in sockets { try socket.send(try query("web.shop.mesh", id: id)) }
      }
      var answered = 0
      for socket in sockets {
        var ids: Set<UInt16> = []
        while ids.count < 20, let reply = try socket.receive(within: .seconds(5)) {
          let message = try Message(reply)
          #expect(message.answers.map(\.data) == [.a(IPAddress(v4: 0xf001_0203))])
          ids.insert(message.header.id)
        }
        answered += ids.count
      }
      // What the kernel drops while nobody reads is asked again by every client; most of it must get through.
      #expect(answered >= 900)
    }
  }

  @Test("go on while junk comes by UDP and by TCP", arguments: 0..<3 as Range<UInt64>)
  func junk(seed: UInt64) async throws {
    try await serving { names throws in
      var random = SplitMix64(seed: seed)
      let noise = try ClientSocket(names.address, .udp)
      let client = try ClientSocket(names.address, .udp)
      for id in 0..<UInt16(200) {
        for _ in 0..<5 {
          let bytes = random.mutated(try query("web.shop.mesh", .srv, id: id, edns: EDNS()))
          if !bytes.isEmpty { try? noise.send(bytes) }
        }
        if id % 20 == 0 {
          let stream = try ClientSocket(names.address, .tcp)
          try? stream.send(random.mutated(MessageStream.framed(try query("web.shop.mesh")) + [0, 3, 1, 2, 3]))
        }
        try client.send(try query("web.shop.mesh", id: id))
        let reply = try #require(try client.receive())
        #expect(try Message(reply).header.id == id)
      }
      #expect(try names.counts.queries.refused > 0)
    }
  }
}
