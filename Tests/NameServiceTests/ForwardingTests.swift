import DNS
import MeshModel
import NameService
import Testing
import WeftTestKit

@Suite("Questions to the host's resolvers")
struct ForwardingTests {
  static func asking(_ servers: SocketAddress..., timeout_s: Int = 10) -> NameServerOptions.Resolvers {
    .fixed(ServedNames.asking(servers, timeout_s: timeout_s))
  }

  /// A port of loopback that nobody listens on: one that was bound a moment ago.
  static func closedPort() throws -> SocketAddress {
    let resolver = try FakeResolver()
    return resolver.address
  }

  @Test("go on by UDP and by TCP as they came, and the answers come back")
  func answered() async throws {
    let resolver = try FakeResolver()
    try await serving(resolvers: Self.asking(resolver.address)) { names throws in
      #expect(try names.short("www.example.com", "A") == ["192.0.2.1"])
      #expect(try names.short("+tcp", "tcp.example.com", "A") == ["192.0.2.1"])
      #expect(try names.dig("missing.example.com", "A").contains("status: NXDOMAIN"))
      #expect(resolver.questions == ["udp www.example.com", "tcp tcp.example.com", "udp missing.example.com"])
      #expect(try names.counts.forwarded.answered == 3)
    }
  }

  @Test("go on over IPv6")
  func ipv6() async throws {
    let resolver = try FakeResolver("::1")
    try await serving(on: [ServedNames.loopbackV6], resolvers: Self.asking(resolver.address)) { names throws in
      #expect(try names.short("www.example.com", "A") == ["192.0.2.1"])
    }
  }

  @Test("with a long answer are asked again by TCP")
  func long() async throws {
    let resolver = try FakeResolver()
    try await serving(resolvers: Self.asking(resolver.address)) { names throws in
      let lines = try names.short("big.example.com", "A")
      #expect(lines.filter { $0.hasPrefix("192.0.2.") }.count == 100)
      #expect(resolver.questions == ["udp big.example.com", "tcp big.example.com"])
    }
  }

  @Test("wait for a slow server, and are asked once however many wait")
  func slow() async throws {
    let resolver = try FakeResolver()
    try await serving(resolvers: Self.asking(resolver.address)) { names throws in
      let clients = try (0..<20).map { _ in try ClientSocket(names.address, .udp) }
      for (id, client) in clients.enumerated() {
        // Each asks twice, as an impatient client does, and is answered once.
        for _ in 0..<2 { try client.send(try query("slow.example.com", id: UInt16(id))) }
      }
      for (id, client) in clients.enumerated() {
        let reply = try Message(try #require(try client.receive()))
        #expect(reply.header.id == UInt16(id) && reply.answers.count == 1)
      }
      for client in clients { #expect(try client.receive(within: .zero) == nil) }
      #expect(resolver.questions == ["udp slow.example.com"])
      #expect(try names.counts.forwarded.answered == 20 && names.counts.waiting == 0)
    }
  }

  @Test("to a server that does not answer end in time, and say who did not")
  func dead() async throws {
    let resolver = try FakeResolver()
    try await serving(resolvers: Self.asking(resolver.address, timeout_s: 1)) { names throws in
      for transport in ["+notcp", "+tcp"] {
        let output = try names.dig(transport, "dead.example.com", "A")
        #expect(output.contains("status: SERVFAIL") && output.contains("EDE: 22"))
        #expect(output.contains("no answer in time from \(resolver.address)"))
      }
    }
  }

  @Test("believe no answer with another id, from another port, or to another question")
  func liar() async throws {
    let resolver = try FakeResolver()
    try await serving(resolvers: Self.asking(resolver.address)) { names throws in
      let lines = try names.short("liar.example.com", "A")
      #expect(lines == ["192.0.2.1"])
      let counts = try names.counts
      #expect(counts.strayAnswers >= 20 && counts.forwarded.unmatched >= 1 && counts.forwarded.answered == 1)
    }
  }

  @Test("go to the next server where one fails, or where nobody listens")
  func next() async throws {
    let (first, second) = (try FakeResolver(manner: "servfail"), try FakeResolver(manner: "second"))
    let closed = try Self.closedPort()
    try await serving(resolvers: Self.asking(closed, first.address, second.address)) { names throws in
      #expect(try names.short("www.example.com", "A") == ["198.51.100.1"])
      #expect(try names.short("+tcp", "www.example.com", "A") == ["198.51.100.1"])
      #expect(first.questions == ["udp www.example.com", "tcp www.example.com"])
    }
  }

  @Test("fail with the last reason where no server is left")
  func failed() async throws {
    let (failing, closed) = (try FakeResolver(manner: "servfail"), try Self.closedPort())
    try await serving(resolvers: Self.asking(failing.address, closed)) { names throws in
      let output = try names.dig("www.example.com", "A")
      #expect(output.contains("status: SERVFAIL") && output.contains("EDE: 23"))
      #expect(output.contains("\(closed) does not answer (connection refused)"))
      #expect(try names.dig("+tcp", "a.example.com").contains("\(closed) cannot be reached (connection refused)"))
    }
    let hangup = try FakeResolver()
    try await serving(resolvers: Self.asking(hangup.address)) { names throws in
      #expect(try names.dig("+tcp", "hangup.example.com").contains("\(hangup.address) closed the connection"))
    }
  }

  @Test("never go to the name server itself, nor to where its queries are redirected from")
  func itself() async throws {
    let zone = try #require(Zone())
    let redirected = try #require(SocketAddress("127.0.0.1:53"))
    let options = NameServerOptions(
      listeners: [ServedNames.loopback],
      zone: zone,
      resolvers: .fixed(ResolverConfiguration()),
      redirected: [redirected]
    )
    let server = MeshNameServer(options)
    try await server.listen()
    defer { server.close() }
    try await away {
      let output = try ServedNames(server: server).dig("www.example.com", "A")
      #expect(output.contains("the host's only resolver is this server itself"))
    }
  }

  @Test("are bounded: more than may wait are told so at once, and each is answered")
  func bounded() async throws {
    let resolver = try FakeResolver(manner: "dead")
    try await serving(resolvers: Self.asking(resolver.address)) { names throws in
      let clients = try (0..<4).map { _ in try ClientSocket(names.address, .udp) }
      for (place, client) in clients.enumerated() {
        for id in 0..<UInt16(100) { try client.send(try query("n\(place)-\(id).example.com", id: id, edns: EDNS())) }
        // No faster than they are taken, lest the kernel drops some.
        try eventually("all are taken") { try names.counts.queries.forwarded == UInt64(place + 1) * 100 }
      }
      var refused: UInt64 = 0
      for client in clients {
        while let reply = try client.receive(within: .zero) {
          let text = try Message(reply).edns?.options.compactMap { ExtendedError($0)?.text }.first ?? ""
          if text.contains("too many questions wait") { refused += 1 }
        }
      }
      let counts = try names.counts
      #expect(refused == 400 - UInt64(ForwardLimit.questionsOfPod) && counts.waiting == ForwardLimit.questionsOfPod)
      #expect(counts.forwarded.failed == refused && counts.forwarded.refused == refused)
      #expect(try names.short("web.shop.mesh", "A") == ["240.1.2.3"])
    }
  }
}
