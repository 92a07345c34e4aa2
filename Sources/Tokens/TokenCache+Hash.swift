internal import Glibc
internal import Policy

extension TokenCache {
  /// Spreads tokens over buckets: eight bytes at a time through a 128-bit product, begun with a secret seed. That two
  /// tokens meet only costs a comparison.
  static func hash(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64) -> UInt64 {
    var state = seed ^ UInt64(bytes.count) &* 0x9e37_79b9_7f4a_7c15
    var offset = 0
    while offset + 8 <= bytes.count {
      state = mix(state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return mix(state ^ rest)
  }

  private static func mix(_ word: UInt64) -> UInt64 {
    // Odd constants of full width; the folded halves of the product carry every bit of the word.
    let product = (word ^ 0xa076_1d64_78bd_642f).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
    return product.high ^ product.low
  }

  static func isEqual(_ bytes: [UInt8], _ other: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { bytes in
      guard bytes.count == other.count, let left = bytes.baseAddress, let right = other.baseAddress else {
        return false
      }
      return memcmp(left, right, bytes.count) == 0
    }
  }
}

extension VerifiedToken {
  /// Whether it has not expired yet, by the same measure as when it was verified.
  func isInTime(_ now_s: Int64) -> Bool {
    expires_s.map { now_s - TokenLimit.skew_s < $0 } ?? true
  }
}
