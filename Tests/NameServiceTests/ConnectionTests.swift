import DNS
import MeshModel
import NameService
import Testing
import WeftTestKit

@Suite("TCP connections to the name server")
struct ConnectionTests {
  @Test("carry many questions without a pause, each byte by itself or all at once")
  func pipelined() async throws {
    try await serving { names throws in
      let client = try ClientSocket(names.address, .tcp)
      var sent: [UInt8] = []
      for id in 0..<UInt16(500) { sent += MessageStream.framed(try query("web.shop.mesh", id: id)) }
      for byte in sent.prefix(100) { try client.send([byte]) }
      try client.send(Array(sent.dropFirst(100)))
      var stream = MessageStream()
      for id in 0..<UInt16(500) {
        let reply = try #require(try client.message(&stream))
        #expect(try Message(reply).header.id == id)
      }
    }
  }

  @Test("that end their input get the answers that wait still")
  func halfClosed() async throws {
    let resolver = try FakeResolver()
    try await serving(resolvers: ForwardingTests.asking(resolver.address)) { names throws in
      let client = try ClientSocket(names.address, .tcp)
      try client.send(MessageStream.framed(try query("slow.example.com", id: 7)))
      client.endInput()
      var stream = MessageStream()
      #expect(try client.message(&stream).map { try Message($0).header.id } == 7)
      #expect(try client.message(&stream) == nil)
    }
  }

  @Test("that ask more than may wait have the rest answered later")
  func manyWait() async throws {
    let resolver = try FakeResolver()
    try await serving(resolvers: ForwardingTests.asking(resolver.address)) { names throws in
      let client = try ClientSocket(names.address, .tcp)
      let count = UInt16(NameServiceLimit.pipelined * 3)
      for id in 0..<count { try client.send(MessageStream.framed(try query("n\(id).example.com", id: id))) }
      var stream = MessageStream()
      var ids: Set<UInt16> = []
      while ids.count < Int(count), let reply = try client.message(&stream) { ids.insert(try Message(reply).header.id) }
      #expect(ids == Set(0..<count))
    }
  }

  @Test("that are no DNS client's are closed")
  func junk() async throws {
    try await serving { names throws in
      for bytes in [[0, 0], [0, 2, 1, 2], MessageStream.framed([UInt8](repeating: 0xff, count: 12))] as [[UInt8]] {
        let client = try ClientSocket(names.address, .tcp)
        try client.send(bytes)
        #expect(try client.receive() == [])
      }
    }
  }

  @Test("that nobody uses give way to new ones, and keep nobody out")
  func idle() async throws {
    try await serving { names throws in
      let first = try ClientSocket(names.address, .tcp)
      var stream = MessageStream()
      try first.send(MessageStream.framed(try query("web.shop.mesh")))
      #expect(try first.message(&stream) != nil)
      let others = try (0..<NameServiceLimit.connectionsOfPod + 20).map { _ in try ClientSocket(names.address, .tcp) }
      #expect(try first.receive() == [])
      let last = try #require(others.last)
      try last.send(MessageStream.framed(try query("web.shop.mesh", id: 9)))
      #expect(try last.message(&stream).map { try Message($0).header.id } == 9)
      let counts = try names.counts
      // On a machine under load some are closed by their time too.
      #expect(counts.connections <= NameServiceLimit.connectionsOfPod && counts.idleConnections >= 21)
      #expect(counts.refusedConnections == 0)
    }
  }

  @Test("that send a question bit by bit, or none, are closed in time")
  func trickle() async throws {
    try await serving { names throws in
      let silent = try ClientSocket(names.address, .tcp)
      let trickling = try ClientSocket(names.address, .tcp)
      try trickling.send([0])
      let limit = Duration.seconds(NameServiceLimit.idle_s + 10)
      #expect(try silent.receive(within: limit) == [] && trickling.receive(within: limit) == [])
    }
  }

  @Test("that take no answers hold little, and nobody else up")
  func slowReader() async throws {
    try await serving { names throws in
      let greedy = try ClientSocket(names.address, .tcp)
      let question = MessageStream.framed(try query("_sql._tcp.many.data.mesh", .srv))
      // A non-blocking write would say when it is full; a question is small, so some thousand always fit.
      for _ in 0..<1_000 { try greedy.send(question) }
      #expect(try names.short("+tcp", "web.shop.mesh", "A") == ["240.1.2.3"])
      var stream = MessageStream()
      for _ in 0..<1_000 { #expect(try greedy.message(&stream) != nil) }
    }
  }
}
