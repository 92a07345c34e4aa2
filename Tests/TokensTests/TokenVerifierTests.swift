import MeshModel
import Policy
import Testing

@testable import Tokens
import WeftTestKit

@Suite("A token verifier")
struct TokenVerifierTests {
  private let verifier = TokenVerifier([.example()])

  @Test("takes RS256 and ES256 tokens and tells their claims")
  func right() throws {
    let rsa = try #require(verifier.token(Vectors.rs256))
    #expect(rsa.requestPrincipal == "https://id.example/alice" && rsa.audiences == ["shop"])
    #expect(rsa.expires_s == 1_700_003_600)
    let rich = try #require(verifier.token(Vectors.rich))
    #expect(rich.audiences == ["shop", "bank"] && rich.presenter == "web-client")
    #expect(rich.claims[["realm", "name"]] == .text("north"))
    #expect(rich.claims[["realm", "absent"]] == nil && rich.claims[["sub", "x"]] == nil)
    #expect(String(decoding: rich.payload, as: UTF8.self) == String(Vectors.rich.split(separator: ".")[1]))
  }

  @Test("takes a token without kid, and one without exp for ever")
  func sparse() throws {
    let token = try #require(verifier.token(Vectors.plain, now_s: 1 << 40))
    #expect(token.subject == "bob" && token.expires_s == nil && token.audiences.isEmpty)
    #expect(verifier.token(Vectors.noSubject)?.subject == "")
  }

  @Test("believes a key's algorithm and never the token's")
  func algorithms() {
    #expect(verifier.fault(Vectors.saysNone) == .algorithm)
    #expect(verifier.fault(Vectors.saysHS256) == .algorithm)
    #expect(verifier.fault(Vectors.saysRS256) == .algorithm)
    // With no kid the RSA key would be tried, and must refuse what a P-256 key has signed.
    let nameless = TokenVerifier([
      .example(keys: [JSONWebKey(JSONWebKey.rsa.material), JSONWebKey(JSONWebKey.ec.material)])
    ])
    #expect(nameless.fault(Vectors.saysRS256) == .signature)
    #expect(nameless.fault(Vectors.es256) == nil)
  }

  @Test("refuses the signature of another key, of another curve, and a key id that nobody has")
  func keys() {
    #expect(verifier.fault(Vectors.otherKey) == .signature)
    #expect(verifier.fault(Vectors.p384) == .signature)
    #expect(verifier.fault(Vectors.otherKid) == .unknownKey)
    #expect(TokenVerifier([.example(keys: [])]).fault(Vectors.es256) == .unknownKey)
    #expect(TokenVerifier([.example(keys: [.rsa])]).fault(Vectors.plain) == .algorithm)
  }

  @Test("takes no claim of another type for one that is not there: what was meant would be a guess")
  func types() {
    func fault(_ claims: String) -> TokenFault? {
      let parts = [#"{"alg":"ES256","kid":"ec-1"}"#, claims, "signature"].map {
        String(decoding: Base64URL.encode(Array($0.utf8)), as: UTF8.self)
      }
      return verifier.fault(parts.joined(separator: "."))
    }
    let issuer = #""iss":"https://id.example""#
    #expect(fault("{\(issuer)}") == .signature)
    for claim in [
      #""sub":5"#, #""sub":null"#, #""azp":["a"]"#, #""aud":5"#, #""aud":["a",5]"#, #""exp":"1""#, #""nbf":true"#,
    ] {
      #expect(fault("{\(issuer),\(claim)}") == .malformed, "\(claim)")
    }
    #expect(fault(#"{"iss":5}"#) == .malformed && fault("{}") == .unknownIssuer)
  }

  @Test("tries no more keys than its bound")
  func bounded() {
    let other = JSONWebKey(JSONWebKey.otherEC.material)
    let many = [JSONWebKey](repeating: other, count: TokenLimit.keysTried - 1)
    #expect(TokenVerifier([.example(keys: many + [.ec])]).fault(Vectors.plain) == nil)
    #expect(TokenVerifier([.example(keys: many + [other, .ec])]).fault(Vectors.plain) == .signature)
  }

