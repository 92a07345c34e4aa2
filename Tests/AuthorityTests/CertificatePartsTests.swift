import Foundation
import Testing
import WeftTestKit

@testable import Authority

/// Certificates as they should be but for one part, which neither our maker nor openssl writes so.
@Suite("A certificate with another")
struct CertificatePartsTests {
  private let workshop: OpenSSLWorkshop
  private let authority: AuthorityState
  private let now_s = Scene.machine_s
  private let leafExtensions = [
    "basicConstraints=critical,CA:false", "keyUsage=critical,digitalSignature",
    "subjectAltName=critical,URI:spiffe://mesh.test/ns/shop/sa/web",
  ]

  init() throws {
    workshop = try OpenSSLWorkshop()
    authority = try Scene.authority(now_s: now_s)
  }

  /// How a version is written in what is signed: not at all, as versions of 1 are, or as a number of one less.
  private static let versions: [[UInt8]?] = [nil, [0], [1], [3], [2, 2]]

  /// `made` with other parts of what is signed (RFC 5280 section 4.1.1.1), and signed anew by `issuer`.
  private func revised(
    _ made: OpenSSLWorkshop.Made,
    by issuer: OpenSSLWorkshop.Made,
    algorithm: [UInt8]? = nil,
    hash: String = "-sha256",
    unused: (bits: UInt8, mask: UInt8)? = nil,
    _ change: (inout [[UInt8]]) -> Void = { _ in }
  ) throws -> [UInt8] {
    let whole = DERParts(of: made.der[...])
    var parts = DERParts(of: whole.parts[0]).parts.map(Array.init)
    #expect(parts[0] == [0xa0, 3, 2, 1, 2])
    change(&parts)
    let signed = DERParts.element(0x30, parts.flatMap { $0 })
    let file = workshop.directory.file("signed-\(UUID())")
    try Data(signed).write(to: URL(fileURLWithPath: file))
    while true {
      try Command("openssl", ["dgst", hash, "-sign", issuer.key, "-out", "\(file).sig", file]).run().orThrow()
      let signature = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(file).sig")))
      // Signatures differ each time; every second one ends in a bit that is not set.
      if let unused, let last = signature.last, last & unused.mask != 0 { continue }
      let bits = DERParts.element(3, [unused?.bits ?? 0] + signature)
      return DERParts.element(0x30, signed + (algorithm ?? Array(whole.parts[1])) + bits)
    }
  }

  /// With another version; with 2, which says version 3, it is as it was.
  private func revised(
    _ made: OpenSSLWorkshop.Made,
    version: [UInt8]?,
    by issuer: OpenSSLWorkshop.Made
  ) throws -> [UInt8] {
    try revised(made, by: issuer) { parts in
      let written = version.map { [DERParts.element(0xa0, DERParts.element(2, $0))] } ?? []
      parts.replaceSubrange(0...0, with: written)
    }
  }

  private func refusal(_ chain: [[UInt8]]) throws -> PeerRefusal? {
    try authority.verifier.refusal(chain, now_s: now_s)
  }

  @Test("version than 3 is no peer's, whatever else is in it")
  func leaf() throws {
    let signer = try #require(authority.signer(now_s))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let leaf = try workshop.certificate(leafExtensions, by: issuer)
    #expect(try refusal([revised(leaf, version: [2], by: issuer), issuer.der]) == nil)
    for version in Self.versions {
      let found = try refusal([revised(leaf, version: version, by: issuer), issuer.der])
      #expect(found == .malformed(at: 0, "not a certificate of version 3 in DER"), "\(String(describing: version))")
    }
  }

