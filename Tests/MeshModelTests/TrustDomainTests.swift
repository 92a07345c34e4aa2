import MeshModel
import Testing

@Suite("A trust domain")
struct TrustDomainTests {
  @Test(
    "is of lower-case letters, digits, dots, dashes and underscores",
    arguments: ["a", "my-mesh_1.test", "10.0.0.1", "-._"]
  )
  func taken(name: String) throws {
    #expect(try TrustDomain(name).description == name)
  }

  @Test("may have 255 bytes, and none more")
  func length() throws {
    #expect(try TrustDomain(String(repeating: "a", count: 255)).name.utf8.count == 255)
    #expect(throws: SPIFFEIDError.trustDomainTooLong(256)) { try TrustDomain(String(repeating: "a", count: 256)) }
    #expect(throws: SPIFFEIDError.emptyTrustDomain) { try TrustDomain("") }
  }

  @Test(
    "is neither lowered nor decoded nor cut",
    arguments: ["Mesh", "a b", "a/b", "a:1", "a%2e", "spiffe://a", "a\0", "ı"]
  )
  func refused(name: String) {
    #expect(throws: SPIFFEIDError.self) { try TrustDomain(name) }
  }
}
