import MeshModel
import Testing

@Suite("Socket addresses")
struct SocketAddressTests {
  @Test("survive being printed and parsed", arguments: ["192.0.2.1:80", "[2001:db8::1]:443", "[::1]:1", "0.0.0.0:0"])
  func roundTrip(text: String) { #expect(SocketAddress(text)?.description == text) }

  @Test(
    "refuse other text",
    arguments: ["", ":80", "192.0.2.1", "::1:80", "[192.0.2.1]:80", "192.0.2.1:65536", "192.0.2.1:+1", "x:1"]
  )
  func refuses(text: String) { #expect(SocketAddress(text) == nil) }

  @Test("hold an IPv4-mapped address as IPv4")
  func mapped() { #expect(IPAddress("::ffff:192.0.2.1") == IPAddress("192.0.2.1")) }
}

@Suite("IP addresses")
struct IPAddressTests {
  @Test(
    "refuse text that only starts as an address",
    arguments: ["192.0.2.1\u{0}", "192.0.2.1\u{0}/8", "::1\u{0}x", "192.0.2.01", "192.0.2.1 ", "fe80::1%eth0", "1.2.3"]
  )
  func refuses(text: String) { #expect(IPAddress(text) == nil) }
}
