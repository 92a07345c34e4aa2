import Testing
import WeftTestKit

@testable import Membership

@Suite("MessagePack")
struct MessagePackTests {
  /// A value and the one encoding that the specification's tables give it, in its shortest form.
  static let samples: [(MessagePack, [UInt8])] = [
    (.null, [0xc0]), (.flag(false), [0xc2]), (.flag(true), [0xc3]),
    (.integer(0), [0x00]), (.integer(127), [0x7f]), (.integer(128), [0xcc, 0x80]), (.integer(256), [0xcd, 1, 0]),
    (.integer(65_536), [0xce, 0, 1, 0, 0]), (.integer(1 << 32), [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]),
    (.integer(.max), [0xcf, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    (.integer(-1), [0xff]), (.integer(-32), [0xe0]), (.integer(-33), [0xd0, 0xdf]),
    (.integer(-129), [0xd1, 0xff, 0x7f]),
    (.integer(-32_769), [0xd2, 0xff, 0xff, 0x7f, 0xff]),
    (.integer(.min), [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    (.text(""), [0xa0]), (.text("é"), [0xa2, 0xc3, 0xa9]),
    (.text(String(repeating: "a", count: 32)), [0xda, 0, 32] + [UInt8](repeating: 0x61, count: 32)),
    (.bytes([1, 2]), [0xc4, 2, 1, 2]),
    (.bytes([UInt8](repeating: 0, count: 256)), [0xc5, 1, 0] + [UInt8](repeating: 0, count: 256)),
    (.array([]), [0x90]), (.array([.null, .integer(1)]), [0x92, 0xc0, 0x01]),
    (.array([MessagePack](repeating: .null, count: 16)), [0xdc, 0, 16] + [UInt8](repeating: 0xc0, count: 16)),
    (.record([:]), [0x80]), (.record(["Seq": .integer(7)]), [0x81, 0xa3, 0x53, 0x65, 0x71, 0x07]),
  ]

  @Test("values have the encoding of the specification, and come back from it")
  func samples() throws {
    for (value, bytes) in Self.samples {
      #expect(value.encoded == bytes)
      #expect(try MessagePack(decoding: bytes) == value)
    }
  }

  @Test("longer forms than needed are read too: Serf's library uses some")
  func longForms() throws {
    #expect(try MessagePack(decoding: [0xd9, 1, 0x61]) == .text("a"))
    #expect(try MessagePack(decoding: [0xdb, 0, 0, 0, 1, 0x61]) == .text("a"))
    #expect(try MessagePack(decoding: [0xd3, 0, 0, 0, 0, 0, 0, 0, 5]) == .integer(5))
    #expect(try MessagePack(decoding: [0xd0, 0xff]) == .integer(-1))
    #expect(try MessagePack(decoding: [0xdf, 0, 0, 0, 0]) == .map([]))
    #expect(try MessagePack(decoding: [0xdd, 0, 0, 0, 1, 0xc0]) == .array([.null]))
  }

  @Test("a string that is no UTF-8 is bytes, so that one member's tags do not spoil the list of all")
  func badText() throws {
    #expect(try MessagePack(decoding: [0xa2, 0xff, 0xfe]) == .bytes([0xff, 0xfe]))
    #expect(MessagePack.text("é").rawBytes == [0xc3, 0xa9])
  }

  @Test("whatever is cut short or goes on is refused")
  func length() {
    for (_, bytes) in Self.samples {
      for count in 0..<bytes.count {
        #expect(throws: MessagePackError.truncated) { try MessagePack(decoding: Array(bytes[..<count])) }
      }
      #expect(throws: MessagePackError.trailingBytes) { try MessagePack(decoding: bytes + [0]) }
    }
  }

  @Test("numbers with a point, extensions, and numbers beyond 63 bits are refused")
  func unsupported() {
    for first: UInt8 in [0xc1, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8] {
      #expect(throws: MessagePackError.unsupportedType(first)) { try MessagePack(decoding: [first, 0, 0]) }
    }
    #expect(throws: MessagePackError.integerRange) {
      try MessagePack(decoding: [0xcf] + [UInt8](repeating: 0xff, count: 8))
    }
  }

  @Test("depth, items and bytes are bounded, whatever lengths say")
  func bounds() {
    let deep = [UInt8](repeating: 0x91, count: 10_000) + [0xc0]
    #expect(throws: MessagePackError.tooLarge("8 deep")) { try MessagePack(decoding: deep) }
    #expect(throws: MessagePackError.tooLarge("1048576 items")) {
      try MessagePack(decoding: [0xdd, 0xff, 0xff, 0xff, 0xff])
    }
    #expect(throws: MessagePackError.truncated) { try MessagePack(decoding: [0xdd, 0, 0x0f, 0xff, 0xff]) }
    #expect(throws: MessagePackError.truncated) { try MessagePack(decoding: [0xdb, 0xff, 0xff, 0xff, 0xff]) }
    var scanner = MessagePackScanner()
    #expect(throws: MessagePackError.tooLarge("8388608 bytes")) {
      try scanner.advance(in: [0xc6, 0xff, 0xff, 0xff, 0xff], from: 0)
    }
    scanner = MessagePackScanner()
    #expect(throws: MessagePackError.tooLarge("1048576 items")) {
      try scanner.advance(in: [0xdf, 0x7f, 0xff, 0xff, 0xff], from: 0)
    }
  }

  @Test("the scanner finds a value's end however it is cut, and looks behind none: 500 seeded values")
  func scanning() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<500 {
      let value = Self.value(depth: 0, &random)
      let prefix = [UInt8](repeating: 0xc1, count: Int.random(in: 0...3, using: &random))
      let whole = prefix + value.encoded
      var scanner = MessagePackScanner()
      var shown = prefix.count
      while shown < whole.count {
        #expect(try scanner.advance(in: Array(whole[..<shown]), from: prefix.count) == nil)
        shown = min(whole.count, shown + Int.random(in: 1...20, using: &random))
      }
      #expect(try scanner.advance(in: whole + [0xc1], from: prefix.count) == whole.count - prefix.count)
      #expect(try MessagePack(decoding: whole, from: prefix.count, count: whole.count - prefix.count) == value)
    }
  }

  @Test("damaged bytes are refused or read as something that comes back the same: 10,000 seeded mutations")
  func mutations() throws {
    var random = SplitMix64(seed: 20_261_125)
    var (refused, read) = (0, 0)
    for _ in 0..<10_000 {
      let bytes = random.mutated(Self.value(depth: 0, &random).encoded)
      do {
        let value = try MessagePack(decoding: bytes)
        #expect(try MessagePack(decoding: value.encoded) == value)
        read += 1
      } catch {
        refused += 1
      }
    }
    #expect(refused > 1_000 && read > 500)
  }

  private static func value(depth: Int, _ random: inout SplitMix64) -> MessagePack {
    switch Int.random(in: depth < 3 ? 0...7 : 0...4, using: &random) {
    case 0: return .null
    case 1: return .flag(Bool.random(using: &random))
    case 2: return .integer(Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random))
    case 3: return .text(String(repeating: "ü", count: Int.random(in: 0...40, using: &random)))
    case 4:
      return .bytes((0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
    case 5: return .array((0..<Int.random(in: 0...6, using: &random)).map { _ in value(depth: depth + 1, &random) })
    default:
      return .map(
        (0..<Int.random(in: 0...6, using: &random)).map { _ in
          .init(key: value(depth: 3, &random), value: value(depth: depth + 1, &random))
        }
      )
    }
  }
}
