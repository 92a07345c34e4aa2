import DNS
import Testing

@Suite("Domain names")
struct DomainNameTests {
  @Test(
    "are read from text and printed as zone files have them",
    arguments: [
      ("web.shop.mesh", "web.shop.mesh"), ("web.shop.mesh.", "web.shop.mesh"), (".", "."), (#"a\.b.c"#, #"a\.b.c"#),
      (#"a\046b"#, #"a\.b"#), (#"\000\255"#, #"\000\255"#), (#"\\.x"#, #"\\.x"#), ("a b", #"a\032b"#),
    ]
  )
  func prints(text: String, expected: String) throws {
    let name = try #require(DomainName(text))
    #expect(name.description == expected)
    #expect(DomainName(name.description) == name)
  }

  @Test("are refused where they are none", arguments: [".a", "a..b", "..", #"a\"#, #"\25"#, #"\256"#, #"\2x5"#])
  func refuses(text: String) { #expect(DomainName(text) == nil) }

  @Test("have labels of at most 63 bytes and at most 255 bytes in all")
  func bounds() {
    let label = String(repeating: "a", count: 63)
    #expect(DomainName(label) != nil && DomainName(label + "a") == nil)
    let most = [label, label, label, String(repeating: "a", count: 61)].joined(separator: ".")
    #expect(DomainName(most)?.bytes.count == DNSLimit.nameBytes)
    #expect(DomainName(most + "a") == nil && DomainName("b." + most) == nil)
  }

  @Test("are equal but for the case of letters, which they keep")
  func cases() throws {
    let one = try #require(DomainName("WeB.Mesh"))
    let other = try #require(DomainName("web.mesh"))
    #expect(one == other && Set([one, other]).count == 1 && one.description == "WeB.Mesh")
    #expect(DomainName("w{b.mesh") != DomainName("w[b.mesh"))
  }

  @Test("know what lies before a suffix of whole labels")
  func suffixes() throws {
    let name = try #require(DomainName("web.shop.MESH"))
    #expect(name.labelsBefore(try #require(DomainName("mesh"))) == 2)
    #expect(name.labelsBefore(try #require(DomainName("op.mesh"))) == nil)
    #expect(name.labelsBefore(.root) == 3 && name.labelsBefore(name) == 0)
    #expect(name.dropping(2).description == "MESH" && name.dropping(9) == .root)
    #expect(name.prefixed("_http", "_tcp")?.description == "_http._tcp.web.shop.MESH")
  }
}
