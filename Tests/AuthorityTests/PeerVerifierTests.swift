import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("A peer's chain")
struct PeerVerifierTests {
  private let now = Scene.start_s

  @Test("proves who the peer is, with or without the root at its end")
  func proves() throws {
    let authority = try Scene.authority()
    let leaf = try authority.web(now).certificate
    for chain in [leaf.chain, leaf.chain + authority.bundle.roots] {
      let peer = try authority.verifier.verify(chain, now_s: now)
      #expect(try peer.spiffeID == Scene.web)
      #expect(peer.notAfter_s == leaf.notAfter_s)
    }
  }

  @Test("is taken 20 seconds before and after its time, and refused beyond with the time that counts")
  func skew() throws {
    let authority = try Scene.authority()
    let leaf = try authority.web(now).certificate
    let verifier = try authority.verifier
    #expect(verifier.refusal(leaf.chain, now_s: leaf.notBefore_s - 20) == nil)
    #expect(
      verifier.refusal(leaf.chain, now_s: leaf.notBefore_s - 21)
        == .notYetValid(at: 0, notBefore_s: leaf.notBefore_s)
    )
    #expect(verifier.refusal(leaf.chain, now_s: leaf.notAfter_s + 20) == nil)
    #expect(
      verifier.refusal(leaf.chain, now_s: leaf.notAfter_s + 21) == .expired(at: 0, notAfter_s: leaf.notAfter_s)
    )
    #expect(verifier.refusal(leaf.chain, now_s: .max) != nil && verifier.refusal(leaf.chain, now_s: .min) != nil)
  }

  @Test("ends with the certificate that ends first, be it the intermediate or the root")
  func endsAbove() throws {
    let (workshop, now) = (try OpenSSLWorkshop(), Scene.machine_s)
    // OpenSSL's leaves have a week from now; of our own the intermediate has two days left here, and there the root.
    let young = try Scene.authority(now_s: now - AuthorityTiming.intermediateLife_s + 2 * Scene.day_s)
    let signer = try #require(young.signer(now))
    let leaf = try workshop.certificate(leaf(), by: workshop.written(signer.certificate, signer.key))
    let chain = [leaf.der, signer.certificate.der]
    let ends_s = signer.certificate.notAfter_s
    #expect(try young.verifier.refusal(chain, now_s: ends_s + 20) == nil)
    #expect(try young.verifier.refusal(chain, now_s: ends_s + 21) == .expired(at: 1, notAfter_s: ends_s))

    let old = try Scene.authority(now_s: now - AuthorityTiming.rootLife_s + 2 * Scene.day_s)
    let root = try workshop.written(old.signingRoot, #require(old.keys.key(of: old.signingRoot)))
    let signs = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign"]
    let above = try workshop.certificate(signs, by: root)
    let below = try workshop.certificate(self.leaf(), by: above)
    let end_s = old.signingRoot.notAfter_s
    #expect(try old.verifier.refusal([below.der, above.der], now_s: end_s + 20) == nil)
    #expect(
      try old.verifier.refusal([below.der, above.der], now_s: end_s + 21) == .expired(at: 2, notAfter_s: end_s)
    )
  }

  @Test("of another mesh is foreign, even one of the same name and with the same names in its certificates")
  func foreign() throws {
    let (authority, other) = (try Scene.authority(), try Scene.authority())
    let chain = try other.web(now).certificate.chain
    #expect(try authority.verifier.refusal(chain, now_s: now) == .foreignRoot)
    #expect(try authority.verifier.refusal(chain + other.bundle.roots, now_s: now) == .foreignRoot)
    // A stranger's expired chain is a stranger's first of all.
    #expect(try authority.verifier.refusal(chain, now_s: now + 9 * Scene.day_s) == .foreignRoot)
  }

  @Test("in another order, with a part missing or with more than there is room for, is refused")
  func order() throws {
    let authority = try Scene.authority()
    let (chain, verifier) = (try authority.web(now).certificate.chain, try authority.verifier)
    #expect(verifier.refusal([], now_s: now) == .length(0))
    #expect(verifier.refusal([chain[0]], now_s: now) == .foreignRoot)
    #expect(verifier.refusal(chain.reversed(), now_s: now) == .badSignature(at: 0))
    #expect(verifier.refusal([chain[0], chain[0], chain[1]], now_s: now) == .badSignature(at: 0))
    #expect(verifier.refusal(chain + [chain[1]], now_s: now) == .badSignature(at: 1))
    #expect(verifier.refusal([chain[0]] + [[UInt8]](repeating: chain[1], count: 4), now_s: now) == .length(5))
  }

  @Test("of an authority's own certificates is nobody's")
  func authorities() throws {
    let authority = try Scene.authority()
    let verifier = try authority.verifier
    let refused = PeerRefusal.wrongUsage(at: 0, "it is an authority's")
    #expect(verifier.refusal(authority.issuers, now_s: now) == refused)
    #expect(verifier.refusal(authority.bundle.roots, now_s: now) == refused)
  }

  /// Extensions of a leaf as it should be, less those of `without`, with others instead.
  private func leaf(_ name: String = "URI:spiffe://mesh.test/ns/shop/sa/web", without: String = "", _ more: String...)
    -> [String]
  {
    [
      "basicConstraints=critical,CA:false", "keyUsage=critical,digitalSignature",
      "extendedKeyUsage=serverAuth,clientAuth", "subjectAltName=critical,\(name)",
    ].filter { without.isEmpty || !$0.hasPrefix(without) } + more
  }

  /// What the verifier says of a leaf that OpenSSL made with these extensions under our intermediate.
  private func refusal(of extensions: [String], key: [String]? = nil) throws -> PeerRefusal? {
    let (workshop, now) = (try OpenSSLWorkshop(), Scene.machine_s)
    let authority = try Scene.authority(now_s: now)
    let signer = try #require(authority.signer(now))
    let leaf = try workshop.certificate(extensions, by: workshop.written(signer.certificate, signer.key), key: key)
    return try authority.verifier.refusal([leaf.der, signer.certificate.der], now_s: now)
  }

  @Test("with a leaf made by OpenSSL as it should be is taken")
  func foreignTool() throws {
    #expect(try refusal(of: leaf()) == nil)
    #expect(try refusal(of: leaf(without: "basicConstraints")) == nil)
    #expect(try refusal(of: leaf(without: "extendedKeyUsage")) == nil)
    #expect(try refusal(of: leaf("DNS:web.shop.mesh,URI:spiffe://mesh.test/a,IP:10.0.0.1")) == nil)
    #expect(try refusal(of: leaf(), key: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]) == nil)
  }

  @Test("needs exactly one URI name, which is a SPIFFE ID of its trust domain")
  func names() throws {
    #expect(try refusal(of: leaf(without: "subjectAltName")) == .noIdentity)
    #expect(try refusal(of: leaf("DNS:web.shop.mesh")) == .noIdentity)
    #expect(try refusal(of: leaf("URI:spiffe://mesh.test/a,URI:spiffe://mesh.test/b")) == .severalIdentities(2))
    #expect(try refusal(of: leaf("URI:spiffe://mesh.test/a,URI:spiffe://mesh.test/a")) == .severalIdentities(2))
    #expect(try refusal(of: leaf("URI:https://mesh.test/a")) == .invalidIdentity(.noScheme))
    #expect(try refusal(of: leaf("URI:spiffe://mesh.test/a/../b")) == .invalidIdentity(.dotSegment))
    #expect(try refusal(of: leaf("URI:spiffe://MESH.test/a")) == .invalidIdentity(.invalidTrustDomain(byte: 0x4d)))
    #expect(try refusal(of: leaf("URI:spiffe://other.test/a")) == .foreignTrustDomain(TrustDomain("other.test")))
    let domain = try refusal(of: leaf("URI:spiffe://mesh.test"))
    #expect(domain == .wrongUsage(at: 0, "it names the trust domain, not a workload or host"))
  }

  @Test("needs a leaf that is no authority's, with critical key usage for handshakes alone")
  func usage() throws {
    func wrong(_ why: String) -> PeerRefusal { .wrongUsage(at: 0, why) }
    #expect(
      try refusal(of: leaf(without: "basicConstraints", "basicConstraints=critical,CA:true"))
        == wrong("it is an authority's")
    )
    #expect(try refusal(of: leaf(without: "keyUsage")) == wrong("it has no critical key usage"))
    #expect(
      try refusal(of: leaf(without: "keyUsage", "keyUsage=digitalSignature")) == wrong("it has no critical key usage")
    )
    #expect(
      try refusal(of: leaf(without: "keyUsage", "keyUsage=critical,keyAgreement"))
        == wrong("its key may not sign handshakes")
    )
    for more in ["keyCertSign", "cRLSign"] {
      #expect(
        try refusal(of: leaf(without: "keyUsage", "keyUsage=critical,digitalSignature,\(more)"))
          == wrong("its key may sign certificates or CRLs")
      )
    }
    #expect(
      try refusal(of: leaf(without: "extendedKeyUsage", "extendedKeyUsage=serverAuth"))
        == wrong("it is not for both clients and servers")
    )
  }

  @Test("with something that must be understood and is not, or a key of another kind, is refused")
  func notUnderstood() throws {
    let odd = try refusal(of: leaf("URI:spiffe://mesh.test/a", without: "", "1.2.3.4=critical,DER:0500"))
    #expect(odd == .malformed(at: 0, "the critical extension 1.2.3.4 is not understood"))
    let rsa = try refusal(of: leaf(), key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
    #expect(rsa == .malformed(at: 0, "its key is neither P-256 nor P-384"))
  }

  @Test("by way of a leaf that signed another leaf is refused: so workloads cannot be authorities")
  func leafAsAuthority() throws {
    let (workshop, now) = (try OpenSSLWorkshop(), Scene.machine_s)
    let authority = try Scene.authority(now_s: now)
    let signer = try #require(authority.signer(now))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let leaf = try workshop.certificate(leaf(), by: issuer)
    let forged = try workshop.certificate(self.leaf("URI:spiffe://mesh.test/ns/admin/sa/root"), by: leaf)
    let refusal = try authority.verifier.refusal([forged.der, leaf.der, issuer.der], now_s: now)
    #expect(refusal == .wrongUsage(at: 1, "it is not an authority's"))
  }

  @Test("with more authorities than the path length allows, or one that may not sign, is refused")
  func pathLength() throws {
    let (workshop, now) = (try OpenSSLWorkshop(), Scene.machine_s)
    let authority = try Scene.authority(now_s: now)
    let verifier = try authority.verifier
    let signer = try #require(authority.signer(now))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let signs = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign"]
    let below = try workshop.certificate(signs, by: issuer)
    let leaf = try workshop.certificate(leaf(), by: below)
    let long = verifier.refusal([leaf.der, below.der, issuer.der], now_s: now)
    #expect(long == .wrongUsage(at: 2, "too many authorities follow it"))

    let root = try workshop.written(authority.signingRoot, #require(authority.keys.key(of: authority.signingRoot)))
    for (extensions, why) in [
      (
        ["basicConstraints=critical,CA:true", "keyUsage=critical,digitalSignature"], "its key may not sign certificates"
      ),
      (["basicConstraints=critical,CA:true"], "it has no critical key usage"),
      (["basicConstraints=CA:true", "keyUsage=critical,keyCertSign"], "it is not an authority's"),
      (["basicConstraints=critical,CA:false", "keyUsage=critical,keyCertSign"], "it is not an authority's"),
      (signs + ["subjectAltName=URI:spiffe://mesh.test/ns/a/sa/b"], "it names another identity than its trust domain"),
    ] {
      let odd = try workshop.certificate(extensions, by: root)
      let leaf = try workshop.certificate(self.leaf(), by: odd)
      #expect(verifier.refusal([leaf.der, odd.der], now_s: now) == .wrongUsage(at: 1, why))
    }
    let sound = try workshop.certificate(signs, by: root)
    let good = try workshop.certificate(self.leaf(), by: sound)
    #expect(verifier.refusal([good.der, sound.der], now_s: now) == nil)
    let constrained = try workshop.certificate(signs + ["nameConstraints=permitted;URI:mesh.test"], by: root)
    let under = try workshop.certificate(self.leaf(), by: constrained)
    #expect(
      verifier.refusal([under.der, constrained.der], now_s: now)
        == .malformed(at: 1, "name constraints are not supported")
    )
  }

  @Test("of which any bit was changed is refused", arguments: [0, 1])
  func bitFlips(certificate: Int) throws {
    let authority = try Scene.authority()
    let (chain, verifier) = (try authority.web(now).certificate.chain, try authority.verifier)
    var signatures = 0
    for bit in 0..<chain[certificate].count * 8 {
      var changed = chain
      changed[certificate][bit / 8] ^= 1 << UInt8(bit % 8)
      let refusal = verifier.refusal(changed, now_s: now)
      #expect(refusal != nil, "bit \(bit)")
      if refusal == .badSignature(at: 0) || refusal == .foreignRoot { signatures += 1 }
    }
    #expect(signatures > 1_000)
  }

  @Test("that was damaged by chance is refused, and never crashes", arguments: 0..<8 as Range<UInt64>)
  func damaged(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let authority = try Scene.authority()
    let (chain, verifier) = (try authority.web(now).certificate.chain, try authority.verifier)
    for _ in 0..<300 {
      let index = Int.random(in: 0..<chain.count, using: &random)
      var changed = chain
      changed[index] = random.mutated(chain[index])
      guard changed != chain else { continue }
      #expect(verifier.refusal(changed, now_s: now) != nil, "seed \(seed)")
      _ = CertificateSummary(der: changed[index])
      _ = try? IssuedCertificate(chain: changed, using: &random)
    }
  }

  @Test("that is refused is so in one line that a person can act on")
  func texts() {
    let refusals: [PeerRefusal] = [
      .length(9), .malformed(at: 0, "x"), .badSignature(at: 0), .foreignRoot, .expired(at: 0, notAfter_s: 1),
      .notYetValid(at: 1, notBefore_s: 1), .wrongUsage(at: 2, "x"), .noIdentity, .severalIdentities(2),
      .invalidIdentity(.noScheme),
    ]
    #expect(Set(refusals.map(\.description)).count == refusals.count)
    #expect(refusals.allSatisfy { $0.description.count > 20 && !$0.description.contains("\n") })
  }
}
