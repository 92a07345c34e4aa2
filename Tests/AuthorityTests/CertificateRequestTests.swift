import Crypto
import MeshModel
import SwiftASN1
import Testing
import WeftTestKit

@testable import Authority

@Suite("A certificate signing request")
struct CertificateRequestTests {
  private func issue(_ request: [UInt8]) throws -> IssuedCertificate {
    var random = SplitMix64(seed: 1)
    return try Scene.authority().issue(Scene.web, request: request, now_s: Scene.start_s, using: &random)
  }

  @Test("made here is accepted by OpenSSL, and names nobody")
  func openSSL() throws {
    let workshop = try OpenSSLWorkshop()
    let request = try CertificateRequest()
    let file = try workshop.directory.write("request", OpenSSLWorkshop.pem("CERTIFICATE REQUEST", request.der))
    let seen = try Command("openssl", ["req", "-in", file, "-noout", "-verify", "-text"]).run().orThrow()
    #expect((seen.output + seen.error).contains("verify OK"))
    #expect(seen.output.contains("Subject: \n") || seen.output.contains("Subject:\n"))
    #expect(seen.output.contains("NIST CURVE: P-256"))
  }

  @Test("is signed for P-256 and P-384", arguments: ["P-256", "P-384"])
  func curves(curve: String) throws {
    let request = try OpenSSLWorkshop().request(key: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)"])
    #expect(try issue(request).spiffeID == Scene.web)
  }

  @Test(
    "with another key is refused",
    arguments: [
      ["-algorithm", "ED25519"], ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
      ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    ]
  )
  func otherKeys(options: [String]) throws {
    let request = try OpenSSLWorkshop().request(key: options)
    #expect(throws: AuthorityError.request(.unsupportedKey)) { try issue(request) }
  }

  @Test("with a key that the library does not know is refused")
  func unknownKey() throws {
    let request = try OpenSSLWorkshop()
      .request(key: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"])
    #expect(throws: AuthorityError.request(.malformed)) { try issue(request) }
  }

  @Test("gets none of what it asks for beyond its key")
  func ignored() throws {
    let request = try OpenSSLWorkshop().request([
      "basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign",
      "subjectAltName=URI:spiffe://mesh.test/ns/admin/sa/root,DNS:admin",
    ])
    let authority = try Scene.authority()
    var random = SplitMix64(seed: 1)
    let issued = try authority.issue(Scene.web, request: request, now_s: Scene.start_s, using: &random)
    #expect(try authority.verifier.verify(issued.chain, now_s: Scene.start_s).spiffeID == Scene.web)
    let leaf = try #require(StoredCertificate(der: issued.chain[0]))
    #expect(leaf.uris == [try Scene.web.description] && CertificateSummary(der: leaf.der)?.subject == "")
  }

  @Test("that is too long or none is refused")
  func noRequest() throws {
    let long = [UInt8](repeating: 0x30, count: AuthorityLimit.requestBytes + 1)
    #expect(throws: AuthorityError.request(.tooLong(long.count))) { try issue(long) }
    for bytes in [[], [0x30], [0x30, 0], Array("-----BEGIN".utf8)] as [[UInt8]] {
      #expect(throws: AuthorityError.request(.malformed)) { try issue(bytes) }
    }
  }

  @Test("of another version is refused, though its key has signed it so")
  func version() throws {
    let request = try CertificateRequest()
    let parts = try #require(SignedParts(der: request.der))
    let key = try #require(CertificateKey(pkcs8: request.key.bytes))
    func signed(version: UInt8) throws -> [UInt8] {
      var info = Array(parts.signed.encodedBytes)
      // The version is the first of what is signed (RFC 2986 section 4.1), behind two bytes of tag and length.
      let place = try #require(info.indices.first { info[$0...].starts(with: [2, 1, 0]) })
      info[place + 2] = version
      let signature = Array(try key.key.signature(for: info).derRepresentation)
      let bits = [0x03, UInt8(signature.count + 1), 0] + signature
      let body = info + Array(parts.algorithm.encodedBytes) + bits
      #expect((128..<256).contains(body.count))
      return [0x30, 0x81, UInt8(body.count)] + body
    }
    #expect(try issue(signed(version: 0)).spiffeID == Scene.web)
    for version in [1, 2, 0x7f] as [UInt8] {
      let other = try signed(version: version)
      #expect(throws: AuthorityError.request(.malformed)) { try issue(other) }
    }
  }

  @Test("of which any bit was changed is refused")
  func bitFlips() throws {
    let request = try CertificateRequest().der
    var signatures = 0
    for bit in 0..<request.count * 8 {
      var bytes = request
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      do throws(RequestFault) {
        _ = try CertificateRequest.publicKey(of: bytes)
        Issue.record("bit \(bit)")
      } catch { if error == .badSignature { signatures += 1 } }
    }
    #expect(signatures > 500)
  }

  @Test("that was damaged by chance is refused, and never crashes", arguments: 0..<8 as Range<UInt64>)
  func damaged(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let request = try CertificateRequest().der
    for _ in 0..<500 {
      let bytes = random.mutated(request)
      guard bytes != request else { continue }
      #expect(throws: RequestFault.self, "seed \(seed)") { try CertificateRequest.publicKey(of: bytes) }
    }
  }
}
