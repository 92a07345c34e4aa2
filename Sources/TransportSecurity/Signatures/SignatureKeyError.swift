/// Why a public key was refused.
public enum SignatureKeyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The modulus has this many bits, outside of `SignatureKey.modulusBits`.
  case modulusSize(Int)
  /// The modulus is even, and so no product of two large primes.
  case evenModulus
  /// The exponent is 1, even, or too long; any of these makes forging or verifying cheap for the wrong side.
  case exponent
  /// A coordinate of a P-256 point is not 32 bytes; it has this many.
  case coordinateSize(Int)
  /// OpenSSL takes the numbers for no key; a point off the curve is the usual reason.
  case refused

  /// One sentence without its full stop: what is wrong and what would be right.
  public var description: String {
    switch self {
    case .modulusSize(let bits):
      "the RSA modulus has \(bits) bits; allowed are \(SignatureKey.modulusBits.lowerBound) to "
        + "\(SignatureKey.modulusBits.upperBound)"
    case .evenModulus: "the RSA modulus is even, so this is no RSA key"
    case .exponent: "the RSA exponent must be odd, above 1, and at most \(SignatureKey.maxExponentBytes) bytes long"
    case .coordinateSize(let bytes): "a coordinate of a P-256 key has \(bytes) bytes; it must have 32"
    case .refused: "OpenSSL does not take it for a key; is the point on P-256?"
    }
  }
}
