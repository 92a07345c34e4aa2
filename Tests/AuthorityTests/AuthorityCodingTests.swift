import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("A stored authority")
struct AuthorityCodingTests {
  private let start = Scene.start_s

  private func reread(_ state: [UInt8], _ keys: SecretBytes) throws -> AuthorityState {
    try AuthorityState(decoding: state, keys: AuthorityKeys(decoding: keys))
  }

  @Test("is the same after a restart, at every step of a rotation")
  func roundTrip() throws {
    var authority = try Scene.authority()
    _ = try authority.rotateRoot(now_s: start)
    for hours in stride(from: 0, through: 120, by: 8) {
      let now = start + Int64(hours) * Scene.hour_s
      _ = try authority.tick(now_s: now)
      let again = try reread(authority.encoded, authority.keys.encoded)
      #expect(again.encoded == authority.encoded && again.keys.encoded.bytes == authority.keys.encoded.bytes)
      #expect(again.bundle == authority.bundle && again.formerRoots == authority.formerRoots)
      #expect(again.issuers == authority.issuers && again.pin == authority.pin)
      authority = again
    }
    #expect(authority.formerRoots.count == 1)
  }

  @Test("of before a change works with the keys of after it: a crash between the two writings costs nothing")
  func crash() throws {
    var authority = try Scene.authority()
    var now = start
    func step(_ change: (inout AuthorityState) throws -> Void) throws {
      let before = authority.encoded
      try change(&authority)
      var crashed = try reread(before, authority.keys.encoded)
      _ = try crashed.tick(now_s: now)
      #expect(try crashed.verifier.refusal(crashed.web(now).certificate.chain, now_s: now) == nil)
    }
    try step { _ = try $0.rotateIntermediate(now_s: now) }
    try step { _ = try $0.rotateRoot(now_s: now) }
    now += AuthorityTiming.propagation_s
    try step {
      let changes = try $0.tick(now_s: now)
      #expect(changes == [.signingMoved, .intermediateRenewed])
    }
    now += AuthorityTiming.retirement_s
    try step {
      let changes = try $0.tick(now_s: now)
      #expect(changes == [.rootRetired])
    }
  }

  @Test("that has lost its intermediate's key makes another; one without its root's key says so")
  func lostKeys() throws {
    let authority = try Scene.authority()
    var keys = AuthorityKeys()
    #expect(throws: AuthorityError.missingKey(of: "the root")) {
      try AuthorityState(decoding: authority.encoded, keys: keys)
    }
    keys.add(try #require(authority.keys.key(of: authority.signingRoot)))
    var again = try AuthorityState(decoding: authority.encoded, keys: keys)
    #expect(throws: AuthorityError.noSigner) { try again.web(start) }
    #expect(try again.tick(now_s: start) == [.intermediateRenewed])
    #expect(try authority.verifier.refusal(again.web(start).certificate.chain, now_s: start) == nil)
  }

