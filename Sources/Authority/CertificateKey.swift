internal import Crypto
internal import X509

/// A P-256 key that was made here.
///
/// P-256, since every TLS library verifies it, and BoringSSL's peers refuse Ed25519 certificates unless told otherwise.
struct CertificateKey: Sendable, CustomReflectable {
  let key: P256.Signing.PrivateKey

  /// A new key, from the system's random numbers by way of swift-crypto.
  init() { key = P256.Signing.PrivateKey() }

  /// A key from its PKCS #8 DER; nil for anything else.
  init?(pkcs8: [UInt8]) {
    guard pkcs8.count <= Self.pkcs8Bytes, let key = try? P256.Signing.PrivateKey(derRepresentation: pkcs8) else {
      return nil
    }
    self.key = key
  }

  /// Room for a P-256 key with its public part; ours have 138.
  private static let pkcs8Bytes = 256

  /// PKCS #8, as TLS libraries take it.
  var pkcs8: SecretBytes { SecretBytes(Array(key.derRepresentation)) }

  /// The public key as a point, X9.63 uncompressed.
  var publicBytes: [UInt8] { Array(key.publicKey.x963Representation) }

  var publicKey: Certificate.PublicKey { Certificate.PublicKey(key.publicKey) }
  var signer: Certificate.PrivateKey { Certificate.PrivateKey(key) }

  var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// SHA-256 of `bytes`.
func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

/// New random bytes, from swift-crypto as keys are.
func randomBytes(_ count: Int) -> [UInt8] {
  SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { Array($0) }
}
