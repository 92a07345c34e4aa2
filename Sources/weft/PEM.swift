/// The textual encoding of certificates and keys (RFC 7468).
enum PEM {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  /// Characters of a line (RFC 7468 section 2).
  private static let lineLength = 64

  /// One block for each of `values`.
  static func text(_ label: String, _ values: [[UInt8]]) -> String {
    values.map { "-----BEGIN \(label)-----\n\(lines($0))-----END \(label)-----\n" }.joined()
  }

  private static func lines(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var column = 0
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      bits <<= UInt32(8 * (3 - group.count))
      for index in 0..<4 {
        text.append(index <= group.count ? digits[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
      }
      column += 4
      if column == lineLength || start + 3 >= bytes.count {
        text.append(UInt8(ascii: "\n"))
        column = 0
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
