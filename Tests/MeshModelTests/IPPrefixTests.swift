import MeshModel
import Testing

@Suite("IP prefixes")
struct IPPrefixTests {
  @Test(
    "contain what lies in the block and nothing else",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("0.0.0.0/0", "192.0.2.1", true),
      ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false),
      ("192.0.2.7/32", "192.0.2.7", true), ("192.0.2.7/32", "192.0.2.6", false),
      ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
    ]
  )
  func contains(block: String, address: String, expected: Bool) throws {
    let prefix = try #require(IPPrefix(block))
    #expect(prefix.contains(try #require(IPAddress(address))) == expected)
  }

  @Test(
    "refuse what is not a block",
    arguments: ["", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/08", "/8", "a/8"]
  )
  func refuses(text: String) { #expect(IPPrefix(text) == nil) }

  @Test(
    "print the network they name",
    arguments: [("10.1.2.3/8", "10.0.0.0/8"), ("2001:db8:ffff::/32", "2001:db8::/32")]
  )
  func prints(text: String, expected: String) { #expect(IPPrefix(text)?.description == expected) }
}
