internal import Glibc
internal import Policy

extension TokenCache {
  /// Spreads tokens over buckets: sixteen bytes at a time through a 128-bit product, both factors made secret by the seed.
  /// That two tokens meet only costs a comparison.
  static func hash(_ bytes: UnsafeRawBufferPointer, _ seed: UInt64) -> UInt64 {
    var state = seed ^ UInt64(bytes.count) &* 0x9e37_79b9_7f4a_7c15
    var offset = 0
    while offset + 16 <= bytes.count {
      let low = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let high = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
      state = mix(low ^ seed, high ^ state)
      offset += 16
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      // The byte that falls out at the top after eight comes back in at the bottom.
      rest = (rest << 8 | rest >> 56) ^ UInt64(bytes[offset])
      offset += 1
    }
    return mix(rest ^ seed, state ^ 0xe703_7ed1_a0b4_28db)
  }

  /// The folded halves of the product carry every bit of both.
  private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
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
