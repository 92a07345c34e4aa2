import MeshModel
import Testing
import WeftTestKit

@Suite("A SPIFFE ID")
struct SPIFFEIDTests {
  @Test(
    "is taken exactly as it stands",
    arguments: [
      "spiffe://example.org", "spiffe://a/b", "spiffe://my-mesh_1.test/ns/shop/sa/web", "spiffe://1/A.b-C_d/...",
      "spiffe://a/" + String(repeating: "x", count: 2048 - 11),
    ]
  )
  func taken(text: String) throws {
    let id = try SPIFFEID(text)
    #expect(id.description == text)
    #expect(try SPIFFEID(trustDomain: id.trustDomain, path: id.path) == id)
  }

  @Test(
    "is refused with what is wrong",
    arguments: [
      ("", .noScheme), ("spiffe:/a", .noScheme), ("http://a", .noScheme), ("SPIFFE://a", .noScheme),
      (" spiffe://a", .noScheme), ("spiffe://", .emptyTrustDomain), ("spiffe:///ns", .emptyTrustDomain),
      ("spiffe://A", .invalidTrustDomain(byte: 0x41)), ("spiffe://a:80/b", .invalidTrustDomain(byte: 0x3a)),
      ("spiffe://u@a/b", .invalidTrustDomain(byte: 0x40)), ("spiffe://a?b", .invalidTrustDomain(byte: 0x3f)),
      ("spiffe://a#b", .invalidTrustDomain(byte: 0x23)), ("spiffe://a%62", .invalidTrustDomain(byte: 0x25)),
      ("spiffe://ä", .invalidTrustDomain(byte: 0xc3)), ("spiffe://a/", .emptySegment), ("spiffe://a//b", .emptySegment),
      ("spiffe://a/b/", .emptySegment), ("spiffe://a/.", .dotSegment), ("spiffe://a/../b", .dotSegment),
      ("spiffe://a/b?c", .invalidPath(byte: 0x3f)), ("spiffe://a/b#c", .invalidPath(byte: 0x23)),
      ("spiffe://a/b%20", .invalidPath(byte: 0x25)), ("spiffe://a/b\0", .invalidPath(byte: 0)),
      ("spiffe://a/b\n", .invalidPath(byte: 0x0a)), ("spiffe://a/b:c", .invalidPath(byte: 0x3a)),
      ("spiffe://a/é", .invalidPath(byte: 0xc3)), ("spiffe://a/e\u{301}", .invalidPath(byte: 0xcc)),
      ("spiffe://a/" + String(repeating: "x", count: 2048 - 10), .tooLong(2049)),
      ("spiffe://" + String(repeating: "x", count: 256), .trustDomainTooLong(256)),
    ] as [(String, SPIFFEIDError)]
  )
  func refused(text: String, wanted: SPIFFEIDError) {
    #expect(throws: wanted) { try SPIFFEID(text) }
    #expect(!wanted.description.isEmpty && wanted.description.allSatisfy { $0.isASCII && !$0.isNewline })
  }

  @Test("of a workload and of a host can be made and told apart")
  func kinds() throws {
    let domain = try TrustDomain("mesh.test")
    let workload = try SPIFFEID.workload(domain, namespace: "shop", serviceAccount: "web")
    #expect(workload.description == "spiffe://mesh.test/ns/shop/sa/web")
    #expect(workload.workload?.namespace == "shop" && workload.workload?.serviceAccount == "web")
    #expect(workload.hostName == nil)
    let host = try SPIFFEID.host(domain, name: "db-1.example")
    #expect(host.description == "spiffe://mesh.test/weft/host/db-1.example")
    #expect(host.hostName == "db-1.example" && host.workload == nil)
    #expect(SPIFFEID(of: domain).description == "spiffe://mesh.test" && SPIFFEID(of: domain).path.isEmpty)
    #expect(try SPIFFEID("spiffe://mesh.test/ns/a/sa/b/c").workload == nil)
    #expect(try SPIFFEID("spiffe://mesh.test/weft/host").hostName == nil)
  }

  @Test(
    "is not made of names that would add segments or be none",
    arguments: ["", "a/sa/b", "..", ".", "a b", "a%2fb"]
  )
  func names(name: String) throws {
    let domain = try TrustDomain("mesh.test")
    #expect(throws: SPIFFEIDError.self) { try SPIFFEID.host(domain, name: name) }
    #expect(throws: SPIFFEIDError.self) { try SPIFFEID.workload(domain, namespace: name, serviceAccount: "a") }
    #expect(throws: SPIFFEIDError.self) { try SPIFFEID.workload(domain, namespace: "a", serviceAccount: name) }
  }

  @Test("is ordered by trust domain, then by path")
  func order() throws {
    let sorted = ["spiffe://a", "spiffe://a/B", "spiffe://a/b", "spiffe://a/b/c", "spiffe://a-b", "spiffe://b/a"]
    #expect(try sorted.reversed().map { try SPIFFEID($0) }.sorted().map(\.description) == sorted)
  }

  /// By another way than the reader's: split into segments, then by sets of characters.
  private func isIdentity(_ bytes: [UInt8]) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self), bytes.count <= 2048, text.hasPrefix("spiffe://") else {
      return false
    }
    let lower = Set("abcdefghijklmnopqrstuvwxyz0123456789.-_".unicodeScalars)
    let all = lower.union("ABCDEFGHIJKLMNOPQRSTUVWXYZ".unicodeScalars)
    let parts = bytes.dropFirst(9).split(separator: 0x2f, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard let domain = parts.first, !domain.isEmpty, domain.utf8.count <= 255 else { return false }
    return lower.isSuperset(of: domain.unicodeScalars)
      && parts.dropFirst().allSatisfy {
        !$0.isEmpty && $0 != "." && $0 != ".." && all.isSuperset(of: $0.unicodeScalars)
      }
  }

  @Test("that was changed by chance is taken or refused as a second reader would", arguments: 0..<20 as Range<UInt64>)
  func mutated(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let seeds = [
      "spiffe://mesh.test/ns/shop/sa/web", "spiffe://a/./b", "spiffe://a.b", "spiffe://x/..", "spiffe://x//y",
    ]
    var taken = 0
    for _ in 0..<2_000 {
      let bytes = random.mutated(Array(seeds[Int.random(in: 0..<seeds.count, using: &random)].utf8))
      guard let text = String(validating: bytes, as: UTF8.self) else { continue }
      let id = try? SPIFFEID(text)
      #expect((id != nil) == isIdentity(bytes), "seed \(seed): \(text.debugDescription)")
      if let id {
        taken += 1
        #expect(Array(id.description.utf8) == bytes, "seed \(seed)")
      }
    }
    #expect(taken > 100)
  }
}
