import Foundation
import MeshDocuments
import MeshModel
import Testing

@Suite("RequestAuthentication documents")
struct TokenReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {targetRef: {}}",
        [
          "p.yaml:4:8: spec.targetRef: is not supported, since a proxy knows its workload by labels; write selector: {matchLabels: ...}"
        ]
      ),
      (
        #"spec: {jwtRules: [{jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'}]}"#,
        [
          "p.yaml:4:19: spec.jwtRules[0]: issuer is missing; wanted is issuer: https://issuer.example.com"
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, audiences: [a]}]}",
        [
          #"p.yaml:4:19: spec.jwtRules[0]: jwks is missing; nothing is asked of the issuer, so write its keys: jwks: '{"keys": [...]}'"#
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, jwksUri: https://a.example/keys}]}",
        [
          #"p.yaml:4:40: spec.jwtRules[0].jwksUri: "https://a.example/keys" is not supported: nothing is fetched; write file:///path/to/keys.json, or jwks"#
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, jwksUri: file://keys}]}",
        [
          #"p.yaml:4:40: spec.jwtRules[0].jwksUri: "file://keys" is not supported: nothing is fetched; write file:///path/to/keys.json, or jwks"#
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, jwksUri: file:///nonexistent/keys.json}]}",
        [
          "p.yaml:4:40: spec.jwtRules[0].jwksUri: there is no file /nonexistent/keys.json"
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, jwksUri: file:///dev/zero}]}",
        [
          "p.yaml:4:40: spec.jwtRules[0].jwksUri: /dev/zero is not a regular file"
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, jwksUri: 'file:///a%20b'}]}",
        [
          #"p.yaml:4:40: spec.jwtRules[0].jwksUri: "file:///a%20b" holds a space or one of %?#, which a path here cannot have"#
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', jwksUri: file:///a}]}"#,
        [
          "p.yaml:4:188: spec.jwtRules[0].jwksUri: does not go with jwks; leave one out"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": []}'}]}"#,
        [
          "p.yaml:4:37: spec.jwtRules[0].jwks: has no key that verifies RS256 or ES256"
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, jwks: 'no json'}]}",
        [
          #"p.yaml:4:37: spec.jwtRules[0].jwks: is not a JSON Web Key Set such as {"keys": [{"kty": "RSA", "kid": ..., "n": ..., "e": ...}]}"#
        ]
      ),
      (
        "spec: {jwtRules: [{issuer: i, jwks: '{}'}]}",
        [
          #"p.yaml:4:37: spec.jwtRules[0].jwks: is not a JSON Web Key Set such as {"keys": [{"kty": "RSA", "kid": ..., "n": ..., "e": ...}]}"#
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"oct","k":"AAAA"}]}'}]}"#,
        [
          #"p.yaml:4:37: warning: spec.jwtRules[0].jwks: keys[0] is left out: its kty is "oct", neither RSA nor EC"#,
          "p.yaml:4:37: spec.jwtRules[0].jwks: has no key that verifies RS256 or ES256",
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}]}'}]}"#,
        [
          #"p.yaml:4:37: warning: spec.jwtRules[0].jwks: keys[0] is left out: its curve is "P-384", not P-256"#,
          "p.yaml:4:37: spec.jwtRules[0].jwks: has no key that verifies RS256 or ES256",
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","alg":"ES384","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'}]}"#,
        [
          #"p.yaml:4:37: warning: spec.jwtRules[0].jwks: keys[0] is left out: its alg is "ES384", not ES256"#,
          "p.yaml:4:37: spec.jwtRules[0].jwks: has no key that verifies RS256 or ES256",
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","use":"enc","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'}]}"#,
        [
          #"p.yaml:4:37: warning: spec.jwtRules[0].jwks: keys[0] is left out: its use is "enc", not "sig""#,
          "p.yaml:4:37: spec.jwtRules[0].jwks: has no key that verifies RS256 or ES256",
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","d":"AA","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'}]}"#,
        [
          "p.yaml:4:37: spec.jwtRules[0].jwks: keys[0] is a private key; publish the public one, and replace this pair"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f8=OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'}]}"#,
        [
          "p.yaml:4:37: spec.jwtRules[0].jwks: keys[0] has x that is not base64url without padding (RFC 7515 section 2)"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'}]}"#,
        [
          "p.yaml:4:37: spec.jwtRules[0].jwks: keys[0] has coordinates that are not of 32 bytes"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","kid":"a","y":"AA"}]}'}]}"#,
        [
          #"p.yaml:4:37: spec.jwtRules[0].jwks: keys[0] "a" lacks x"#
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"RSA","kid":"small","n":"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff","e":"AQAB"}]}'}]}"#,
        [
          #"p.yaml:4:37: spec.jwtRules[0].jwks: keys[0] "small" has n that is not base64url without padding (RFC 7515 section 2)"#
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"RSA","n":"______________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________________w","e":"AQ"}]}'}]}"#,
        [
          "p.yaml:4:37: spec.jwtRules[0].jwks: keys[0] has an exponent that is even, 1, or longer than 64 bits"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', fromCookies: [a]}]}"#,
        [
          "p.yaml:4:179: spec.jwtRules[0].fromCookies: is not supported; write fromHeaders or fromParams"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', spaceDelimitedClaims: [a]}]}"#,
        [
          "p.yaml:4:179: spec.jwtRules[0].spaceDelimitedClaims: is not supported"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', fromHeaders: [{prefix: a}]}]}"#,
        [
          "p.yaml:4:193: spec.jwtRules[0].fromHeaders[0]: name is missing; wanted is name: authorization"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', fromHeaders: []}]}"#,
        [
          "p.yaml:4:192: spec.jwtRules[0].fromHeaders: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', outputPayloadToHeader: Content-Length}]}"#,
        [
          #"p.yaml:4:202: spec.jwtRules[0].outputPayloadToHeader: "Content-Length" frames messages and is the proxy's own; it cannot be changed"#
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', outputClaimToHeaders: [{header: a, claim: b..c}]}]}"#,
        [
          #"p.yaml:4:221: spec.jwtRules[0].outputClaimToHeaders[0].claim: "b..c" has a dot without a name beside it"#
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', outputClaimToHeaders: [{header: a}]}]}"#,
        [
          "p.yaml:4:202: spec.jwtRules[0].outputClaimToHeaders[0]: claim is missing; wanted is claim: sub"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', forwardOriginalToken: 'true'}]}"#,
        [
          #"p.yaml:4:201: spec.jwtRules[0].forwardOriginalToken: is "true"; wanted is true or false, without quotes"#
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', timeout: 5}]}"#,
        [
          "p.yaml:4:188: spec.jwtRules[0].timeout: 5 has no unit; wanted is a duration such as 10s, 1m30s or 500ms"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}', jwks_uri: a}]}"#,
        [
          #"p.yaml:4:179: spec.jwtRules[0].jwks_uri: unknown field; did you mean "jwksUri"?"#
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("RequestAuthentication", body, for: expected)
  }

  @Test(
    "warn of what may not be what was meant, and are taken",
    arguments: [
      (
        "spec: {}",
        [
          "p.yaml:4:7: warning: spec: has no jwtRules, so it asks for nothing"
        ]
      ),
      (
        #"spec: {jwtRules: [{issuer: i, jwks: '{"keys": [{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}, {"kty":"oct","k":"AAAA"}]}'}]}"#,
        [
          #"p.yaml:4:37: warning: spec.jwtRules[0].jwks: keys[1] is left out: its kty is "oct", neither RSA nor EC"#
        ]
      ),
    ] as [(String, [String])]
  )
  func warnings(body: String, expected: [String]) {
    expectTaken("RequestAuthentication", body, with: expected)
  }

  @Test("take keys of 2,048 bits and more from a file that jwksUri names")
  func file() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "wt-\(getpid())-keys-\(UUID().uuidString).json"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    // 2,048 ones, and 65537.
    let modulus = String(repeating: "_", count: 341) + "w"
    try #"{"keys": [{"kty": "RSA", "kid": "r", "n": "\#(modulus)", "e": "AQAB", "x5t": "ignored"}]}"#
      .write(toFile: path, atomically: true, encoding: .utf8)
    let reading = read(document("RequestAuthentication", "spec: {jwtRules: [{issuer: i, jwksUri: 'file://\(path)'}]}"))
    #expect(reading.issues.map(\.description) == [])
    let rule = try #require(reading.snapshot?.mesh.authentications.first?.rules.first)
    let material = JSONWebKey.Material.rsa(modulus: Array(repeating: 255, count: 256), exponent: [1, 0, 1])
    #expect(rule.keys == [JSONWebKey(id: "r", material)])
    #expect(!rule.forwardsToken && rule.fromHeaders.isEmpty)
  }

  @Test("refuse keys that are too small")
  func small() {
    let key = #"{"kty": "RSA", "n": "\#(String(repeating: "_", count: 340))", "e": "AQAB"}"#
    let text = document("RequestAuthentication", "spec: {jwtRules: [{issuer: i, jwks: '{\"keys\": [\(key)]}'}]}")
    #expect(read(text).errors.map(\.message) == ["keys[0] has fewer than 2048 bits (RFC 7518 section 3.3)"])
  }
}
