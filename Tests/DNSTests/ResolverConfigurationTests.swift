import DNS
import MeshModel
import Testing

@Suite("resolv.conf")
struct ResolverConfigurationTests {
  private func read(_ text: String) -> ResolverConfiguration { ResolverConfiguration(Array(text.utf8)) }

  @Test("is read as glibc reads it")
  func whole() throws {
    let found = read(
      """
      # a comment
      ; another
      domain old.example
      search shop.mesh mesh example.com
      nameserver 192.0.2.1
      nameserver\t2001:db8::1 # the second
      nameserver fe80::1%3
      nameserver 192.0.2.4
      options ndots:5 timeout:2 attempts:3 rotate edns0
      """
    )
    #expect(
      found.servers == [
        SocketAddress(try #require(IPAddress("192.0.2.1")), port: 53),
        SocketAddress(try #require(IPAddress("2001:db8::1")), port: 53),
        SocketAddress(try #require(IPAddress("fe80::1")), port: 53, scope: 3),
      ]
    )
    #expect(found.search.map(\.description) == ["shop.mesh", "mesh", "example.com"])
    #expect((found.ndots, found.timeout_s, found.attempts, found.rotates) == (5, 2, 3, true))
    #expect(found.ignored == ["192.0.2.4", "edns0"])
  }

  @Test(
    "bounds its numbers, and takes no number for none",
    arguments: [
      ("ndots:99", 15, 5, 2), ("ndots:", 0, 5, 2), ("ndots:x", 0, 5, 2), ("ndots:-3", 0, 5, 2), ("timeout:0", 1, 1, 2),
      ("timeout:99999999999999999999", 1, 30, 2), ("attempts:0", 1, 5, 1), ("attempts:9x", 1, 5, 5),
      ("timeout", 1, 5, 2),
    ]
  )
  func numbers(option: String, ndots: Int, timeout_s: Int, attempts: Int) {
    let found = read("options \(option)\n")
    #expect((found.ndots, found.timeout_s, found.attempts) == (ndots, timeout_s, attempts))
  }

  @Test(
    "passes over what it does not understand, and asks the host itself where no server is left",
    arguments: [
      "", "nameserver", "nameserver example.com", "nameserver 192.0.2.999", " nameserver 192.0.2.1",
      "nameserver192.0.2.1",
      "nameserver 192.0.2.1%eth0", "nameserver fe80::1%nosuch", "\u{0}\u{ff}", "sortlist 1.2.3.4", "search",
      "#nameserver 192.0.2.1",
    ]
  )
  func junk(text: String) {
    let expected = [SocketAddress(IPAddress(v4: 0x7f00_0001), port: 53)]
    #expect(read(text).servers == expected)
    #expect(read(text).search.isEmpty)
  }

  @Test("takes the last of several search lists, and no more domains than it may")
  func search() {
    #expect(read("search a b\ndomain c d\n").search.map(\.description) == ["c"])
    let many = (0..<100).map { "d\($0)" }.joined(separator: " ")
    let found = read("search \(many)")
    #expect(
      found.search.count == ResolverLimit.searchDomains && found.ignored.count == ResolverConfiguration.maxIgnored
    )
  }

  @Test("reads a bounded part of a long file")
  func long() {
    let text = String(repeating: "#\n", count: ResolverLimit.fileBytes / 2) + "nameserver 192.0.2.1\n"
    #expect(read(text).servers.first?.ip.isLoopback == true)
  }
}
