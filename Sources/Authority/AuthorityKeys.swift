internal import SwiftASN1
internal import X509

/// The private keys of an authority, apart from all that others may read.
///
/// They are written before the state that needs them, to a file that only the agent can read. A key that no state needs
/// any more is dropped with the next writing; until then it is one too many, never one too few.
public struct AuthorityKeys: Sendable, CustomReflectable {
  private var keys: [[UInt8]: CertificateKey] = [:]

  init() {}

  /// Reads what `encoded` wrote.
  public init(decoding bytes: SecretBytes) throws(AuthorityError) {
    keys = try decodeSequence(bytes.bytes, limit: AuthorityLimit.keysBytes, as: "the authority's key file") { parts in
      guard try parts.number() == Self.format else { throw UnexpectedPart() }
      let keys = try parts.each(limit: AuthorityLimit.keys) { parts in
        guard let key = CertificateKey(pkcs8: try parts.block(limit: AuthorityLimit.keysBytes)) else {
          throw UnexpectedPart()
        }
        return key
      }
      return Dictionary(keys.map { ($0.publicBytes, $0) }, uniquingKeysWith: { $1 })
    }
  }

  /// DER, to be kept where only the agent can read it.
  public var encoded: SecretBytes {
    SecretBytes(
      encodedSequence { parts in
        parts.put(Self.format)
        let sorted = keys.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        parts.put(each: sorted.map(\.value.pkcs8.bytes)) { $0.put($1) }
      }
    )
  }

  private static let format: Int64 = 1

  /// Without children: keys are not shown.
  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// The private key of a certificate of this authority; nil where it is not there.
  func key(of certificate: StoredCertificate) -> CertificateKey? {
    keys[Array(certificate.certificate.publicKey.subjectPublicKeyInfoBytes)]
  }

  mutating func add(_ key: CertificateKey) { keys[key.publicBytes] = key }

  /// Drops the keys of all but these certificates.
  mutating func keep(only certificates: [StoredCertificate]) {
    let wanted = Set(certificates.map { Array($0.certificate.publicKey.subjectPublicKeyInfoBytes) })
    keys = keys.filter { wanted.contains($0.key) }
  }
}
