/// 64 bits over what a row holds, kept in the row: SQLite finds pages that make no sense, not bytes that changed within
/// a value.
///
/// It is there for failing disks, not for attackers. Every step is invertible, so a change within one word of eight
/// bytes is always found, and any other but for one in 2^64.
struct RowSum {
  private var state: UInt64 = 0x6a09_e667_f3bc_c908

  private mutating func mix(_ word: UInt64) {
    state = (state ^ word) &* 0x9e37_79b9_7f4a_7c15
    state ^= state >> 29
  }

  mutating func combine(_ number: Int64) { mix(UInt64(bitPattern: number)) }

  mutating func combine(_ bytes: [UInt8]) {
    combine(Int64(bytes.count))
    bytes.withUnsafeBytes { raw in
      var at = 0
      while at + 8 <= raw.count {
        mix(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
        at += 8
      }
      var rest: UInt64 = 0
      while at < raw.count {
        rest = rest << 8 | UInt64(raw[at])
        at += 1
      }
      mix(rest)
    }
  }

  /// The sum of a number and some bytes.
  init(_ number: Int64 = 0, _ parts: [UInt8]...) {
    combine(number)
    for part in parts { combine(part) }
  }

  /// As a column holds it.
  var value: Int64 { Int64(bitPattern: state) }
}
