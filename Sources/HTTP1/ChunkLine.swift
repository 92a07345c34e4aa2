/// Why reading a chunk's line stopped before its end.
enum ChunkStop: Error {
  case partial
  case malformed(BodyFault)
}

/// The line before a chunk (RFC 9112 section 7.1): its size, and extensions, which are passed over.
///
/// Like a head it is read with no look back: what is refused is refused on the bytes up to there.
struct ChunkLine {
  let base: UnsafeRawPointer
  let end: Int
  /// Where the next byte is.
  var at: Int
  /// What the message may still send of extensions.
  var extensionBudget: Int

  /// Reads the line and returns the size it gives, at most 2^63 - 1.
  mutating func read() throws(ChunkStop) -> UInt64 {
    let size = try takeSize()
    if ByteScan.byte(base, at) != 0x0d { try passExtensions() }
    guard at &+ 1 < end else { throw .partial }
    guard ByteScan.byte(base, at &+ 1) == 0x0a else { throw .malformed(.malformedChunkLine) }
    at &+= 2
    return size
  }

  /// Reads the digits; a byte is behind them.
  private mutating func takeSize() throws(ChunkStop) -> UInt64 {
    let start = at
    var size: UInt64 = 0
    while at < end, let digit = Self.digit(ByteScan.byte(base, at)) {
      guard at &- start < BodyLimit.chunkSizeDigits else { throw .malformed(.chunkSizeTooLarge) }
      size = size << 4 | digit  // 16 digits cannot overflow 64 bits
      at &+= 1
    }
    guard size <= UInt64(Int64.max) else { throw .malformed(.chunkSizeTooLarge) }
    guard at < end else { throw .partial }
    guard at > start else { throw .malformed(.malformedChunkSize) }
    return size
  }

  /// Passes over extensions up to the CR. Whitespace may stand before the first `;` and nowhere else: "5 " alone is
  /// read as 5 by some and refused by others.
  private mutating func passExtensions() throws(ChunkStop) {
    let start = at
    let bound = min(end, start &+ extensionBudget &+ 1)
    while at < bound, ByteScan.byte(base, at) == 0x20 || ByteScan.byte(base, at) == 0x09 { at &+= 1 }
    if at < bound {
      switch ByteScan.byte(base, at) {
      case 0x3b: break
      case 0x0a: throw .malformed(.malformedChunkLine)
      default: throw .malformed(.malformedChunkSize)
      }
    }
    repeat {
      at = ByteScan.firstControl(base, from: at, to: bound)
      guard at < bound, ByteScan.byte(base, at) == 0x09 else { break }
      at &+= 1
    } while true
    guard at &- start <= extensionBudget else { throw .malformed(.chunkExtensionsTooLarge) }
    guard at < end else { throw .partial }
    guard ByteScan.byte(base, at) == 0x0d else { throw .malformed(.malformedChunkLine) }
    extensionBudget &-= at &- start
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    let decimal = byte &- 0x30
    if decimal < 10 { return UInt64(decimal) }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? UInt64(letter &+ 10) : nil
  }
}
