internal import Crypto
public import Replication

/// The key that signs what a host owns. It is made on the host and lives as long as its disk; certificates come and go.
///
/// It is P-256, with signatures of 64 bytes (r and s): what verifies certificates verifies records too, and on x86-64 it
/// verifies faster than Ed25519 (see docs/identity.md).
public struct HostKey: Sendable, CustomReflectable {
  private let key: CertificateKey
  /// The public key as a point (X9.63, uncompressed, 65 bytes).
  public let publicKey: [UInt8]
  /// SHA-256 of `publicKey`.
  public let fingerprint: KeyFingerprint

  /// A new key.
  public init() { self.init(CertificateKey()) }

  /// Reads what `encoded` wrote.
  public init(decoding bytes: SecretBytes) throws(AuthorityError) {
    guard let key = CertificateKey(pkcs8: bytes.bytes) else { throw .malformed("the host's key file") }
    self.init(key)
  }

  private init(_ key: CertificateKey) {
    self.key = key
    publicKey = key.publicBytes
    fingerprint = OwnerKey.fingerprint(of: publicKey)
  }

  /// PKCS #8 DER, to be kept where only the agent can read it.
  public var encoded: SecretBytes { key.pkcs8 }

  /// Without children: keys are not shown.
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// The signature over `message`; nil where the library fails.
  public func sign(_ message: [UInt8]) -> [UInt8]? {
    (try? key.key.signature(for: message)).map { Array($0.rawRepresentation) }
  }

  /// Proof to the one who admits the host that it has the key, bound to the certificate request it comes with.
  public func proof(for certificateRequest: [UInt8]) -> [UInt8]? {
    sign(Self.proofText + certificateRequest)
  }

  /// Whether `proof` is that of the holder of `publicKey` for that request.
  public static func isProof(_ proof: [UInt8], by publicKey: [UInt8], for certificateRequest: [UInt8]) -> Bool {
    guard let key = OwnerKey(publicKey) else { return false }
    return key.verify(proof, of: proofText + certificateRequest)
  }

  /// Keeps the proof from passing for a record's signature, and the other way round.
  private static let proofText = Array("weft join proof 1\n".utf8)
}

/// The public half of a host's key.
struct OwnerKey: Sendable {
  static let byteCount = 65
  static let signatureBytes = 64

  private let key: P256.Signing.PublicKey

  /// A point of P-256 in X9.63's uncompressed form; nil for anything else.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, let key = try? P256.Signing.PublicKey(x963Representation: bytes) else {
      return nil
    }
    self.key = key
  }

  func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard signature.count == Self.signatureBytes,
      let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
    else { return false }
    return key.isValidSignature(signature, for: message)
  }

  static func fingerprint(of publicKey: [UInt8]) -> KeyFingerprint {
    guard let fingerprint = KeyFingerprint(sha256(publicKey)) else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    return fingerprint
  }
}
