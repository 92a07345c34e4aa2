extension MessagePack {
  /// The value's bytes, each number and length in its shortest form.
  ///
  /// Texts longer than 31 bytes have a length of two bytes at least: Serf's library does not read the form with one, which
  /// is younger.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  private func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(0xc0)
    case .flag(let flag): bytes.append(flag ? 0xc3 : 0xc2)
    case .integer(let number): Self.append(number, to: &bytes)
    case .text(let text):
      Self.append(text.utf8.count, short: (0xa0, 32), sizes: [(0xda, 2), (0xdb, 4)], to: &bytes)
      bytes.append(contentsOf: text.utf8)
    case .bytes(let content):
      Self.append(content.count, short: nil, sizes: [(0xc4, 1), (0xc5, 2), (0xc6, 4)], to: &bytes)
      bytes.append(contentsOf: content)
    case .array(let values):
      Self.append(values.count, short: (0x90, 16), sizes: [(0xdc, 2), (0xdd, 4)], to: &bytes)
      for value in values { value.append(to: &bytes) }
    case .map(let pairs):
      Self.append(pairs.count, short: (0x80, 16), sizes: [(0xde, 2), (0xdf, 4)], to: &bytes)
      for pair in pairs {
        pair.key.append(to: &bytes)
        pair.value.append(to: &bytes)
      }
    }
  }

  private static func append(_ number: Int64, to bytes: inout [UInt8]) {
    switch number {
    case -32..<128: bytes.append(UInt8(truncatingIfNeeded: number))
    case 128...: append(Int(number), short: nil, sizes: [(0xcc, 1), (0xcd, 2), (0xce, 4), (0xcf, 8)], to: &bytes)
    case Int64(Int8.min)...: append(0xd0, number, 1, to: &bytes)
    case Int64(Int16.min)...: append(0xd1, number, 2, to: &bytes)
    case Int64(Int32.min)...: append(0xd2, number, 4, to: &bytes)
    default: append(0xd3, number, 8, to: &bytes)
    }
  }

  /// A count in the first form that holds it: within the first byte where it is below `short`'s second, else behind it.
  private static func append(_ count: Int, short: (UInt8, Int)?, sizes: [(UInt8, Int)], to bytes: inout [UInt8]) {
    if let short, count < short.1 { return bytes.append(short.0 | UInt8(count)) }
    for (first, size) in sizes where size == 8 || count >> (8 * size) == 0 {
      return append(first, Int64(count), size, to: &bytes)
    }
    preconditionFailure("a length beyond 32 bits")
  }

  private static func append(_ first: UInt8, _ number: Int64, _ size: Int, to bytes: inout [UInt8]) {
    bytes.append(first)
    for byte in stride(from: size - 1, through: 0, by: -1) {
      bytes.append(UInt8(truncatingIfNeeded: number >> (8 * byte)))
    }
  }
}
