/// Comparing bytes with a text known when compiling: whole words at a time, at most three of them.
enum FixedText {
  /// The longest text that can be compared, in bytes.
  static let limit = 24

  /// Whether the bytes at `start` are `text`, which has 2 to 24 bytes. As many bytes must be readable.
  @inline(__always)
  static func isEqual(_ start: UnsafeRawPointer, _ text: StaticString) -> Bool {
    isEqual(start, text, folding: 0)
  }

  /// The same for a text of lower-case letters, digits and hyphens, whatever the case of the bytes. They must be no
  /// control characters: setting bit 5 turns upper case into lower, and no other byte into one of such a text.
  @inline(__always)
  static func isEqualIgnoringCase(_ start: UnsafeRawPointer, _ text: StaticString) -> Bool {
    isEqual(start, text, folding: 0x2020_2020_2020_2020)
  }

  /// Words overlap where the length is no multiple of theirs. `text` is a constant, so that all but the comparisons
  /// themselves is done by the compiler.
  @inline(__always)
  private static func isEqual(_ start: UnsafeRawPointer, _ text: StaticString, folding bits: UInt64) -> Bool {
    let other = UnsafeRawPointer(text.utf8Start)
    let count = text.utf8CodeUnitCount
    if count >= 8 {
      return differs(start, other, at: 0, bits)
        | (count > 16 ? differs(start, other, at: 8, bits) : 0)
        | (count > 8 ? differs(start, other, at: count &- 8, bits) : 0) == 0
    }
    if count >= 4 {
      return differs(start, other, at: 0, UInt32(truncatingIfNeeded: bits))
        | differs(start, other, at: count &- 4, UInt32(truncatingIfNeeded: bits)) == 0
    }
    return differs(start, other, at: 0, UInt16(truncatingIfNeeded: bits))
      | differs(start, other, at: count &- 2, UInt16(truncatingIfNeeded: bits)) == 0
  }

  @inline(__always)
  private static func differs<Word: FixedWidthInteger & BitwiseCopyable>(
    _ left: UnsafeRawPointer,
    _ right: UnsafeRawPointer,
    at offset: Int,
    _ bits: Word
  ) -> Word {
    (left.loadUnaligned(fromByteOffset: offset, as: Word.self) | bits)
      ^ right.loadUnaligned(fromByteOffset: offset, as: Word.self)
  }
}
