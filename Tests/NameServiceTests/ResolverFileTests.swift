import DNS
import MeshModel
import Testing
import WeftTestKit

@testable import NameService

@Suite("The file of resolvers")
struct ResolverFileTests {
  @Test("is read once for each version of it, and kept when it goes")
  func versions() throws {
    let directory = try TemporaryDirectory()
    var file = ResolverFile(directory.file("resolv.conf"))
    #expect(file.readIfChanged() == nil)
    try directory.write("resolv.conf", "nameserver 192.0.2.1\n")
    #expect(file.readIfChanged()?.servers.map(\.description) == ["192.0.2.1:53"])
    #expect(file.readIfChanged() == nil)
    try directory.write("resolv.conf", "nameserver 192.0.2.2\nnameserver fe80::1%lo\n")
    #expect(
      file.readIfChanged()?.servers == [
        SocketAddress(IPAddress(v4: 0xc000_0202), port: 53),
        SocketAddress(try #require(IPAddress("fe80::1")), port: 53, scope: 1),
      ]
    )
    try Command("rm", [directory.file("resolv.conf")]).run().orThrow()
    #expect(file.readIfChanged() == nil)
    try Command("mkfifo", [directory.file("resolv.conf")]).run().orThrow()
    #expect(file.readIfChanged() == nil)
  }

  @Test("is looked at when someone asks, and not more often than it may")
  func polled() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("resolv.conf", "nameserver 192.0.2.1\n")
    var source = ResolverSource(.file(path))
    #expect(source.configuration(now_ms: 1_000)?.servers.count == 1)
    try directory.write("resolv.conf", "nameserver 192.0.2.1\nnameserver 192.0.2.2\n")
    #expect(source.configuration(now_ms: 999 + NameServiceLimit.resolverPoll_ms) == nil)
    #expect(source.configuration(now_ms: 1_000 + NameServiceLimit.resolverPoll_ms)?.servers.count == 2)
    #expect(source.configuration(now_ms: 60_000) == nil)
  }

  @Test("once changed leads new questions to the new servers, while the old ones are still answered")
  func changed() async throws {
    // Port 53 of two addresses of loopback that no other test has.
    let number = UInt8.random(in: 1...254)
    let (slow, second) = ("127.53.\(number).1", "127.53.\(number).2")
    let (first, other) = (
      try FakeResolver(slow, port: 53, manner: "dead"), try FakeResolver(second, port: 53, manner: "second")
    )
    let directory = try TemporaryDirectory()
    let path = try directory.write("resolv.conf", "nameserver \(slow)\noptions timeout:8 attempts:1\n")
    try await serving(resolvers: .file(path)) { names throws in
      let waiting = try ClientSocket(names.address, .udp)
      try waiting.send(try query("www.example.com", edns: EDNS()))
      try first.await("udp www.example.com")
      try directory.write("resolv.conf", "nameserver \(second)\n")
      let asking = try ClientSocket(names.address, .udp)
      var id: UInt16 = 0
      // Nothing tells of the file; the name server looks at it when it is asked, at most every few seconds.
      try eventually("an answer of the new server", within: .seconds(20)) {
        id += 1
        try asking.send(try query("n\(id).example.com", id: id))
        return try asking.receive(within: .milliseconds(200)) != nil
      }
      #expect(try other.questions.last == "udp n\(id).example.com" && names.counts.resolverReads == 2)
      let reply = try Message(try #require(try waiting.receive(within: .seconds(20))))
      let text = reply.edns?.options.compactMap { ExtendedError($0)?.text }.first
      #expect(text == "no answer in time from \(slow):53")
      let counts = try names.counts
      #expect(counts.forwarded.failed >= 1 && counts.forwarded.answered == 1)
    }
  }
}
