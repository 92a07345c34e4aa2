public import MeshModel

extension AuthorityState {
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

  private func leafSigner(_ now_s: Int64) throws(AuthorityError) -> LeafSigner {
    try Self.check(now_s)
    if let fault = fault(now_s: now_s) { throw fault }
    guard let signer = signer(now_s) else { throw .noSigner }
    return LeafSigner(certificate: signer.certificate, key: signer.key)
  }
}
