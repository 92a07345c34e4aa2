import MeshModel
import Testing

@Suite("Text forms in snapshots")
struct TextFormTests {
  @Test(
    "of endpoints are read back",
    arguments: [
      "192.0.2.1:80", "[2001:db8::1]:80", "192.0.2.1:80 zone=eu-1a", "192.0.2.1:80 unready",
      "192.0.2.1:80 zone=a unready", "192.0.2.1:80 identity=spiffe://weft.local/ns/shop/sa/web meshed",
      "192.0.2.1:80 zone=a identity=spiffe://weft.local/ns/shop/sa/web meshed unready", "192.0.2.1:80 meshed",
    ]
  )
  func endpoints(text: String) throws { #expect(try #require(Endpoint(text)).description == text) }

  @Test(
    "of endpoints have no other shape",
    arguments: [
      "", "192.0.2.1", "192.0.2.1:80 ", " 192.0.2.1:80", "192.0.2.1:80 zone=", "192.0.2.1:80 unready zone=a",
      "192.0.2.1:80 identity=web", "192.0.2.1:80 meshed identity=spiffe://a/b", "192.0.2.1:80 meshed2",
      "192.0.2.1:80 meshed meshed", "192.0.2.1:80 ready", "192.0.2.1:80  unready", "192.0.2.1:80 unready unready",
    ]
  )
  func wrongEndpoints(text: String) { #expect(Endpoint(text) == nil) }

  @Test(
    "of endpoints given by name are read back",
    arguments: ["db.example.com:5432", "db.example.com:5432 zone=a", "db.example.com:443 one", "a.test:1 zone=b one"]
  )
  func named(text: String) throws { #expect(try #require(NamedEndpoint(text)).description == text) }

  @Test(
    "of endpoints given by name have no other shape",
    arguments: [
      "", "db.example.com", "db.example.com:", "db.example.com:0443", "db.example.com:70000", "a.test:1 two",
      "a.test:1 zone=", "a.test:1 one zone=a", "a.test:1 one one", "a.test:1 ",
    ]
  )
  func wrongNamed(text: String) { #expect(NamedEndpoint(text) == nil) }

  @Test(
    "of conditions' keys are read back",
    arguments: [
      "source.ip", "remote.ip", "request.headers[x-a]", "request.auth.claims[a]", "request.auth.claims[a][b.c]",
      "connection.sni",
    ]
  )
  func keys(text: String) throws { #expect(try #require(AuthorizationPolicy.Key(text)).description == text) }

  @Test(
    "of conditions' keys have no other shape",
    arguments: [
      "", "source", "request.headers", "request.headers[]", "request.headers[a][b]", "request.headers[a",
      "request.auth.claims[a][]", "request.auth.claims[[a]]", "request.auth.claims[a]b", "Source.ip",
    ]
  )
  func wrongKeys(text: String) { #expect(AuthorizationPolicy.Key(text) == nil) }

  @Test("of texts to compare with are those of Istio")
  func matches() {
    let forms: [(String, TextMatch)] = [
      ("a", .exact("a")), ("a*", .prefix("a")), ("*a", .suffix("a")), ("*", .present), ("*a*", .suffix("a*")),
      ("a*b", .exact("a*b")),
    ]
    for (text, match) in forms { #expect(TextMatch(text) == match && match.description == text) }
  }

  @Test("of bytes are base64url, one for each value (RFC 4648 section 10, without padding)")
  func base64() {
    let vectors = [
      "": "", "f": "Zg", "fo": "Zm8", "foo": "Zm9v", "foob": "Zm9vYg", "fooba": "Zm9vYmE", "foobar": "Zm9vYmFy",
    ]
    for (plain, text) in vectors {
      #expect(Base64URL.encode(Array(plain.utf8)) == text)
      #expect(Base64URL.decode(text.utf8) == Array(plain.utf8))
    }
    #expect(Base64URL.decode("-_8".utf8) == [0xfb, 0xff])
    for wrong in ["Zg==", "Zh", "Z", "+/8", "Zg\n", " Zg"] {
      #expect(Base64URL.decode(wrong.utf8) == nil, "\(wrong)")
    }
  }
}