  @Test("has no private key in what others may read, nor in what is printed")
  func secrets() throws {
    let authority = try Scene.authority()
    let identity = try authority.web(start)
    let host = HostKey()
    var texts = ""
    dump(authority, to: &texts)
    dump(identity, to: &texts)
    dump(host, to: &texts)
    dump(try CertificateRequest(), to: &texts)
    texts += "\(authority) \(identity) \(host) \(authority.keys) \(authority.keys.encoded)"
    #expect(!texts.contains("rawRepresentation"))
    let secrets = [authority.keys.encoded.bytes, identity.key.bytes, host.encoded.bytes]
    for secret in secrets {
      // The private number is in the bytes 36 to 68 of a PKCS #8 P-256 key.
      let piece = Array(secret.suffix(100).prefix(16))
      #expect(!texts.contains(piece.map(String.init).joined(separator: ", ")))
      #expect(!texts.contains(piece.map { "- \($0)" }.joined(separator: "\n")))
      #expect(!authority.encoded.contains(piece))
    }
    for root in [authority.signingRoot] + authority.intermediates {
      let scalar = Array(try #require(authority.keys.key(of: root)).pkcs8.bytes[36..<68])
      #expect(authority.keys.encoded.bytes.contains(scalar))
      #expect(!authority.encoded.contains(scalar))
    }
  }

  @Test("that was damaged by chance is refused or is a sound one, and never crashes", arguments: 0..<8 as Range<UInt64>)
  func damaged(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var authority = try Scene.authority()
    _ = try authority.rotateRoot(now_s: start)
    let keys = authority.keys
    var refused = 0
    for _ in 0..<150 {
      let bytes = random.mutated(authority.encoded)
      guard bytes != authority.encoded else { continue }
      do throws(AuthorityError) {
        var again = try AuthorityState(decoding: bytes, keys: keys)
        #expect(again.encoded == bytes, "seed \(seed)")
        _ = try? again.tick(now_s: start)
        _ = try? again.web(start)
      } catch {
        refused += 1
      }
      let damaged = SecretBytes(random.mutated(keys.encoded.bytes))
      _ = try? AuthorityKeys(decoding: damaged)
      if let bundle = try? TrustBundle(decoding: random.mutated(authority.bundle.encoded)) {
        _ = try? PeerVerifier(bundle)
      }
    }
    #expect(refused > 100)
  }

  @Test("that is garbage, cut off anywhere, of another version or not one that could be is refused")
  func notAState() throws {
    let authority = try Scene.authority()
    let (whole, keys) = (authority.encoded, authority.keys)
    func isRefused(_ bytes: [UInt8], _ comment: Comment) {
      #expect(throws: AuthorityError.malformed("the authority's state"), comment) {
        try AuthorityState(decoding: bytes, keys: keys)
      }
    }
    for count in 0..<whole.count { isRefused(Array(whole.prefix(count)), "\(count) bytes of it") }
    isRefused(whole + [0], "and a byte more")
    for garbage in [[0], [0x30, 0], Array("authority".utf8), [UInt8](repeating: 0xff, count: 300)] as [[UInt8]] {
      isRefused(garbage, "\(garbage.count) bytes of garbage")
    }
    // The version is the first part.
    let place = try #require(whole.indices.first { whole[$0...].starts(with: [2, 1, 1]) })
    for version in [0, 2, 0x7f] as [UInt8] {
      var other = whole
      other[place + 2] = version
      isRefused(other, "version \(version)")
    }
    var twice = authority
    twice.roots += twice.roots
    isRefused(twice.encoded, "two roots that sign")
    var none = authority
    none.roots[0].phase = .retiring
    isRefused(none.encoded, "no root that signs")
    var unsound = authority
    unsound.roots[0].certificate = try #require(authority.intermediates.first)
    isRefused(unsound.encoded, "a root that another signed")
  }

  @Test("as a bundle whose root has not signed itself is refused, authority or not")
  func notARoot() throws {
    let (authority, bundle) = (try Scene.authority(), try Scene.authority().bundle)
    #expect(throws: Never.self) { try PeerVerifier(bundle) }
    for roots in [authority.issuers, bundle.roots + authority.issuers] {
      #expect(throws: AuthorityError.malformed("a root of the trust bundle")) {
        try PeerVerifier(TrustBundle(trustDomain: Scene.domain, version: 0, roots: roots))
      }
    }
  }

  @Test("as a bundle is the same after a restart")
  func bundle() throws {
    let bundle = try Scene.authority().bundle
    #expect(try TrustBundle(decoding: bundle.encoded) == bundle)
    #expect(throws: AuthorityError.malformed("a trust bundle")) { try TrustBundle(decoding: bundle.encoded + [0]) }
    #expect(throws: AuthorityError.malformed("a trust bundle")) {
      try PeerVerifier(TrustBundle(trustDomain: Scene.domain, version: 0, roots: []))
    }
    #expect(throws: AuthorityError.malformed("a root of the trust bundle")) {
      try PeerVerifier(TrustBundle(trustDomain: TrustDomain("other.test"), version: 0, roots: bundle.roots))
    }
  }
}