  @Test("version than 3 signs for nobody, though it says that it may")
  func signer() throws {
    let root = try workshop.written(authority.signingRoot, #require(authority.keys.key(of: authority.signingRoot)))
    let signs = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign"]
    let above = try workshop.certificate(signs, by: root)
    let leaf = try workshop.certificate(leafExtensions, by: above)
    #expect(try refusal([leaf.der, revised(above, version: [2], by: root)]) == nil)
    for version in Self.versions {
      let found = try refusal([leaf.der, revised(above, version: version, by: root)])
      #expect(found == .malformed(at: 1, "not a certificate of version 3 in DER"), "\(String(describing: version))")
    }
  }

  @Test("end than beginning, so that it ends first, is nobody's at any time, though both be within the skew of clocks")
  func endsFirst() throws {
    let signer = try #require(authority.signer(now_s))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let leaf = try workshop.certificate(leafExtensions, by: issuer)
    func lasting(from begins_s: Int64, to ends_s: Int64) throws -> PeerRefusal? {
      let times = [begins_s, ends_s].flatMap { DERParts.element(0x17, Array(Self.universalTime($0).utf8)) }
      return try refusal([revised(leaf, by: issuer) { $0[4] = DERParts.element(0x30, times) }, issuer.der])
    }
    #expect(try lasting(from: now_s - 10, to: now_s + 10) == nil)
    #expect(try lasting(from: now_s + 5, to: now_s - 5) == .malformed(at: 0, "it ends before it begins"))
  }

  /// RFC 5280 section 4.1.2.5.1.
  private static func universalTime(_ time_s: Int64) -> String {
    let text = Date(timeIntervalSince1970: TimeInterval(time_s)).formatted(.iso8601)
    return String(text.filter { $0.isNumber || $0 == "Z" }.dropFirst(2))
  }

  @Test("issuer than who has signed it is not signed by that one, however alike the names are")
  func issuerName() throws {
    let signer = try #require(authority.signer(now_s))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let leaf = try workshop.certificate(leafExtensions, by: issuer)
    let changes: [(inout [[UInt8]]) -> Void] = [
      { $0[3] = $0[5] }, { $0[3] = DERParts.element(0x30, []) },
      // In capitals, which is the same name to many (RFC 5280 section 7.1).
      { $0[3] = $0[3].map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 } },
    ]
    for change in changes {
      #expect(try refusal([revised(leaf, by: issuer, change), issuer.der]) == .badSignature(at: 0))
    }
  }

  @Test("extension twice, of which readers may take either, is not read")
  func twice() throws {
    let signer = try #require(authority.signer(now_s))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let leaf = try workshop.certificate(leafExtensions, by: issuer)
    let count = DERParts(of: DERParts(of: DERParts(of: leaf.der[...]).parts[0]).parts.last ?? []).parts.count
    #expect(count == 1)
    for place in 0..<3 {
      let twice = try revised(leaf, by: issuer) { parts in
        let all = DERParts(of: DERParts(of: parts[parts.count - 1][...]).parts[0]).parts.map(Array.init)
        parts[parts.count - 1] = DERParts.element(0xa3, DERParts.element(0x30, (all + [all[place]]).flatMap { $0 }))
      }
      #expect(try refusal([twice, issuer.der]) != nil, "\(place)")
    }
  }

  @Test("algorithm of its signature than it says within is not read (RFC 5280 section 4.1.1.2)")
  func algorithm() throws {
    let signer = try #require(authority.signer(now_s))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let leaf = try workshop.certificate(leafExtensions, by: issuer)
    // ecdsa-with-SHA384 (RFC 5758 section 3.2), by which it is indeed signed.
    let other = DERParts.element(0x30, DERParts.element(6, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3]))
    let both = try revised(leaf, by: issuer, algorithm: other, hash: "-sha384") { $0[2] = other }
    #expect(try refusal([both, issuer.der]) == nil)
    let one = try revised(leaf, by: issuer, algorithm: other, hash: "-sha384")
    #expect(try refusal([one, issuer.der]) == .malformed(at: 0, "not a certificate of version 3 in DER"))
  }

  @Test("count of bits in its signature is not read: one certificate would have several fingerprints")
  func unusedBits() throws {
    let signer = try #require(authority.signer(now_s))
    let issuer = try workshop.written(signer.certificate, signer.key)
    let leaf = try workshop.certificate(leafExtensions, by: issuer)
    #expect(try refusal([revised(leaf, by: issuer, unused: (0, 1)), issuer.der]) == nil)
    let found = try refusal([revised(leaf, by: issuer, unused: (1, 1)), issuer.der])
    #expect(found == .malformed(at: 0, "not a certificate of version 3 in DER"))
  }
}

/// The elements within one of DER, as far as certificates need it (X.690 section 8.1): tags of a byte, lengths up to 65,535.
private struct DERParts {
  let parts: [ArraySlice<UInt8>]

  init(of element: ArraySlice<UInt8>) {
    var rest = Self.content(element)
    var parts: [ArraySlice<UInt8>] = []
    while !rest.isEmpty {
      let count = Self.length(rest).head + Self.length(rest).content
      parts.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    self.parts = parts
  }

  private static func content(_ element: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    element.dropFirst(length(element).head).prefix(length(element).content)
  }

  private static func length(_ bytes: ArraySlice<UInt8>) -> (head: Int, content: Int) {
    let head = Array(bytes.prefix(4))
    switch head[1] {
    case 0x81: return (3, Int(head[2]))
    case 0x82: return (4, Int(head[2]) << 8 + Int(head[3]))
    default: return (2, Int(head[1]))
    }
  }

  static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    switch count {
    case 0..<0x80: return [tag, UInt8(count)] + content
    case 0x80..<0x100: return [tag, 0x81, UInt8(count)] + content
    default: return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + content
    }
  }
}
