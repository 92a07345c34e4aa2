import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("A join token")
struct JoinTokenTests {
  @Test("that pins what is no root leads to nobody")
  func noRoot() throws {
    let authority = try Scene.authority()
    let address = try #require(SocketAddress("192.0.2.1:15012"))
    func bundle(_ der: [UInt8]) throws -> TrustBundle {
      try JoinToken(secret: SecretBytes([UInt8](repeating: 1, count: 32)), pin: sha256(der), addresses: [address])
        .bundle(of: [der])
    }
    #expect(try bundle(authority.bundle.roots[0]).roots == authority.bundle.roots)
    #expect(throws: JoinTokenFault.otherRoot) { try bundle(authority.issuers[0]) }
  }

  private func token(_ addresses: String...) throws -> JoinToken {
    try JoinToken(
      secret: SecretBytes((0..<32).map { UInt8($0) }),
      pin: [UInt8](repeating: 0xab, count: 32),
      addresses: addresses.map { try #require(SocketAddress($0)) }
    )
  }

  @Test("is one word that a person can carry, and the same at the other end")
  func roundTrip() throws {
    let token = try token("192.0.2.1:15012", "[2001:db8::1]:15012")
    #expect(token.text.hasPrefix("weft-join-v1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.q6ur"))
    #expect(token.text.allSatisfy { $0.isASCII && !$0.isWhitespace })
    #expect(try JoinToken(token.text) == token)
    #expect("\(token)" == "join token for 192.0.2.1:15012, [2001:db8::1]:15012")
    var dumped = ""
    dump(token, to: &dumped)
    #expect(!dumped.contains("17\n") && !dumped.contains("AAECAw"))
  }

  @Test("with eight addresses at their longest has room, and a ninth has not")
  func longest() throws {
    let long = (1...8).map { "[2001:db8:1111:2222:3333:4444:5555:666\($0)]:15012" }
    let addresses = try long.map { try #require(SocketAddress($0)) }
    let secret = SecretBytes([UInt8](repeating: 255, count: 32))
    let token = try JoinToken(secret: secret, pin: secret.bytes, addresses: addresses)
    #expect(token.text.utf8.count < JoinToken.maxCharacters)
    #expect(try JoinToken(token.text) == token)
    #expect(throws: JoinTokenFault.addresses) {
      try JoinToken(secret: secret, pin: secret.bytes, addresses: addresses + [addresses[0]])
    }
  }

  @Test("that is not whole is refused with what is missing")
  func notWhole() throws {
    let text = try token("192.0.2.1:15012").text
    let parts = text.split(separator: ".").map(String.init)
    #expect(parts.count == 4)
    func fault(_ text: String) -> JoinTokenFault? {
      do throws(JoinTokenFault) { _ = try JoinToken(text) } catch { return error }
      return nil
    }
    func joined(_ list: String) -> String {
      ([parts[0], parts[1], parts[2]] + [Base64URL.encode(Array(list.utf8))]).joined(separator: ".")
    }
    #expect(fault("") == .prefix && fault("weft-join-v2." + text) == .prefix && fault(" " + text) == .prefix)
    #expect(fault(parts[0] + ".") == .parts(1) && fault(text + ".") == .parts(4))
    #expect(fault(text + String(repeating: "A", count: 1_024)) == .tooLong(text.utf8.count + 1_024))
    #expect(fault([parts[0], "AAAA", parts[2], parts[3]].joined(separator: ".")) == .secret)
    #expect(fault([parts[0], parts[1], "AAAA", parts[3]].joined(separator: ".")) == .pin)
    #expect(fault([parts[0], parts[1] + "=", parts[2], parts[3]].joined(separator: ".")) == .secret)
    #expect(fault(joined("")) == .address(""))
    #expect(fault(joined("db.example:1")) == .address("db.example:1"))
    #expect(fault(joined("192.0.2.1:015012")) == .address("192.0.2.1:015012"))
    #expect(fault(joined("192.0.2.1:0")) == .address("192.0.2.1:0"))
    #expect(fault(joined("0.0.0.0:1")) == .address("0.0.0.0:1"))
    #expect(fault(joined("192.0.2.1:1,")) == .address(""))
    #expect(fault(joined(Array(repeating: "192.0.2.1:1", count: 9).joined(separator: ","))) == .addresses)
    #expect(!"\(JoinTokenFault.address("a\u{1b}[2J\nb"))".contains { $0 == "\u{1b}" || $0 == "\n" })
  }

  @Test("changed by chance is refused or another token, and never crashes", arguments: 0..<8 as Range<UInt64>)
  func damaged(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let token = try token("192.0.2.1:15012", "[2001:db8::1]:15012")
    for _ in 0..<1_000 {
      let bytes = random.mutated(Array(token.text.utf8))
      guard let text = String(validating: bytes, as: UTF8.self), text != token.text else { continue }
      guard let other = try? JoinToken(text) else { continue }
      #expect(other.text == text && other != token, "seed \(seed)")
    }
  }

  @Test("leads to the agent that shows the root it pins, and to no other")
  func pinned() throws {
    let (authority, other) = (try Scene.authority(), try Scene.authority())
    let address = try #require(SocketAddress("192.0.2.1:15012"))
    let secret = SecretBytes([UInt8](repeating: 1, count: 32))
    let token = try JoinToken(secret: secret, pin: authority.pin, addresses: [address])
    let chain = try authority.web(Scene.start_s).certificate.chain
    let bundle = try token.bundle(of: chain + authority.bundle.roots)
    #expect(bundle.trustDomain == authority.trustDomain && bundle.roots == authority.bundle.roots)
    #expect(try PeerVerifier(bundle).verify(chain, now_s: Scene.start_s).spiffeID == Scene.web)
    let strange = try other.web(Scene.start_s).certificate.chain
    for wrong in [[], chain, strange + other.bundle.roots, chain + other.bundle.roots] {
      #expect(throws: JoinTokenFault.otherRoot) { try token.bundle(of: wrong) }
    }
    // The pinned root behind a stranger's leaf makes a bundle, by which the stranger is refused.
    let mixed = try token.bundle(of: strange + authority.bundle.roots)
    #expect(try PeerVerifier(mixed).refusal(strange + authority.bundle.roots, now_s: Scene.start_s) != nil)
  }
}
