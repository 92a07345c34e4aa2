public import MeshModel
internal import X509

/// Whoever has an intermediate and its key, and so signs leaves: the root's holder, or a host that it gave one.
public protocol LeafIssuer: Sendable {
  /// Whose identities it signs.
  var trustDomain: TrustDomain { get }
  /// What it signs by now.
  ///
  /// - Throws: `.clock` or `.noSigner` where it signs nothing at this time.
  func leafSigner(_ now_s: Int64) throws(AuthorityError) -> LeafSigner
}

extension LeafIssuer {
  /// Signs for the key of a certificate signing request (DER). Whether who asks may be `id` was judged before; what the
  /// request says of itself counts for nothing.
  public func issue(
    _ id: SPIFFEID,
    request: [UInt8],
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> IssuedCertificate {
    try leafSigner(now_s).issue(id, request: request, in: trustDomain, now_s: now_s, using: &random)
  }

  /// Makes a key here and certifies it.
  public func issue(
    _ id: SPIFFEID,
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) -> Identity {
    try leafSigner(now_s).issue(id, in: trustDomain, now_s: now_s, using: &random)
  }
}

/// An intermediate with its key, which are valid now: what signs leaves, whoever gave it.
public struct LeafSigner: Sendable {
  let certificate: StoredCertificate
  let key: CertificateKey

  /// Signs for the key of a request; see `LeafIssuer`.
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