  @Test("refuses every extension the header calls critical")
  func critical() { #expect(verifier.fault(Vectors.critical) == .criticalHeader) }

  @Test("compares the issuer byte by byte")
  func issuers() {
    #expect(verifier.fault(Vectors.otherIssuer) == .unknownIssuer)
    #expect(verifier.fault(Vectors.noIssuer) == .unknownIssuer)
    #expect(TokenVerifier([]).fault(Vectors.es256) == .unknownIssuer)
  }

  @Test("wants one of the rule's audiences, if it names any")
  func audiences() {
    #expect(TokenVerifier([.example(audiences: ["bank", "mill"])]).fault(Vectors.rich) == nil)
    #expect(TokenVerifier([.example(audiences: ["bank"])]).fault(Vectors.es256) == .audience)
    #expect(TokenVerifier([.example(audiences: ["shop/"])]).fault(Vectors.es256) == .audience)
    #expect(TokenVerifier([.example(audiences: ["shop"])]).fault(Vectors.plain) == .audience)
  }

  @Test("lets clocks be a minute apart, and not a second more")
  func times() {
    let (begin, end): (Int64, Int64) = (1_700_000_000, 1_700_003_600)
    #expect(verifier.fault(Vectors.es256, now_s: end + 59) == nil)
    #expect(verifier.fault(Vectors.es256, now_s: end + 60) == .expired)
    #expect(verifier.fault(Vectors.es256, now_s: begin - 60) == nil)
    #expect(verifier.fault(Vectors.es256, now_s: begin - 61) == .notYetValid)
    #expect(verifier.fault(Vectors.issuedLater, now_s: 1_700_001_000 - 61) == .notYetValid)
    #expect(verifier.fault(Vectors.issuedLater, now_s: 1_700_001_000 - 60) == nil)
    #expect(verifier.fault(Vectors.fractions, now_s: end + 59) == nil)
    #expect(verifier.fault(Vectors.fractions, now_s: end + 60) == .expired)
  }

  @Test("is bound by each of a token's times alone")
  func eachTime() throws {
    func fault(_ claim: String, now_s: Int64) throws -> TokenFault? {
      let payload = try "{\"iss\":\"a\",\"\(claim)\":1000}".utf8Bytes { try JSONReader.read($0) }
      return try TokenClaims(payload).timeFault(now_s: now_s)
    }
    for claim in ["nbf", "iat"] {
      #expect(try fault(claim, now_s: 939) == .notYetValid, "\(claim)")
      #expect(try fault(claim, now_s: 940) == nil, "\(claim)")
    }
    #expect(try fault("exp", now_s: 1059) == nil)
    #expect(try fault("exp", now_s: 1060) == .expired)
  }

  @Test("refuses times that are no sensible numbers")
  func oddTimes() {
    #expect(verifier.fault(Vectors.hugeExpiry) == .malformed)
    #expect(verifier.fault(Vectors.textExpiry) == .malformed)
    #expect(verifier.fault(Vectors.negativeExpiry) == .expired)
  }

  @Test("refuses a claim that comes twice, though the signature is right")
  func doubleClaim() { #expect(verifier.fault(Vectors.doubleClaim) == .malformed) }

  @Test("refuses a token cut anywhere, and one with anything before or behind it")
  func truncated() {
    for token in [Vectors.es256, Vectors.rs256] {
      for count in 0..<token.utf8.count { #expect(verifier.fault(String(token.prefix(count))) != nil) }
      for wrong in [token + ".", "." + token, token + "=", token + " ", " " + token, token + "AAAA", token + ".e30"] {
        #expect(verifier.fault(wrong) != nil)
      }
    }
  }

  @Test("refuses a token in which any character is another")
  func changed() {
    let token = Array(Vectors.es256.utf8)
    for index in token.indices {
      var wrong = token
      wrong[index] = wrong[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(verifier.fault(String(decoding: wrong, as: UTF8.self)) != nil)
    }
  }

  @Test("refuses a token beyond its bound without looking into it")
  func long() {
    #expect(verifier.fault(String(repeating: "A", count: TokenLimit.bytes + 1)) == .tooLong)
    #expect(verifier.fault(String(repeating: "A", count: TokenLimit.bytes)) == .malformed)
  }

  @Test("asks every rule of the issuer, and tells the first rule's fault")
  func rules() {
    let stale = RequestAuthentication.Rule.example(audiences: ["mill"])
    let both = TokenVerifier([stale, .example()])
    guard case .valid(_, let rule) = Vectors.es256.utf8Bytes({ both.verify($0, now_s: noon) }) else {
      Issue.record("the second rule should have taken it")
      return
    }
    #expect(rule == 1)
    #expect(TokenVerifier([stale, .example(keys: [.otherEC])]).fault(Vectors.es256) == .audience)
  }

  @Test("leaves out keys that are none, names them, and takes no token by them")
  func badKeys() throws {
    let off = JSONWebKey(id: "ec-1", .p256(x: number(Vectors.y), y: number(Vectors.x)))
    let verifier = TokenVerifier([.example(keys: [off, .rsa])])
    #expect(verifier.problems.count == 1)
    let problem = try #require(verifier.problems.first)
    #expect(problem.hasPrefix("default/tokens, issuer https://id.example, key 0 (kid \"ec-1\"): "))
    #expect(verifier.fault(Vectors.es256) == .unknownKey)
    #expect(verifier.fault(Vectors.rs256) == nil)
  }

  @Test("takes only the documents that select the workload")
  func selection() throws {
    let here = RequestAuthentication(
      namespace: "shop",
      name: "a",
      selector: LabelSelector(matchLabels: ["app": "web"]),
      rules: [.example()]
    )
    let web = try Workload(namespace: "shop", labels: ["app": "web"])
    #expect(!TokenVerifier([here], for: web).isEmpty)
    #expect(TokenVerifier([here], for: try Workload(namespace: "shop", labels: ["app": "db"])).isEmpty)
    #expect(TokenVerifier([here], for: try Workload(namespace: "mill", labels: ["app": "web"])).isEmpty)
  }

  @Test("never stops or passes on seeded damage to tokens")
  func damaged() {
    var random = SplitMix64(seed: 20_261_125)
    let tokens = [Vectors.es256, Vectors.rich, Vectors.plain].map { Array($0.utf8) }
    for round in 0..<2_000 {
      var token = tokens[round % tokens.count]
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: token.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: token[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: token.remove(at: index)
        default: token.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
        }
      }
      guard !tokens.contains(token) else { continue }
      let outcome = token.withUnsafeBytes { verifier.verify($0, now_s: noon) }
      guard case .refused = outcome else {
        Issue.record("damaged token passed: \(String(decoding: token, as: UTF8.self))")
        continue
      }
    }
  }
}
