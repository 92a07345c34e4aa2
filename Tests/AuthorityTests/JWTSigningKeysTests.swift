import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("Keys of JWT-SVIDs")
struct JWTSigningKeysTests {
  private static let start_s: Int64 = 1_800_000_000
  private static let hour_s: Int64 = 3_600
  private let domain: TrustDomain
  private let id: SPIFFEID
  private let audiences: JWTAudiences

  init() throws {
    domain = try TrustDomain("mesh.test")
    id = try SPIFFEID("spiffe://mesh.test/ns/shop/sa/web")
    audiences = try #require(JWTAudiences(["db"]))
  }

  @Test("change each week for years, and whoever read them within a day verifies every token to its end")
  func rotation() throws {
    var keys = JWTSigningKeys(domain, now_s: Self.start_s)
    // What a slow reader knows: the keys of a day ago, and the tokens that have not run out.
    var known: [(time_s: Int64, keys: JWTKeySet)] = [(Self.start_s, keys.published)]
    var all = Set(keys.published.keys)
    for hour in Int64(1)...(2 * 365 * 24) {
      let now_s = Self.start_s + hour * Self.hour_s
      let token = try keys.sign(id, for: audiences, now_s: now_s)
      if keys.tick(now_s: now_s) { known.append((now_s, keys.published)) }
      let read = try #require(known.last { $0.time_s <= max(Self.start_s, now_s - 24 * Self.hour_s) })
      for told in [read.keys, keys.published] {
        let verifier = JWTVerifier(domain, keys: Set(told.keys))
        #expect(try verifier.verify(token.text, audience: "db", now_s: token.expires_s).spiffeID == id, "\(hour)")
      }
      #expect(keys.published.keys.count <= 3)
      all.formUnion(keys.published.keys)
      known = known.suffix(4)
    }
    // One a week.
    let range = 102...107
    #expect(range.contains(all.count), "\(all.count) keys in two years")
  }

  @Test("survive clocks that jump by a day, and by years, without a token that nobody believes")
  func clocks() throws {
    for jump_s in [86_400, -86_400, 7 * 365 * 86_400] as [Int64] {
      var keys = JWTSigningKeys(domain, now_s: Self.start_s)
      for hour in Int64(0)..<400 {
        let isOff = (180..<190).contains(hour)
        let now_s = Self.start_s + hour * Self.hour_s + (isOff ? jump_s : 0)
        _ = keys.tick(now_s: now_s)
        let token = try keys.sign(id, for: audiences, now_s: now_s)
        let verifier = JWTVerifier(domain, keys: Set(keys.published.keys))
        #expect(try verifier.verify(token.text, audience: "db", now_s: now_s).spiffeID == id)
        #expect(keys.published.keys.count <= AuthorityLimit.jwtKeys)
      }
      // It goes on changing them.
      let before = Set(keys.published.keys)
      var later = keys
      for hour in Int64(400)..<900 { _ = later.tick(now_s: Self.start_s + hour * Self.hour_s) }
      #expect(Set(later.published.keys) != before)
    }
  }

  @Test("are read as they were written, and nothing else is read")
  func coding() throws {
    var keys = JWTSigningKeys(domain, now_s: Self.start_s)
    _ = keys.tick(now_s: Self.start_s + 8 * 86_400)
    let read = try JWTSigningKeys(decoding: keys.encoded)
    #expect(read.encoded.bytes == keys.encoded.bytes && read.published == keys.published)
    #expect(try JWTKeySet(decoding: keys.published.encoded) == keys.published)
    #expect(keys.published.encoded.count <= JWTKeySet.maxBytes)
    for count in 0..<keys.published.encoded.count {
      #expect(throws: AuthorityError.self) { try JWTKeySet(decoding: Array(keys.published.encoded.prefix(count))) }
    }
    #expect(throws: AuthorityError.self) { try JWTSigningKeys(decoding: SecretBytes([])) }
    #expect("\(keys)".contains("children") == false && Mirror(reflecting: keys).children.isEmpty)
  }

  @Test("are named and written as RFC 7638's and RFC 7517's readers expect it")
  func document() throws {
    // RFC 7515 appendix A.3.1 has this key.
    let x = try #require(Base64URL.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU".utf8))
    let y = try #require(Base64URL.decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0".utf8))
    let key = try #require(JWTKey([4] + x + y))
    let parts = try #require(JSONSerialization.jsonObject(with: Data(JWTBundle.document([key]))) as? [String: Any])
    let written = try #require((parts["keys"] as? [[String: String]])?.first)
    #expect(written["kty"] == "EC" && written["crv"] == "P-256" && written["use"] == "jwt-svid")
    #expect(written["x"] == Base64URL.encode(x) && written["y"] == Base64URL.encode(y) && written["kid"] == key.id)
    #expect(key.id == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
    #expect(JWTKey([4] + x + x) == nil && JWTKey([]) == nil)
  }
}
