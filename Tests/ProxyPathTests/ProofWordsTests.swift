import MeshModel
@testable import ProxyPath
import Testing

@Suite("Who was at both ends")
struct ProofWordsTests {
  private let book = IdentityBook()

  @Test("is written down once, by numbers that go on meaning it, up to what the book has room for")
  func numbers() throws {
    let web = try SPIFFEID("spiffe://weft.local/ns/shop/sa/web")
    let number = book.number(of: web)
    #expect(number == 1 && book.number(of: web) == 1 && book.name(1) == web.description)
    #expect(book.number(of: nil) == 0 && book.name(0) == nil && book.name(2) == nil)
    for count in 1..<IdentityBook.capacity {
      _ = book.number(of: try SPIFFEID("spiffe://weft.local/ns/shop/sa/a\(count)"))
    }
    #expect(book.number(of: try SPIFFEID("spiffe://weft.local/ns/shop/sa/late")) == 0)
    #expect(book.number(of: web) == 1)
  }

  @Test("is told by the direction, and not at all where there was no mutual TLS")
  func words() throws {
    let (web, shop) = (
      try SPIFFEID("spiffe://weft.local/ns/a/sa/web"), try SPIFFEID("spiffe://weft.local/ns/a/sa/shop")
    )
    let proof = PeerProof(
      version: PeerProof.version("TLSv1.3"),
      isResumed: true,
      peer: book.number(of: shop),
      own: book.number(of: web)
    )
    let inbound = try #require(ProofWords(proof, .inbound, book))
    #expect(inbound.source == shop.description && inbound.destination == web.description)
    #expect(inbound.version == "TLSv1.3" && inbound.isResumed)
    let outbound = try #require(ProofWords(proof, .outbound, book))
    #expect(outbound.source == web.description && outbound.destination == shop.description)
    #expect(ProofWords(.none, .inbound, book) == nil)
  }

  @Test("reaches the program in Envoy's form, with what is known and no more")
  func field() throws {
    let (web, shop) = (
      try SPIFFEID("spiffe://weft.local/ns/a/sa/web"), try SPIFFEID("spiffe://weft.local/ns/a/sa/shop")
    )
    let whole = ProvenPeer(shop, proof: .none, own: web, fingerprint: [0, 0x0f, 0xff])
    #expect(String(decoding: whole.certificateField, as: UTF8.self) == "By=\(web);Hash=000fff;URI=\(shop)")
    let bare = ProvenPeer(shop, proof: .none, own: nil, fingerprint: nil)
    #expect(String(decoding: bare.certificateField, as: UTF8.self) == "URI=\(shop)")
  }
}
