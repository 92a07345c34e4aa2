import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("An authority")
struct AuthorityStateTests {
  private let now = Scene.start_s

  @Test("of a new mesh has one root and one intermediate, and issues at once")
  func new() throws {
    let authority = try Scene.authority()
    #expect(authority.bundle.roots.count == 1 && authority.issuers.count == 1 && authority.formerRoots.isEmpty)
    #expect(authority.bundle.version >= now && authority.fault(now_s: now) == nil)
    let identity = try authority.web(now)
    #expect(identity.certificate.chain.count == 2 && identity.certificate.chain[1] == authority.issuers[0])
    #expect(try authority.verifier.verify(identity.certificate.chain, now_s: now).spiffeID == Scene.web)
  }

  @Test("issues leaves of 24 hours, begun earlier than any verifier's skew")
  func leafLife() throws {
    let certificate = try Scene.authority().web(now).certificate
    #expect(certificate.notAfter_s == now + 24 * Scene.hour_s)
    #expect(certificate.notBefore_s == now - AuthorityTiming.leafBackdate_s)
    #expect(AuthorityTiming.leafBackdate_s > AuthorityTiming.skew_s)
    let summary = try #require(CertificateSummary(der: certificate.chain[0]))
    #expect(summary.spiffeID == "spiffe://mesh.test/ns/shop/sa/web" && summary.subject.isEmpty)
    #expect(summary.notAfter_s == certificate.notAfter_s && summary.sha256.count == 64)
    #expect(summary.serial.count == 32 && summary.pem.hasPrefix("-----BEGIN CERTIFICATE-----"))
  }

  @Test("has leaves renewed at half their life, each by chance somewhat earlier or later")
  func renewal() throws {
    let authority = try Scene.authority()
    let times = try (0..<40).map { try authority.web(now, seed: $0).certificate.renewsAt_s }
    let half = now + 12 * Scene.hour_s
    #expect(times.allSatisfy { abs($0 - half) <= Scene.day_s / 10 + AuthorityTiming.leafBackdate_s })
    #expect(Set(times).count > 30)
    #expect((times.max() ?? 0) - (times.min() ?? 0) > 2 * Scene.hour_s)
    let certificate = try authority.web(now).certificate
    #expect(!certificate.needsRenewal(now_s: certificate.renewsAt_s - 1))
    #expect(certificate.needsRenewal(now_s: certificate.renewsAt_s))
    #expect(certificate.needsRenewal(now_s: certificate.notBefore_s - 21))
    #expect(
      certificate.isValid(now_s: certificate.notAfter_s) && !certificate.isValid(now_s: certificate.notAfter_s + 1)
    )
  }

  @Test("lets no leaf outlive its intermediate, and none be issued after it")
  func neverOutlives() throws {
    let authority = try Scene.authority()
    let end = now + AuthorityTiming.intermediateLife_s
    #expect(try authority.web(end - 25 * Scene.hour_s).certificate.notAfter_s == end - Scene.hour_s)
    #expect(try authority.web(end - Scene.hour_s).certificate.notAfter_s == end)
    #expect(throws: AuthorityError.noSigner) { try authority.web(end + 1) }
  }

  @Test("lets no intermediate outlive its root, and says so when the root is over")
  func rootEnd() throws {
    var authority = try Scene.authority()
    let end = now + AuthorityTiming.rootLife_s
    _ = try authority.rotateIntermediate(now_s: end - Scene.day_s)
    let leaf = try authority.web(end - Scene.hour_s).certificate
    #expect(leaf.notAfter_s == end)
    #expect(try authority.verifier.refusal(leaf.chain, now_s: end) == nil)
    #expect(throws: AuthorityError.rootExpired(at_s: end)) { try authority.web(end + 1) }
    #expect(authority.fault(now_s: end + 1) == .rootExpired(at_s: end))
    #expect(try authority.tick(now_s: end + 1) == [])
  }

  @Test("certifies nobody of another trust domain, nor the domain itself")
  func foreign() throws {
    let authority = try Scene.authority()
    var random = SplitMix64(seed: 1)
    let other = try SPIFFEID("spiffe://other.test/ns/a/sa/b")
    #expect(throws: AuthorityError.foreignTrustDomain(other, own: try Scene.domain)) {
      try authority.issue(other, now_s: now, using: &random)
    }
    let own = try SPIFFEID(of: Scene.domain)
    #expect(throws: AuthorityError.noPath(own)) { try authority.issue(own, now_s: now, using: &random) }
  }

  @Test("refuses a clock that no certificate can name", arguments: [Int64.min, -60_000_000_000, 260_000_000_000, .max])
  func clock(time: Int64) throws {
    var authority = try Scene.authority()
    #expect(throws: AuthorityError.clock(time)) { try authority.web(time) }
    #expect(throws: AuthorityError.clock(time)) { try authority.tick(now_s: time) }
    #expect(throws: AuthorityError.clock(time)) { try AuthorityState(new: Scene.domain, now_s: time) }
  }

  @Test("signs for the key of a host's request, which is then an identity with the key that stayed")
  func request() throws {
    let authority = try Scene.authority()
    var random = SplitMix64(seed: 1)
    let request = try CertificateRequest()
    let host = try SPIFFEID.host(Scene.domain, name: "h1")
    let issued = try authority.issue(host, request: request.der, now_s: now, using: &random)
    let received = try IssuedCertificate(chain: issued.chain, using: &random)
    let identity = try Identity(received, key: request.key)
    #expect(identity.spiffeID == host && identity.certificate.notAfter_s == issued.notAfter_s)
    #expect(try authority.verifier.verify(identity.certificate.chain, now_s: now).spiffeID.hostName == "h1")
    #expect(throws: AuthorityError.missingKey(of: "the certificate of \(host)")) {
      try Identity(received, key: CertificateRequest().key)
    }
    #expect(throws: AuthorityError.malformed("a certificate chain")) {
      try IssuedCertificate(chain: [], using: &random)
    }
    #expect(throws: AuthorityError.malformed("a certificate of a chain")) {
      try IssuedCertificate(chain: [issued.chain[0], [0x30, 0]], using: &random)
    }
  }
}
