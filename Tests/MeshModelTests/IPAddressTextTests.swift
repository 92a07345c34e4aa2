import Glibc
import MeshModel
import Testing
import WeftTestKit

/// The reader and the writer of addresses against the C library's.
@Suite("The text of an IP address")
struct IPAddressTextTests {
  /// What inet_pton(3) reads; nil where it refuses.
  private static func expected(_ text: [UInt8]) -> IPAddress? {
    var room = text.map(CChar.init(bitPattern:))
    room.append(0)
    var v4 = in_addr()
    if inet_pton(AF_INET, room, &v4) == 1 { return IPAddress(v4: UInt32(bigEndian: v4.s_addr)) }
    var words: (UInt64, UInt64) = (0, 0)
    guard inet_pton(AF_INET6, room, &words) == 1 else { return nil }
    return IPAddress(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
  }

  /// What inet_ntop(3) writes.
  private static func expected(_ ip: IPAddress) -> String {
    var room = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    var words = (ip.high.bigEndian, ip.low.bigEndian)
    var bits = ip.v4.bigEndian
    if ip.isIPv4 {
      inet_ntop(AF_INET, &bits, &room, socklen_t(room.count))
    } else {
      inet_ntop(AF_INET6, &words, &room, socklen_t(room.count))
    }
    return String(decoding: room.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func read(_ text: [UInt8]) -> IPAddress? { text.withUnsafeBytes { IPAddress(text: $0) } }

  private static let shapes = [
    "192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8", "fe80::a:0:0:1", "::ffff:192.0.2.1", "64:ff9b::192.0.2.33", "1:2:3:4:5:6:192.0.2.1",
    "ABCD:ef01:2345:6789:abcd:EF01:2345:6789", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
  ]

  @Test("is read in every form that RFC 4291 section 2.2 has", arguments: shapes)
  func reads(_ text: String) throws {
    let found = try #require(IPAddress(text))
    #expect(found == Self.expected(Array(text.utf8)))
  }

  @Test(
    "is nothing where it is not whole",
    arguments: [
      "", ":", ":::", "1", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7::8", "1:2:3:4:5:6:7:8:9",
      "12345::",
      "::1.2.3", "::1.2.3.4.5", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5", "1.2.3.256", "1.2.3.04", "1..3.4", ".1.2.3",
      "1.2.3.", "::g", "[::1]", "1.2.3.4:80", "::%1", " ::1", "0x1.2.3.4",
      "0000:0000:0000:0000:0000:0000:0000.0.0.0.0000000",
    ]
  )
  func refuses(_ text: String) {
    #expect(IPAddress(text) == nil)
    #expect(Self.expected(Array(text.utf8)) == nil)
  }

  @Test("is read as inet_pton reads it, for 200,000 seeded texts")
  func readsAsPton() {
    var random = SplitMix64(seed: 20_261_125)
    let letters = Array("0123456789abcdefABCDEF:::::....%g".utf8)
    var wrong: [String] = []
    var read = 0
    for round in 0..<200_000 {
      var text = Array(Self.shapes[round % Self.shapes.count].utf8)
      if round % 4 == 0 {
        text = (0..<Int.random(in: 0...46, using: &random)).map { _ in letters[Int.random(in: 0..<33, using: &random)] }
      } else {
        // Two places at most, so that much of what comes is still an address.
        for _ in 0..<Int.random(in: 0...2, using: &random) where !text.isEmpty {
          let index = Int.random(in: 0..<text.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: text[index] = letters[Int.random(in: 0..<33, using: &random)]
          case 1: text.remove(at: index)
          default: text.insert(letters[Int.random(in: 0..<33, using: &random)], at: index)
          }
        }
      }
      let found = Self.read(text)
      if found != nil { read += 1 }
      if found != Self.expected(text) { wrong.append(String(decoding: text, as: UTF8.self)) }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    #expect(read > 40_000, "\(read) of the texts are addresses, too few to tell anything")
  }

  @Test("is written as inet_ntop writes it, for every set of zero groups and for 100,000 seeded addresses")
  func writesAsNtop() {
    var random = SplitMix64(seed: 5952)
    var wrong: [String] = []
    func check(_ ip: IPAddress) {
      let text = IPAddressText(ip).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
      if text != Self.expected(ip) || text != ip.description || IPAddress(text) != ip {
        wrong.append("\(text) for \(Self.expected(ip))")
      }
    }
    for zeros in 0..<256 {
      for group: UInt16 in [1, 0x10, 0x203, 0xffff] {
        var words: [UInt64] = [0, 0]
        for index in 0..<8 where zeros & 1 << index == 0 {
          words[index / 4] |= UInt64(group) << UInt64(48 - index % 4 * 16)
        }
        check(IPAddress(high: words[0], low: words[1]))
      }
    }
    for _ in 0..<100_000 {
      // Each group is short in its own way.
      var words: [UInt64] = [0, 0]
      for index in 0..<8 {
        let group = UInt64.random(in: 0...0xffff, using: &random) >> UInt64.random(in: 0...16, using: &random)
        words[index / 4] |= group << UInt64(48 - index % 4 * 16)
      }
      check(IPAddress(high: words[0], low: words[1]))
      check(IPAddress(v4: UInt32.random(in: 0 ... .max, using: &random)))
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }
}
