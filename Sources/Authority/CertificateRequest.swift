internal import Crypto
internal import SwiftASN1
internal import X509

/// A key that was made here, and the certificate signing request for it (PKCS #10): the key stays, the request travels.
public struct CertificateRequest: Sendable {
  /// The request, as an authority takes it.
  public let der: [UInt8]
  /// The private key, PKCS #8.
  public let key: SecretBytes

  /// Makes a P-256 key and asks for a certificate. Who it is for is said beside the request, and judged by who asks:
  /// the request itself names nobody.
  public init() throws(AuthorityError) {
    let key = CertificateKey()
    do {
      let request = try CertificateSigningRequest(
        version: .v1,
        subject: DistinguishedName(),
        privateKey: key.signer,
        attributes: CertificateSigningRequest.Attributes()
      )
      var serializer = DER.Serializer()
      try serializer.serialize(request)
      der = serializer.serializedBytes
    } catch { throw .library("\(error)") }
    self.key = key.pkcs8
  }

  /// The key of a request that is signed by it. Subject, names and extensions that it asks for are not looked at: an
  /// authority certifies what it knows of the one who asks.
  ///
  /// P-256 and P-384 are taken. RSA costs peers more than it gives; BoringSSL's peers refuse Ed25519 unless told
  /// otherwise, so such a certificate would work with some of the mesh only.
  static func publicKey(of der: [UInt8]) throws(RequestFault) -> Certificate.PublicKey {
    guard der.count <= AuthorityLimit.requestBytes else { throw .tooLong(der.count) }
    guard SignedParts(der: der) != nil, let request = try? CertificateSigningRequest(derEncoded: der),
      request.version == .v1
    else {
      throw .malformed
    }
    guard request.publicKey.isSupported else { throw .unsupportedKey }
    guard request.publicKey.isValidSignature(request.signature, for: request) else { throw .badSignature }
    return request.publicKey
  }
}

extension Certificate.PublicKey {
  /// Whether certificates of the mesh may have such a key.
  var isSupported: Bool { P256.Signing.PublicKey(self) != nil || P384.Signing.PublicKey(self) != nil }
}
