import HTTP1
import MeshModel
import Policy
import Testing

@testable import Tokens

@Suite("A token cache")
struct TokenCacheTests {
  private func verify(
    _ token: String,
    _ cache: TokenCache,
    _ verifier: TokenVerifier,
    now_s: Int64 = noon,
    field: String = "Authorization: Bearer"
  ) throws -> TokenFault? {
    try withHead("/", ["\(field) \(token)"]) { head in
      guard case .found(let found) = verifier.locator.find(in: head) else { throw NotAHead() }
      if case .refused(let fault) = cache.verify(found, with: verifier, now_s: now_s) { return fault }
      return nil
    }
  }

  @Test("verifies a token once, and not again while it is right")
  func repeated() throws {
    let (cache, verifier) = (TokenCache(seed: 1), TokenVerifier([.example()]))
    for _ in 0..<5 {
      #expect(try verify(Vectors.es256, cache, verifier) == nil)
      #expect(try verify(Vectors.rich, cache, verifier) == nil)
    }
    #expect(cache.misses == 2 && cache.hits == 8)
  }

  @Test("lets a token expire")
  func expiry() throws {
    let (cache, verifier) = (TokenCache(seed: 1), TokenVerifier([.example()]))
    #expect(try verify(Vectors.es256, cache, verifier) == nil)
    #expect(try verify(Vectors.es256, cache, verifier, now_s: 1_700_003_659) == nil)
    #expect(try verify(Vectors.es256, cache, verifier, now_s: 1_700_003_660) == .expired)
  }

  @Test("does not remember what was refused")
  func refused() throws {
    let (cache, verifier) = (TokenCache(seed: 1), TokenVerifier([.example()]))
    for _ in 0..<3 { #expect(try verify(Vectors.otherKey, cache, verifier) == .signature) }
    #expect(cache.misses == 3 && cache.hits == 0)
  }

  @Test("forgets everything with another verifier")
  func otherVerifier() throws {
    let cache = TokenCache(seed: 1)
    #expect(try verify(Vectors.es256, cache, TokenVerifier([.example()])) == nil)
    #expect(try verify(Vectors.es256, cache, TokenVerifier([.example(keys: [.rsa])])) == .unknownKey)
  }

  @Test("does not take a token for a rule that looks elsewhere")
  func otherPlace() throws {
    let cache = TokenCache(seed: 1)
    let inField = RequestAuthentication.Rule.example(fromHeaders: [.init(name: "x-token")])
    let verifier = TokenVerifier([inField, RequestAuthentication.Rule(issuer: "https://other.example", keys: [])])
    #expect(try verify(Vectors.es256, cache, verifier, field: "x-token:") == nil)
    #expect(try verify(Vectors.es256, cache, verifier) == .unknownIssuer)
  }

  @Test("takes one changed character for another token")
  func changed() throws {
    let (cache, verifier) = (TokenCache(seed: 1), TokenVerifier([.example()]))
    #expect(try verify(Vectors.es256, cache, verifier) == nil)
    var wrong = Array(Vectors.es256.utf8)
    wrong[40] ^= 1
    #expect(try verify(String(decoding: wrong, as: UTF8.self), cache, verifier) != nil)
  }

  @Test("tells apart by their bytes two tokens that hash alike")
  func collision() throws {
    let right = Array(Vectors.es256.utf8)
    // A block of sixteen bytes whose first half is the seed makes nothing of all that came before it.
    let block = right.count / 16 * 16 - 16
    let seed = right[block..<block + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    var wrong = right
    wrong[40] ^= 1
    let hashes = [right, wrong].map { $0.withUnsafeBytes { TokenCache.hash($0, seed) } }
    #expect(hashes[0] == hashes[1])
    let (cache, verifier) = (TokenCache(seed: seed), TokenVerifier([.example()]))
    #expect(try verify(Vectors.es256, cache, verifier) == nil)
    #expect(try verify(String(decoding: wrong, as: UTF8.self), cache, verifier) != nil)
    #expect(cache.hits == 0 && cache.misses == 2)
  }

  @Test("hashes texts of every length apart, and otherwise under another seed")
  func hashes() {
    let bytes = [UInt8](repeating: 0, count: 100)
    let hashes = bytes.withUnsafeBytes { bytes in
      [1, 2].flatMap { seed in
        (0...100).map { TokenCache.hash(UnsafeRawBufferPointer(rebasing: bytes[..<$0]), seed) }
      }
    }
    #expect(Set(hashes).count == hashes.count)
  }
}
