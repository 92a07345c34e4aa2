import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import TransportSecurity

/// Names of certificates as public authorities write them, with wildcards, made by openssl.
@Suite("The certificate of a server outside the mesh")
struct OutsideNameTests {
  /// A certificate of its own with these names; in its subject, where nobody should look, there is one more.
  private static func leaf(_ names: String) throws -> Certificate {
    let files = try TemporaryDirectory()
    let make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    let more = ["-subj", "/CN=subject.example.com", "-keyout", files.file("key"), "-outform", "DER"]
    let names = names.isEmpty ? [] : ["-addext", "subjectAltName=\(names)"]
    try Command("openssl", make + more + names + ["-out", files.file("der")]).run().orThrow()
    let der = try Data(contentsOf: URL(fileURLWithPath: files.file("der")))
    return try #require(Certificate(der: [UInt8](der)))
  }

  /// What is said of it to who must find one of the names; nil where it has one.
  private static func fault(_ leaf: Certificate, _ wanted: ServerExpectation) throws -> TLSFault? {
    let handshake = ServerHandshake(wanted, ServerResumption())
    handshake.now_s = try #require(CertificateView(pointer: leaf.pointer).notBefore_s)
    return handshake.judgeResumed(CertificateView(pointer: leaf.pointer)) ? nil : handshake.fault
  }

  @Test("with a wildcard has the names of one label more, in any case, and no others")
  func wildcards() throws {
    let leaf = try Self.leaf("DNS:*.example.com,DNS:*.b.example.net,DNS:plain.test")
    for name in ["api.example.com", "API.Example.COM", "x.b.example.net", "xn--bcher-kva.example.com", "plain.test"] {
      #expect(try Self.fault(leaf, ServerExpectation(asking: name)) == nil, "\(name)")
    }
    for name in [
      "example.com", "a.b.example.com", ".example.com", "api.example.com.evil.test", "apiexample.com", "example.net",
      "b.example.net", "x.c.example.net", "*.c.example.net", "a.plain.test", "subject.example.com.", "com",
    ] {
      #expect(try Self.fault(leaf, ServerExpectation(asking: name)) == .server(.otherName), "\(name)")
    }
  }

  @Test(
    "with a wildcard that is a part of a label, not the first one, or of a whole domain has none of the names it means"
  )
  func partial() throws {
    let leaf = try Self.leaf(
      "DNS:f*.example.com,DNS:*o.example.org,DNS:b*r.example.net,DNS:api.*.test,DNS:*.com,DNS:*,DNS:*.*.example.info"
    )
    for name in [
      "foo.example.com", "foo.example.org", "bar.example.net", "api.example.test", "example.com", "localhost",
      "a.b.example.info",
    ] {
      #expect(try Self.fault(leaf, ServerExpectation(asking: name)) == .server(.otherName), "\(name)")
    }
  }

  @Test("has addresses as addresses alone: no name that looks like one, and no wildcard, is one")
  func addresses() throws {
    let names = try Self.leaf("DNS:192.0.2.1,DNS:*.0.2.1,DNS:2001:db8::1,URI:https://192.0.2.1/")
    let address = try Self.leaf("IP:192.0.2.1,IP:2001:db8::1,DNS:api.example.com")
    for text in ["192.0.2.1", "2001:db8::1"] {
      #expect(try Self.fault(names, ServerExpectation(asking: text)) == .server(.otherName), "\(text)")
      #expect(try Self.fault(address, ServerExpectation(asking: text)) == nil, "\(text)")
      // Written down as a name, it is one.
      let name = ServerExpectation(asking: text, names: .init(dns: [text]))
      #expect(try Self.fault(address, name) == .server(.otherName), "\(text)")
    }
    #expect(try Self.fault(address, ServerExpectation(asking: "192.0.2.2")) == .server(.otherName))
    #expect(try Self.fault(address, ServerExpectation(asking: "2001:0db8:0:0::1")) == nil, "whatever its spelling")
  }

  @Test("has no name in its subject, and none at all is nobody's")
  func subject() throws {
    for names in ["", "DNS:other.example.com", "email:subject@example.com", "IP:192.0.2.1"] {
      let leaf = try Self.leaf(names)
      #expect(try Self.fault(leaf, ServerExpectation(asking: "subject.example.com")) == .server(.otherName), "\(names)")
      #expect(try Self.fault(leaf, ServerExpectation(asking: nil)) == .server(.nameless), "\(names)")
    }
  }

  @Test("of a session that is taken up again must be in its time still")
  func times() throws {
    let leaf = try Self.leaf("DNS:api.example.com")
    let view = CertificateView(pointer: leaf.pointer)
    let (begins_s, ends_s) = (try #require(view.notBefore_s), try #require(view.notAfter_s))
    func fault(at now_s: Int64) -> String? {
      let handshake = ServerHandshake(ServerExpectation(asking: "api.example.com"), ServerResumption())
      handshake.now_s = now_s
      return handshake.judgeResumed(CertificateView(pointer: leaf.pointer)) ? nil : handshake.fault.map { "\($0)" }
    }
    #expect(fault(at: begins_s) == nil && fault(at: ends_s) == nil)
    #expect(fault(at: ends_s + 1)?.contains("has expired") == true)
    #expect(fault(at: begins_s - 1)?.contains("is not valid yet") == true)
  }

  @Test("has URIs byte for byte")
  func uris() throws {
    let leaf = try Self.leaf("URI:spiffe://outside/api,DNS:spiffe.example")
    func fault(_ uri: String) throws -> TLSFault? {
      try Self.fault(leaf, ServerExpectation(asking: "api.example.com", names: .init(uris: [uri])))
    }
    #expect(try fault("spiffe://outside/api") == nil)
    for uri in [
      "spiffe://outside/API", "spiffe://outside/api/", "spiffe://outside", "spiffe://*/api", "spiffe.example",
    ] {
      #expect(try fault(uri) == .server(.otherName), "\(uri)")
    }
  }
}
