import DNS
import Glibc
import MeshModel
import NameService
import Testing
import WeftTestKit

@Suite("Sockets that others bound")
struct AdoptionTests {
  /// A UDP socket and a listening one of the same port of loopback, which stay this test's.
  private final class Pair: Sendable {
    let address: SocketAddress
    private let descriptors: [Int32]

    init() throws {
      for _ in 0..<NameServiceLimit.portDraws {
        let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let streams = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(datagrams, $0, size) == 0 && getsockname(datagrams, $0, &size) == 0 && bind(streams, $0, size) == 0
          }
        }
        if isBound, listen(streams, 16) == 0 {
          address = SocketAddress(IPAddress(v4: 0x7f00_0001), port: UInt16(bigEndian: place.sin_port))
          descriptors = [datagrams, streams]
          return
        }
        close(datagrams)
        close(streams)
      }
      throw TestKitError("no port is free for both")
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// Copies, as another process has them that they were handed over to.
    var handed: [BoundSocket] {
      zip(descriptors, [DNSTransport.udp, .tcp]).map {
        BoundSocket(descriptor: dup($0), address: address, transport: $1)
      }
    }
  }

  private func released(_ server: MeshNameServer) async throws {
    while await server.counts().adoptions > 0 { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test("are answered on by both transports until they are released, and what waits then is answered by the next")
  func adopts() async throws {
    let pair = try Pair()
    let zone = try #require(Zone())
    let server = MeshNameServer(NameServerOptions(zone: zone), names: NameTable(services: ServedNames.services))
    try await server.listen(on: [])
    for _ in 0..<2 {
      let adoption = try await server.adopt(pair.handed)
      for transport in ["+notcp", "+tcp"] {
        let heard = try await away {
          try ServedNames(server: server).short("web.shop.mesh", "A", transport, at: pair.address)
        }
        #expect(heard == ["240.1.2.3"])
      }
      server.release(adoption)
      try await released(server)
      // Nobody reads now; the kernel keeps the question.
      let waiting = try ClientSocket(pair.address, .udp)
      try waiting.send(try query("web.shop.mesh"))
      #expect(try await away { try waiting.receive(within: .milliseconds(200)) } == nil)
      let next = try await server.adopt(pair.handed)
      #expect(try await away { try waiting.receive() }?.isEmpty == false)
      server.release(next)
      try await released(server)
    }
    server.close()
  }

  @Test("a server without an address of its own answers there, and one that is closed takes none")
  func alone() async throws {
    let pair = try Pair()
    let zone = try #require(Zone())
    let server = MeshNameServer(NameServerOptions(zone: zone), names: NameTable(services: ServedNames.services))
    await #expect(throws: NameServiceError.closed) { try await server.adopt(pair.handed) }
    try await server.listen(on: [])
    _ = try await server.adopt(pair.handed)
    let heard = try await away { try ServedNames(server: server).short("web.shop.mesh", "A", at: pair.address) }
    #expect(heard == ["240.1.2.3"])
    server.close()
    await #expect(throws: NameServiceError.closed) { try await server.adopt(pair.handed) }
  }

  @Test("a pod that floods with questions and connections has its share, and other pods are answered as ever")
  func flood() async throws {
    let resolver = try FakeResolver()
    let (loud, calm) = (try Pair(), try Pair())
    let options = NameServerOptions(
      zone: try #require(Zone()),
      resolvers: ForwardingTests.asking(resolver.address)
    )
    let server = MeshNameServer(options, names: NameTable(services: ServedNames.services))
    try await server.listen(on: [])
    for pair in [loud, calm] { _ = try await server.adopt(pair.handed) }
    try await away {
      let names = ServedNames(server: server)
      // Nobody answers what the loud one asks; its connections hold a question each.
      let client = try ClientSocket(loud.address, .udp)
      let questions = UInt64(ForwardLimit.questionsOfPod)
      func hold(_ numbers: Range<Int>) throws -> [ClientSocket] {
        try numbers.map { number in
          let stream = try ClientSocket(loud.address, .tcp)
          try stream.send(MessageStream.framed(try query("dead.t\(number).example.com", id: UInt16(number))))
          return stream
        }
      }
      let share = NameServiceLimit.connectionsOfPod
      let streams = try hold(0..<share)
      // One whose question was not read yet would give its place to the next.
      try eventually("each has a question") { try names.counts.queries.forwarded == UInt64(share) }
      let others = try hold(share..<share + 8)
      try eventually("connections over its share are refused") { try names.counts.refusedConnections == 8 }
      for id in 0..<UInt16(questions) {
        try client.send(try query("dead.n\(id).example.com", id: id))
        if id % 50 == 49 {
          try eventually("they are taken") {
            try names.counts.queries.forwarded == UInt64(share) + UInt64(id) + 1
          }
        }
      }
      var counts = try names.counts
      #expect(counts.waiting == Int(questions) && counts.connections == share)
      #expect(counts.forwarded.refused == UInt64(share))
      for transport in ["+notcp", "+tcp"] {
        #expect(try names.short("www.example.com", "A", transport, at: calm.address) == ["192.0.2.1"])
        #expect(try names.short("web.shop.mesh", "A", transport, at: calm.address) == ["240.1.2.3"])
      }
      // What the mesh knows is answered to the loud one too.
      #expect(try names.short("web.shop.mesh", "A", at: loud.address) == ["240.1.2.3"])
      counts = try names.counts
      #expect(counts.refusedConnections == 8)
      withExtendedLifetime((streams, others)) {}
    }
    server.close()
  }

  @Test("what is no socket is refused and closed, and takes the others of its pod with it")
  func refuses() async throws {
    let pair = try Pair()
    let zone = try #require(Zone())
    let server = MeshNameServer(NameServerOptions(zone: zone))
    try await server.listen(on: [])
    let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let wrong = BoundSocket(descriptor: file, address: pair.address, transport: .tcp)
    await #expect(throws: (any Error).self) { try await server.adopt([pair.handed[0], wrong]) }
    #expect(await server.counts().adoptions == 0)
    server.close()
  }
}
