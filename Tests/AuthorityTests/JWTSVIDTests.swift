import Crypto
import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("JWT-SVIDs")
struct JWTSVIDTests {
  private static let now_s: Int64 = 1_800_000_000
  private let domain: TrustDomain
  private let web: SPIFFEID
  private let keys: JWTSigningKeys

  init() throws {
    domain = try TrustDomain("mesh.test")
    web = try SPIFFEID("spiffe://mesh.test/ns/shop/sa/web")
    keys = JWTSigningKeys(domain, now_s: Self.now_s)
  }

  private func audiences(_ names: String...) throws -> JWTAudiences { try #require(JWTAudiences(names)) }

  private func verifier(_ keys: JWTSigningKeys) -> JWTVerifier { JWTVerifier(domain, keys: Set(keys.published.keys)) }

  /// A token of these parts, signed by a key of the test's own, which the verifier knows.
  private func judge(
    header: String? = nil,
    claims: String,
    audience: String = "db",
    now_s: Int64 = now_s
  ) throws -> Result<VerifiedJWT, JWTRefusal> {
    let key = P256.Signing.PrivateKey()
    let known = try #require(JWTKey(Array(key.publicKey.x963Representation)))
    let header = header?.replacing("KID", with: known.id) ?? #"{"alg":"ES256","kid":"\#(known.id)"}"#
    let signed = [header, claims].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
    let signature = Array(try key.signature(for: Array(signed.utf8)).rawRepresentation)
    let verifier = JWTVerifier(domain, keys: [known])
    let token = signed + "." + Base64URL.encode(signature)
    do throws(JWTRefusal) { return .success(try verifier.verify(token, audience: audience, now_s: now_s)) } catch {
      return .failure(error)
    }
  }

  private func claims(
    sub: String = "spiffe://mesh.test/ns/shop/sa/web",
    aud: String = #""db""#,
    exp: String = "\(now_s + 60)",
    more: String = ""
  ) -> String { #"{"sub":"\#(sub)","aud":\#(aud),"exp":\#(exp)\#(more)}"# }

  @Test("are verified for each of their audiences, and for no other")
  func audience() throws {
    let token = try keys.sign(web, for: audiences("https://db.test/é", "cache"), now_s: Self.now_s)
    for audience in ["cache", "https://db.test/é"] {
      let verified = try verifier(keys).verify(token.text, audience: audience, now_s: Self.now_s)
      #expect(verified.spiffeID == web)
    }
    for audience in ["", "db", "cach", "https://db.test/e\u{301}"] {
      #expect(throws: JWTRefusal.audience) {
        try verifier(keys).verify(token.text, audience: audience, now_s: Self.now_s)
      }
    }
  }

  @Test("count for five minutes, and the tolerance of clocks")
  func time() throws {
    let token = try keys.sign(web, for: audiences("db"), now_s: Self.now_s)
    #expect(token.expires_s == Self.now_s + 300)
    let verifier = verifier(keys)
    for moment_s in [Self.now_s - 80, Self.now_s, token.expires_s + 20] {
      #expect(try verifier.verify(token.text, audience: "db", now_s: moment_s).spiffeID == web)
    }
    #expect(throws: JWTRefusal.expired) { try verifier.verify(token.text, audience: "db", now_s: token.expires_s + 21) }
    #expect(throws: JWTRefusal.notYetValid) { try verifier.verify(token.text, audience: "db", now_s: Self.now_s - 81) }
  }

  @Test("are not believed once any byte is another, or another mesh's key signed")
  func damaged() throws {
    let token = try keys.sign(web, for: audiences("db"), now_s: Self.now_s)
    let bytes = Array(token.text.utf8)
    for index in bytes.indices {
      var other = bytes
      other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      let text = String(decoding: other, as: UTF8.self)
      #expect(throws: JWTRefusal.self, "\(index)") {
        try verifier(keys).verify(text, audience: "db", now_s: Self.now_s)
      }
    }
    let strange = JWTSigningKeys(domain, now_s: Self.now_s)
    #expect(throws: JWTRefusal.unknownKey) {
      try verifier(strange).verify(token.text, audience: "db", now_s: Self.now_s)
    }
  }

  @Test("must say who they are about, for whom, and until when, in any order and with other claims beside")
  func claims() throws {
    #expect(try judge(claims: claims(more: #","role":{"a":[1]},"iat":1.5"#)).get().spiffeID == web)
    #expect(try judge(claims: claims(aud: #"["x","db"]"#, exp: "\(Self.now_s).25")).get().spiffeID == web)
    let broken = [
      #"{"aud":"db","exp":\#(Self.now_s)}"#, #"{"sub":"\#(web)","exp":\#(Self.now_s)}"#,
      #"{"sub":"\#(web)","aud":"db"}"#,
      claims(exp: #""\#(Self.now_s)""#), claims(aud: "1"), claims(aud: "[1]"), "[]", "", "{",
    ]
    for text in broken {
      guard case .failure(.malformed) = try judge(claims: text) else {
        Issue.record("\(text) was taken, or refused for something else")
        continue
      }
    }
    for sub in ["spiffe://mesh.test", "spiffe://other.test/ns/shop/sa/web", "web", ""] {
      guard case .failure(.subject) = try judge(claims: claims(sub: sub)) else {
        Issue.record("\(sub) was taken, or refused for something else")
        continue
      }
    }
    #expect(try judge(claims: claims(aud: "[]")) == .failure(.audience))
    #expect(try judge(claims: claims(more: #","nbf":\#(Self.now_s + 21)"#)) == .failure(.notYetValid))
  }

  @Test("are signed by ES256 and nothing else, whatever their header says")
  func header() throws {
    #expect(try judge(header: #"{"alg":"ES256","kid":"KID","typ":"JOSE"}"#, claims: claims()).get().spiffeID == web)
    for algorithm in ["none", "HS256", "ES384", "RS256", "es256", ""] {
      #expect(try judge(header: #"{"alg":"\#(algorithm)","kid":"KID"}"#, claims: claims()) == .failure(.algorithm))
    }
    #expect(try judge(header: #"{"alg":"ES256"}"#, claims: claims()) == .failure(.unknownKey))
    for header in [
      #"{"alg":"ES256","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"ES256","kid":"KID","crit":["b64"]}"#,
      #"{"alg":"ES256","kid":"KID","crit":"b64"}"#, #"{"kid":"KID"}"#, "",
    ] {
      guard case .failure(.malformed) = try judge(header: header, claims: claims()) else {
        Issue.record("\(header) was taken, or refused for something else")
        continue
      }
    }
  }

  @Test("that are none are refused, however long")
  func junk() throws {
    let token = try keys.sign(web, for: audiences("db"), now_s: Self.now_s).text
    let long = String(repeating: "a", count: JWTVerifier.maxBytes)
    for text in ["", ".", "..", "...", token + ".", "." + token, token + "=", long, "a.\(long).a", token + "\n"] {
      #expect(throws: JWTRefusal.self) { try verifier(keys).verify(text, audience: "db", now_s: Self.now_s) }
    }
  }

  @Test("have a bounded number of audiences, each once")
  func bounds() throws {
    #expect(JWTAudiences([]) == nil && JWTAudiences([""]) == nil && JWTAudiences(["a\n"]) == nil)
    #expect(JWTAudiences((0...JWTAudiences.limit).map { "\($0)" }) == nil)
    #expect(JWTAudiences([String(repeating: "a", count: JWTAudiences.maxBytes + 1)]) == nil)
    #expect(JWTAudiences(["b", "a", "b"])?.names == ["a", "b"])
    // At their longest, and with all that JSON escapes, a token is within what a verifier reads.
    let names = (0..<JWTAudiences.limit).map {
      String(repeating: "\"", count: JWTAudiences.maxBytes / JWTAudiences.limit - 2) + "\($0 + 10)"
    }
    let id = try SPIFFEID("spiffe://mesh.test/" + String(repeating: "a", count: SPIFFEID.maxBytes - 19))
    let token = try keys.sign(id, for: #require(JWTAudiences(names)), now_s: Self.now_s)
    #expect(try verifier(keys).verify(token.text, audience: names[3], now_s: Self.now_s).spiffeID == id)
  }

  @Test("are for workloads of the own trust domain")
  func identities() throws {
    let foreign = try SPIFFEID("spiffe://other.test/a")
    #expect(throws: AuthorityError.foreignTrustDomain(foreign, own: domain)) {
      try keys.sign(foreign, for: audiences("db"), now_s: Self.now_s)
    }
    #expect(throws: AuthorityError.noPath(SPIFFEID(of: domain))) {
      try keys.sign(SPIFFEID(of: domain), for: audiences("db"), now_s: Self.now_s)
    }
  }
}
