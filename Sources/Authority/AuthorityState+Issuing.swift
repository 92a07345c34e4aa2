public import MeshModel
internal import X509

extension AuthorityState {
  /// Signs for the key of a certificate signing request (DER). Whether who asks may be `id` was judged before; what the
  /// request says of itself counts for nothing.
  public func issue(
    _ id: SPIFFEID,
    request: [UInt8],
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> IssuedCertificate {
    try issue(id, key: Self.publicKey(of: request), now_s: now_s, using: &random)
  }

  /// Makes a key here and certifies it.
  public func issue(
    _ id: SPIFFEID,
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> Identity {
    let key = CertificateKey()
    return Identity(try issue(id, key: key.publicKey, now_s: now_s, using: &random), key: key)
  }

  private func issue(
    _ id: SPIFFEID,
    key: Certificate.PublicKey,
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> IssuedCertificate {
    try Self.check(now_s)
    guard id.trustDomain == trustDomain else { throw .foreignTrustDomain(id, own: trustDomain) }
    guard !id.path.isEmpty else { throw .noPath(id) }
    if let fault = fault(now_s: now_s) { throw fault }
    guard let signer = signer(now_s) else { throw .noSigner }
    let leaf = try CertificateMaker.leaf(id, key: key, under: signer.certificate, signer: signer.key, now_s: now_s)
    return IssuedCertificate(leaf, of: id, chain: [leaf.der, signer.certificate.der], using: &random)
  }

  private static func publicKey(of request: [UInt8]) throws(AuthorityError) -> Certificate.PublicKey {
    do { return try CertificateRequest.publicKey(of: request) } catch { throw .request(error) }
  }
}
