/// A set of ASCII bytes as 128 bits; no other byte is ever in it.
struct ByteSet {
  let low: UInt64
  let high: UInt64

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let half = byte < 64 ? low : high
    return byte < 128 && half >> UInt64(byte & 63) & 1 != 0
  }

  /// The bytes of a token (RFC 9110 section 5.6.2): letters, digits and !#$%&'*+-.^_`|~
  @inline(__always) static var token: ByteSet { ByteSet(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe) }

  /// The unreserved bytes (RFC 3986 section 2.3): letters, digits and -._~
  @inline(__always) static var unreserved: ByteSet { ByteSet(low: 0x03ff_6000_0000_0000, high: 0x47ff_fffe_87ff_fffe) }

  /// The bytes between the brackets of an IPv6 address: hexadecimal digits, `:` and `.`
  @inline(__always) static var addressLiteral: ByteSet { ByteSet(low: 0x07ff_4000_0000_0000, high: 0x7e_0000_007e) }
}
