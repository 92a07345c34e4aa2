/// FNV-1a over 64 bits with every bit spread over all others at the end. It is part of what agents agree on, so it must
/// never change; it need not withstand who chooses names, since an address that is taken is passed over.
struct NameHash {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func combine(_ text: String) {
    for byte in text.utf8 { combine(byte) }
    // No text has this byte, so ("ab", "c") and ("a", "bc") differ.
    combine(0xff)
  }

  private mutating func combine(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

  /// SplitMix64's finaliser of what was combined.
  var value: UInt64 {
    var word = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}
