import MeshModel
import Policy
import Testing

@Suite("A peer's name")
struct PeerNameTests {
  @Test(
    "has the text of its identity, and the namespace in a workload's",
    arguments: [
      ("spiffe://a/ns/shop/sa/web", "shop"), ("spiffe://ns/ns/ns/sa/ns", "ns"), ("spiffe://a/ns/shop/sa", nil),
      ("spiffe://a/weft/host/shop", nil), ("spiffe://a", nil),
    ] as [(String, String?)]
  )
  func parts(text: String, namespace: String?) throws {
    let name = PeerName(try SPIFFEID(text))
    #expect(name.bytes.elementsEqual(text.utf8))
    #expect(name.namespace.map { String(decoding: $0, as: UTF8.self) } == namespace)
    withExtendedLifetime(name) {}
  }
}
