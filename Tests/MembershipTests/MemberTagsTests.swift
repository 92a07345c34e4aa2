import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import Membership

@Suite("Tags of members")
struct MemberTagsTests {
  static func tags(_ number: UInt8 = 7) throws -> MemberTags {
    MemberTags(
      key: try #require(KeyFingerprint([UInt8](repeating: number, count: 31) + [0xaf])),
      peerAddress: try #require(SocketAddress("[2001:db8::1]:15012")),
      role: .authority
    )
  }

  @Test("come back as they were, and fit into what Serf takes")
  func roundTrip() throws {
    let tags = try Self.tags()
    #expect(tags.encoded["fp"] == String(repeating: "07", count: 31) + "af")
    #expect(try MemberTags(tags.encoded) == tags)
    #expect(try MemberTags(tags.encoded.merging(["later": "x"]) { $1 }) == tags)
    #expect(tags.key.bytes.count == 32)
    let longest = MemberTags(
      key: tags.key,
      peerAddress: try #require(SocketAddress("[2001:db8:1111:2222:3333:4444:5555:6666]:15012")),
      role: .authority,
      protocolVersion: 9999
    )
    // Names, values, two bytes of length for each, and the map's own.
    #expect(longest.encoded.reduce(8) { $0 + $1.key.utf8.count + $1.value.utf8.count + 4 } < MembershipLimit.tagBytes)
  }

  @Test("that are missing or malformed are refused by name")
  func refusals() throws {
    let good = try Self.tags().encoded
    for name in ["fp", "addr", "role", "v"] {
      #expect(throws: MemberRefusal.missingTag(name)) { try MemberTags(good.filter { $0.key != name }) }
    }
    let bad = [
      ("fp", String(repeating: "0", count: 63)), ("fp", String(repeating: "A", count: 64)),
      ("fp", String(repeating: "é", count: 32)), ("fp", ""), ("addr", "10.0.0.1"), ("addr", "10.0.0.1:0"),
      ("addr", "0.0.0.0:15012"), ("addr", "host:15012"), ("role", "Authority"), ("role", ""), ("v", "0"), ("v", "+1"),
      ("v", "01"), ("v", "99999"), ("v", "one"),
    ]
    for (name, text) in bad {
      #expect(throws: MemberRefusal.malformedTag(name), "\(name)=\(text)") {
        try MemberTags(good.merging([name: text]) { $1 })
      }
    }
  }

  @Test("names are those of hosts")
  func names() {
    for name in ["a", "web-1.example", "A_b", String(repeating: "x", count: 128)] { #expect(Member.isName(name)) }
    for name in ["", "a b", "a\n", "é", "a/b", String(repeating: "x", count: 129)] { #expect(!Member.isName(name)) }
  }
}
