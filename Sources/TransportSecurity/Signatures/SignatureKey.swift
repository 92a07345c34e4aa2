internal import COpenSSL
public import MeshModel

// @unchecked: the pointer never changes, and OpenSSL lets any number of threads verify with one EVP_PKEY: its numbers stay
// as they were made, and what verifying keeps in it for the next time (RSA's Montgomery form) it sets under the key's own
// lock. Each verification has a context of its own.
/// A public key that verifies signatures; it owns OpenSSL's key and may be used by any thread at once.
public final class SignatureKey: @unchecked Sendable {
  /// What it verifies, and nothing else.
  public let algorithm: SignatureAlgorithm
  private let key: OpaquePointer

  /// Below, keys can be factored (RFC 7518 section 3.3 forbids them); above, one signature costs milliseconds.
  public static let modulusBits = 2_048...8_192
  /// Exponents in use are 3 or 65537; a long one would make every verification as dear as a signature.
  public static let maxExponentBytes = 8

  /// A key from the numbers of a JSON Web Key (RFC 7518 section 6).
  public init(_ material: JSONWebKey.Material) throws(SignatureKeyError) {
    let made: OpaquePointer?
    switch material {
    case .rsa(let modulus, let exponent):
      algorithm = .rs256
      let modulus = Array(modulus.drop { $0 == 0 })
      let exponent = Array(exponent.drop { $0 == 0 })
      try Self.check(modulus: modulus, exponent: exponent)
      made = Self.makeRSA(modulus, exponent)
    case .p256(let x, let y):
      algorithm = .es256
      for coordinate in [x, y] where coordinate.count != 32 { throw .coordinateSize(coordinate.count) }
      made = Self.makeP256(x, y)
    }
    // Whatever went wrong, the next user of this thread's error queue must not find it there.
    ERR_clear_error()
    guard let made else { throw .refused }
    key = made
  }

  deinit { EVP_PKEY_free(key) }

  /// Whether `signature` is this key's over `message`: for RS256 as long as the modulus, for ES256 r and s in 64 bytes.
  public func verifies(_ signature: UnsafeRawBufferPointer, of message: UnsafeRawBufferPointer) -> Bool {
    switch algorithm {
    case .rs256:
      return check(signature, message)
    case .es256:
      guard let encoded = ECDSASignature(joined: signature) else { return false }
      return encoded.withBytes { check($0, message) }
    }
  }

  private func check(_ signature: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer) -> Bool {
    guard let context = EVP_MD_CTX_new() else { return false }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
    // Anything but 1 is no: 0 is a wrong signature, below 0 one that could not be judged.
    return EVP_DigestVerify(
      context,
      signature.bindMemory(to: UInt8.self).baseAddress,
      signature.count,
      message.bindMemory(to: UInt8.self).baseAddress,
      message.count
    ) == 1
  }

  private static func check(modulus: [UInt8], exponent: [UInt8]) throws(SignatureKeyError) {
    let bits = modulus.isEmpty ? 0 : modulus.count * 8 - modulus[0].leadingZeroBitCount
    guard modulusBits.contains(bits) else { throw .modulusSize(bits) }
    guard let lowest = modulus.last, lowest & 1 == 1 else { throw .evenModulus }
    guard let last = exponent.last, last & 1 == 1, exponent != [1], exponent.count <= maxExponentBytes else {
      throw .exponent
    }
  }
}
