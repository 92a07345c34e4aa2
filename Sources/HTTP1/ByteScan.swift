/// Finding the next byte that matters, eight at a time (SWAR).
///
/// Words are read as little endian, so that the first byte is the lowest. Each test sets bit 7 of the bytes it finds;
/// the lowest flag is exact, those above it may be false where a borrow ran through.
enum ByteScan {
  @inline(__always) static var ones: UInt64 { 0x0101_0101_0101_0101 }
  @inline(__always) static var tops: UInt64 { 0x8080_8080_8080_8080 }

  @inline(__always)
  static func byte(_ base: UnsafeRawPointer, _ at: Int) -> UInt8 {
    base.loadUnaligned(fromByteOffset: at, as: UInt8.self)
  }

  /// `byte` in lower case, where it is an ASCII letter.
  @inline(__always)
  static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  @inline(__always)
  static func word(_ base: UnsafeRawPointer, _ at: Int) -> UInt64 {
    UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  /// Bytes below `limit`, which is at most 128.
  @inline(__always)
  private static func below(_ word: UInt64, _ limit: UInt64) -> UInt64 { (word &- ones &* limit) & ~word & tops }

  /// Bytes equal to `byte`.
  @inline(__always)
  private static func equal(_ word: UInt64, _ byte: UInt64) -> UInt64 {
    let difference = word ^ (ones &* byte)
    return (difference &- ones) & ~difference & tops
  }

  /// Bytes from `first` to `last`, of a word without any byte from 128 on; all flags are exact.
  @inline(__always)
  private static func within(_ word: UInt64, _ first: UInt64, _ last: UInt64) -> UInt64 {
    (word &+ ones &* (128 &- first)) & ~(word &+ ones &* (127 &- last)) & tops
  }

  /// Offset in `base` of the lowest flag of a word read `at`.
  @inline(__always)
  private static func place(_ flags: UInt64, _ at: Int) -> Int { at &+ flags.trailingZeroBitCount >> 3 }

  /// The first control character (below SP, or DEL) from `start` on, or `end`.
  @inline(__always)
  static func firstControl(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
    var at = start
    while at &+ 8 <= end {
      let word = word(base, at)
      let flags = below(word, 0x20) | equal(word, 0x7f)
      if flags != 0 { return place(flags, at) }
      at &+= 8
    }
    while at < end {
      let byte = byte(base, at)
      if byte < 0x20 || byte == 0x7f { break }
      at &+= 1
    }
    return at
  }

  /// The first byte from `start` on that is not a letter, a digit or a hyphen, or `end`.
  @inline(__always)
  static func firstOutsideName(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
    var at = start
    while at &+ 8 <= end {
      let word = word(base, at)
      let ascii = word & ~tops
      let found = within(ascii | ones &* 0x20, 0x61, 0x7a) | within(ascii, 0x30, 0x39) | within(ascii, 0x2d, 0x2d)
      let flags = (~found | word) & tops
      if flags != 0 { return place(flags, at) }
      at &+= 8
    }
    while at < end, isNameByte(byte(base, at)) { at &+= 1 }
    return at
  }

  @inline(__always)
  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte == 0x2d || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }

  /// The first byte from `start` on that ends a target's path or is not allowed in a target: SP and below, `#`, `?`,
  /// DEL and above; or `end`.
  @inline(__always)
  static func firstOutsidePath(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
    var at = start
    while at &+ 8 <= end {
      let word = word(base, at)
      let flags = below(word, 0x21) | equal(word, 0x23) | equal(word, 0x3f) | beyondPrintable(word)
      if flags != 0 { return place(flags, at) }
      at &+= 8
    }
    while at < end, isQueryByte(byte(base, at)), byte(base, at) != 0x3f { at &+= 1 }
    return at
  }

  /// The same where `?` is allowed.
  @inline(__always)
  static func firstOutsideQuery(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
    var at = start
    while at &+ 8 <= end {
      let word = word(base, at)
      let flags = below(word, 0x21) | equal(word, 0x23) | beyondPrintable(word)
      if flags != 0 { return place(flags, at) }
      at &+= 8
    }
    while at < end, isQueryByte(byte(base, at)) { at &+= 1 }
    return at
  }

  /// Bytes from DEL on.
  @inline(__always)
  private static func beyondPrintable(_ word: UInt64) -> UInt64 { ((word & ~tops) &+ ones | word) & tops }

  @inline(__always)
  private static func isQueryByte(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f && byte != 0x23 }

  /// The first LF from `start` on, or `end`.
  @inline(__always)
  static func firstLineFeed(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
    var at = start
    while at &+ 8 <= end {
      let flags = equal(word(base, at), 0x0a)
      if flags != 0 { return place(flags, at) }
      at &+= 8
    }
    while at < end, byte(base, at) != 0x0a { at &+= 1 }
    return at
  }
}
