internal import Crypto
public import MeshModel
internal import X509

/// A certificate and its private key: all that a program needs to be someone.
public struct Identity: Sendable {
  /// What it shows.
  public let certificate: IssuedCertificate
  /// What it keeps: PKCS #8 DER.
  public let key: SecretBytes

  /// Who it is.
  public var spiffeID: SPIFFEID { certificate.spiffeID }

  init(_ certificate: IssuedCertificate, key: CertificateKey) {
    self.certificate = certificate
    self.key = key.pkcs8
  }

  /// The answer to a request, with the key that the request was made with.
  ///
  /// - Throws: `.missingKey` where the certificate is of another key.
  public init(_ certificate: IssuedCertificate, key: SecretBytes) throws(AuthorityError) {
    guard let own = CertificateKey(pkcs8: key.bytes),
      let leaf = certificate.chain.first.flatMap(StoredCertificate.init),
      leaf.certificate.publicKey == own.publicKey
    else { throw .missingKey(of: "the certificate of \(certificate.spiffeID)") }
    self.certificate = certificate
    self.key = key
  }
}
