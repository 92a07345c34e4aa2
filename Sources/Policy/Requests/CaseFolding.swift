/// Host names without regard to ASCII case, eight bytes at a time.
enum CaseFolding {
  /// The word with each ASCII capital in lower case and every other byte as it is.
  @inline(__always)
  static func fold(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let low7 = word & (0x7f &* ones)
    // Bit 7 of a byte says: at least `A`, more than `Z`. Neither addition carries into the next byte.
    let atLeastA = low7 &+ ((0x80 - 0x41) &* ones)
    let aboveZ = low7 &+ ((0x7f - 0x5a) &* ones)
    let isCapital = (atLeastA ^ aboveZ) & ~word & (0x80 &* ones)
    return word | (isCapital >> 2)
  }

  /// The byte in lower case, if it is an ASCII capital.
  @inline(__always)
  static func fold(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  /// Up to eight bytes from `start` on, zeros behind them.
  @inline(__always)
  static func word(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
    if count >= 8 { return start.loadUnaligned(as: UInt64.self) }
    if count >= 4 {
      // Two loads that overlap cover every count from four to seven.
      let first = UInt64(start.loadUnaligned(as: UInt32.self))
      let last = UInt64((start + (count &- 4)).loadUnaligned(as: UInt32.self))
      return first | last << UInt64(8 &* (count &- 4))
    }
    guard count > 0 else { return 0 }
    let first = UInt64(start.load(as: UInt8.self))
    let middle = UInt64((start + (count >> 1)).load(as: UInt8.self)) << UInt64(8 &* (count >> 1))
    let last = UInt64((start + (count &- 1)).load(as: UInt8.self)) << UInt64(8 &* (count &- 1))
    return first | middle | last
  }

  /// Whether `text`, in lower case, is `lowercased`.
  @inline(__always)
  static func isEqual(_ text: UnsafeRawBufferPointer, _ lowercased: UnsafeRawBufferPointer) -> Bool {
    guard text.count == lowercased.count else { return false }
    guard let left = text.baseAddress, let right = lowercased.baseAddress else { return true }
    var offset = 0
    while offset < text.count {
      let count = text.count &- offset
      guard fold(word(left + offset, count)) == word(right + offset, count) else { return false }
      offset &+= 8
    }
    return true
  }

  /// Whether `text`, in lower case, is `lowercased`.
  @inline(__always)
  static func isEqual(_ text: UnsafeRawBufferPointer, _ lowercased: StaticString) -> Bool {
    isEqual(text, UnsafeRawBufferPointer(start: lowercased.utf8Start, count: lowercased.utf8CodeUnitCount))
  }
}
