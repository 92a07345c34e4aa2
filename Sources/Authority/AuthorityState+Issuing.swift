extension AuthorityState: LeafIssuer {
  /// Signs while a root and an intermediate of it are valid.
  public func leafSigner(_ now_s: Int64) throws(AuthorityError) -> LeafSigner {
    try Self.check(now_s)
    if let fault = fault(now_s: now_s) { throw fault }
    guard let signer = signer(now_s) else { throw .noSigner }
    return LeafSigner(certificate: signer.certificate, key: signer.key)
  }
}
