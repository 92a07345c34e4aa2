/// Base64url without padding (RFC 4648 section 5, RFC 7515 section 2), read strictly: one text for each run of bytes.
enum Base64URL {
  private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  private static let invalid: UInt8 = 0xff
  /// The value of each byte, `invalid` for those that are none of the alphabet.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: invalid, count: 256)
    alphabet.withUTF8Buffer { for (value, byte) in $0.enumerated() { values[Int(byte)] = UInt8(value) } }
    return values
  }()

  /// The bytes that `text` stands for; nil for padding, any other byte, an impossible length, or left-over bits set
  /// (by which one signature would have several texts).
  static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    guard text.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var pending: UInt32 = 0
    var bits: UInt32 = 0
    for character in text {
      let value = values[Int(character)]
      guard value != invalid else { return nil }
      pending = pending << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> bits))
        pending &= 1 << bits - 1
      }
    }
    return pending == 0 ? bytes : nil
  }

  /// The text of `bytes`.
  static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    alphabet.withUTF8Buffer { alphabet in
      var pending: UInt32 = 0
      var bits: UInt32 = 0
      for byte in bytes {
        pending = pending << 8 | UInt32(byte)
        bits += 8
        while bits >= 6 {
          bits -= 6
          text.append(alphabet[Int(pending >> bits & 0x3f)])
        }
        pending &= 1 << bits - 1
      }
      if bits > 0 { text.append(alphabet[Int(pending << (6 - bits) & 0x3f)]) }
    }
    return text
  }
}
