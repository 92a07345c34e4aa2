import MeshModel
import Policy
import Testing

@testable import ProxyPath

@Suite("What a proxy has learned of who asks its pod")
struct SourcesHandoverTests {
  @Test("is read as it was written, without those behind whom there is nothing, and behind a head of HTTP")
  func roundTrip() throws {
    let four = try #require(IPAddress("10.1.2.3"))
    let six = try #require(IPAddress("2001:db8::7"))
    let nobody = try #require(IPAddress("10.9.9.9"))
    let known = [
      four: PeerStanding(isEndpoint: true, isMeshed: true, identity: try SPIFFEID("spiffe://weft.local/ns/a/sa/b")),
      six: PeerStanding(isEndpoint: true, forwardsClients: true), nobody: PeerStanding(isEndpoint: false),
    ]
    let text = String(decoding: SourcesHandover.encode(known), as: UTF8.self)
    let read = SourcesHandover.decode("HTTP/1.1 200 OK\r\ncontent-length: \(text.utf8.count)\r\n\r\n" + text)
    #expect(read == known.filter(\.value.isEndpoint))
  }

  @Test("is passed over where it makes no sense")
  func senseless() {
    for text in ["", "10.1.2.3", "somewhere m- -", "10.1.2.3 meshed -", "10.1.2.3  m- -"] {
      let read = SourcesHandover.decode(text)
      #expect(read.isEmpty, "\(text)")
    }
  }
}
