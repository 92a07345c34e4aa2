import Testing

@testable import Tokens
import WeftTestKit

@Suite("Base64url")
struct Base64URLTests {
  @Test("reads what it wrote, for every length of seeded bytes")
  func roundTrip() {
    var random = SplitMix64(seed: 20_261_125)
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let text = Base64URL.encode(bytes)
      #expect(text.withUnsafeBytes { Base64URL.decode($0) } == bytes)
      #expect(!text.contains(UInt8(ascii: "=")) && text.count == (count * 4 + 2) / 3)
    }
  }

  @Test("writes the examples of RFC 4648 section 10, and the two characters that are its own")
  func examples() {
    for (plain, text) in [("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("", "")] {
      #expect(Base64URL.encode(Array(plain.utf8)) == Array(text.utf8))
    }
    #expect(Base64URL.encode([0xfb, 0xff]) == Array("-_8".utf8))
  }

  @Test(
    "refuses padding, other alphabets, impossible lengths and bits left over",
    arguments: ["Zg==", "Zg=", "+_8", "-/8", "A", "AAAAA", "Zh", "Zm9", "Zm 8", "Zm8\n", "Zm8.", "Zé"]
  )
  func strict(_ text: String) {
    #expect(text.utf8Bytes { Base64URL.decode($0) } == nil)
  }
}
