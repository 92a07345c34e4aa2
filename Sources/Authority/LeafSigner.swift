internal import MeshModel
internal import X509

/// An intermediate with its key, which are valid now: what signs leaves, whoever gave it.
struct LeafSigner {
  let certificate: StoredCertificate
  let key: CertificateKey

  /// Signs for the key of a request. Whether who asks may be `id` was judged before; what the request says of itself counts
  /// for nothing.
  func issue(
    _ id: SPIFFEID,
    request: [UInt8],
    in trustDomain: TrustDomain,
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> IssuedCertificate {
    let key: Certificate.PublicKey
    do { key = try CertificateRequest.publicKey(of: request) } catch { throw .request(error) }
    return try issue(id, key: key, in: trustDomain, now_s: now_s, using: &random)
  }

  /// Makes a key here and certifies it.
  func issue(
    _ id: SPIFFEID,
    in trustDomain: TrustDomain,
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> Identity {
    let key = CertificateKey()
    return Identity(try issue(id, key: key.publicKey, in: trustDomain, now_s: now_s, using: &random), key: key)
  }

  private func issue(
    _ id: SPIFFEID,
    key subject: Certificate.PublicKey,
    in trustDomain: TrustDomain,
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> IssuedCertificate {
    guard id.trustDomain == trustDomain else { throw .foreignTrustDomain(id, own: trustDomain) }
    guard !id.path.isEmpty else { throw .noPath(id) }
    let leaf = try CertificateMaker.leaf(id, key: subject, under: certificate, signer: key, now_s: now_s)
    return IssuedCertificate(leaf, of: id, chain: [leaf.der, certificate.der], using: &random)
  }
}
