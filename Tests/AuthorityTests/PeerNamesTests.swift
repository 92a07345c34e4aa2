import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import Authority

/// Names in leaves that look like an identity's, and are another's for who normalises, cuts or forgives (CVE-2022-21656).
@Suite("The URI name of a peer's leaf")
struct PeerNamesTests {
  /// What the verifier, and the proxy's, say of a leaf with these names.
  private func refusal(of names: String) throws -> PeerRefusal? {
    let (workshop, now) = (try OpenSSLWorkshop(), Scene.machine_s)
    let authority = try Scene.authority(now_s: now)
    let signer = try #require(authority.signer(now))
    let extensions = [
      "basicConstraints=critical,CA:false", "keyUsage=critical,digitalSignature",
      "extendedKeyUsage=serverAuth,clientAuth", "subjectAltName=critical,\(names)",
    ]
    let leaf = try workshop.certificate(extensions, by: workshop.written(signer.certificate, signer.key))
    return try authority.verifier.refusal([leaf.der, signer.certificate.der], now_s: now)
  }

  /// One URI name of any bytes (RFC 5280 section 4.2.1.6: `[6] IA5String`), as openssl takes DER.
  private func name(_ text: String) -> String {
    let bytes = [UInt8](text.utf8)
    func length(_ count: Int) -> [UInt8] {
      count < 128 ? [UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(truncatingIfNeeded: count)]
    }
    let general = [0x86] + length(bytes.count) + bytes
    return "DER:" + ([0x30] + length(general.count) + general).map { String(format: "%02X", $0) }.joined(separator: ":")
  }

  private static let bad: [(String, SPIFFEIDError)] = [
    ("spiffe://mesh.test/ns/shop/sa/we%62", .invalidPath(byte: 0x25)),
    ("spiffe://mesh.test/ns/shop%2fsa/web", .invalidPath(byte: 0x25)),
    ("spiffe://mesh.test/ns/shop/sa/%2e%2e", .invalidPath(byte: 0x25)),
    ("spiffe://mesh%2etest/ns/shop/sa/web", .invalidTrustDomain(byte: 0x25)),
    ("spiffe://mesh.test:443/ns/shop/sa/web", .invalidTrustDomain(byte: 0x3a)),
    ("spiffe://mesh.test@other.test/ns/shop/sa/web", .invalidTrustDomain(byte: 0x40)),
    ("spiffe://mesh.test/ns/shop/sa/web?a", .invalidPath(byte: 0x3f)),
    ("spiffe://mesh.test/ns/shop/sa/web#a", .invalidPath(byte: 0x23)),
    ("spiffe://mesh.test/ns/shop/sa/web/", .emptySegment),
    ("spiffe://mesh.test//ns/shop/sa/web", .emptySegment),
    ("spiffe://mesh.test/ns/./shop/sa/web", .dotSegment),
    ("SPIFFE://mesh.test/ns/shop/sa/web", .noScheme),
    (" spiffe://mesh.test/ns/shop/sa/web", .noScheme),
    ("spiffe://mesh.test/ns/shop/sa/web\u{0}.evil", .invalidPath(byte: 0)),
    ("spiffe://mesh.test/ns/shop/sa/web\n", .invalidPath(byte: 0x0a)),
    ("spiffe://mesh.test/" + String(repeating: "a", count: SPIFFEID.maxBytes - 18), .tooLong(SPIFFEID.maxBytes + 1)),
  ]

  @Test("is taken as it stands, or it is nobody's: escapes, ports, users, queries, ends and lengths", arguments: bad)
  func refused(_ text: String, _ error: SPIFFEIDError) throws {
    #expect(try refusal(of: name(text)) == .invalidIdentity(error))
  }

  @Test("may be as long as a SPIFFE ID can be")
  func longest() throws {
    let text = "spiffe://mesh.test/" + String(repeating: "a", count: SPIFFEID.maxBytes - 19)
    #expect(text.utf8.count == SPIFFEID.maxBytes)
    #expect(try refusal(of: name(text)) == nil)
  }

  @Test("is not made up for by names of other kinds, whatever they say")
  func otherKinds() throws {
    let text = "spiffe://mesh.test/ns/shop/sa/web"
    #expect(try refusal(of: "email:web@mesh.test,DNS:mesh.test,IP:10.0.0.1") == .noIdentity)
    #expect(try refusal(of: "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:\(text)") == .noIdentity)
    #expect(try refusal(of: "DNS:\(text)") == .noIdentity)
  }
}
