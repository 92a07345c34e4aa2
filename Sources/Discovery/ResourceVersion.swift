/// The version of a resource: a hash of its content, so that equal content is never sent twice, across restarts of the
/// agent too.
///
/// FNV-1a over 64 bits with every bit spread at the end. Who writes a resource could make two contents of it collide, and
/// so keep its own newer one from being seen; nobody can do so to a resource of another.
public struct ResourceVersion: Hashable, Sendable, BitwiseCopyable {
  /// The hash.
  let hash: UInt64

  /// Digits of the text form.
  private static let digits = 16

  init(of bytes: some Sequence<UInt8>) {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    // SplitMix64's finaliser.
    state = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    state = (state ^ (state >> 27)) &* 0x94d0_49bb_1331_11eb
    hash = state ^ (state >> 31)
  }
}

extension ResourceVersion: LosslessStringConvertible {
  /// Reads sixteen hexadecimal digits; nil for anything else, which then is no version that this agent gave.
  public init?(_ text: String) {
    guard text.utf8.count == Self.digits, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let hash = UInt64(text, radix: 16)
    else { return nil }
    self.hash = hash
  }

  /// Sixteen hexadecimal digits.
  public var description: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: Self.digits - digits.utf8.count) + digits
  }
}
