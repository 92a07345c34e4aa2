/// Finds where a value ends while its bytes come in pieces, looking at each byte once.
struct MessagePackScanner {
  /// Where the next start of a value is, from the outermost value's first byte.
  private var at = 0
  /// Values that must still start.
  private var wanted = 1
  private var items = 0

  /// The length of the value at `start` of `bytes`, of which more than the last time may have come; nil while it is not
  /// whole. After a length, a new scanner is needed.
  mutating func advance(in bytes: [UInt8], from start: Int) throws(MessagePackError) -> Int? {
    while wanted > 0 {
      guard let token = try MessagePackToken(in: bytes, at: start + at) else { return nil }
      let next = at + token.headBytes + token.payloadBytes
      guard next <= MessagePackLimit.bytes else { throw .tooLarge("\(MessagePackLimit.bytes) bytes") }
      items += token.items
      guard items <= MessagePackLimit.items else { throw .tooLarge("\(MessagePackLimit.items) items") }
      at = next
      wanted += token.items - 1
    }
    return start + at <= bytes.count ? at : nil
  }
}
