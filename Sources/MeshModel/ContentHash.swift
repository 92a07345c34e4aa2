/// FNV-1a over 64 bits: tells one content from another by accident, not by attack. A snapshot is as trusted
/// as the file's owner; what matters is that a torn or hand-edited file does not pass for the compiled one.
struct ContentHash {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func combine(_ text: String) {
    // The length first, so that ("ab", "c") and ("a", "bc") differ.
    combine(UInt64(text.utf8.count))
    for byte in text.utf8 { combine(byte: byte) }
  }

  mutating func combine(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { combine(byte: UInt8(truncatingIfNeeded: number >> shift)) }
  }

  mutating func combine(byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  /// The hash with every bit spread over all others (SplitMix64's finalizer), so that hashes can be added up.
  var spread: UInt64 {
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  /// Sixteen hexadecimal digits that stand for all that `value` encodes.
  static func revision(of value: some Encodable) throws -> String {
    let sum = HashingEncoder.Sum()
    try value.encode(to: HashingEncoder(sum: sum, path: ContentHash()))
    let digits = String(sum.total, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
