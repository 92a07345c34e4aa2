internal import COpenSSL
internal import MeshModel

// What a certificate of a chain must be, beyond its signature (RFC 5280 section 4.2, X509-SVID sections 2 to 4).

extension CertificateView {
  /// What every certificate of a chain must be.
  func checkForm(at index: Int) throws(PeerFault) {
    // EXFLAG_INVALID: an extension cannot be parsed, or is there twice.
    guard X509_get_version(pointer) == Self.version3, flags & EXFLAG_INVALID == 0, hasUsualKey,
      let begins = notBefore_s, let ends = notAfter_s, begins <= ends, !hasUnknownCritical,
      !has(NID_name_constraints).present
    else { throw PeerFault(.malformed, at: index) }
  }

  /// How X509_get_version(3) says version 3.
  private static let version3 = 2

  /// Whether now is within its time, give or take the skew of clocks.
  func checkTime(at index: Int, now_s: Int64) throws(PeerFault) {
    guard let begins = notBefore_s, let ends = notAfter_s else { throw PeerFault(.malformed, at: index) }
    guard now_s >= begins - CertificateLimit.skew_s else { throw PeerFault(.notYetValid, at: index) }
    guard now_s <= ends + CertificateLimit.skew_s else { throw PeerFault(.expired, at: index) }
  }

  /// Whether it may sign certificates, with that many authorities between it and the leaf, in a trust domain.
  func checkAuthority(at index: Int, below: Int, identity: String) throws(PeerFault) {
    let most = X509_get_pathlen(pointer)
    guard has(NID_basic_constraints).critical, flags & EXFLAG_CA != 0, most < 0 || most >= below,
      has(NID_key_usage).critical, X509_get_key_usage(pointer) & UInt32(X509v3_KU_KEY_CERT_SIGN) != 0
    else { throw PeerFault(.usage, at: index) }
    guard let uris else { throw PeerFault(.malformed, at: index) }
    guard uris.isEmpty || uris == [identity] else { throw PeerFault(.usage, at: index) }
  }

  /// Whether it may authenticate a workload, as client and as server, and nothing more.
  func checkLeaf() throws(PeerFault) {
    let signs = UInt32(X509v3_KU_KEY_CERT_SIGN | X509v3_KU_CRL_SIGN)
    guard flags & EXFLAG_CA == 0, has(NID_key_usage).critical,
      X509_get_key_usage(pointer) & UInt32(X509v3_KU_DIGITAL_SIGNATURE) != 0, X509_get_key_usage(pointer) & signs == 0
    else { throw PeerFault(.usage) }
    guard has(NID_ext_key_usage).present else { return }
    let both = UInt32(XKU_SSL_SERVER | XKU_SSL_CLIENT)
    guard X509_get_extended_key_usage(pointer) & both == both else { throw PeerFault(.usage) }
  }

  /// The one identity that it names.
  func identity(in trustDomain: TrustDomain) throws(PeerFault) -> PeerIdentity {
    guard let uris, let notAfter_s else { throw PeerFault(.malformed) }
    guard let uri = uris.first else { throw PeerFault(.noIdentity) }
    guard uris.count == 1 else { throw PeerFault(.severalIdentities) }
    guard let id = try? SPIFFEID(uri) else { throw PeerFault(.invalidIdentity) }
    guard id.trustDomain == trustDomain else { throw PeerFault(.foreignTrustDomain) }
    // X509-SVID section 2: the identity of the domain itself is for those who sign.
    guard !id.path.isEmpty else { throw PeerFault(.usage) }
    return PeerIdentity(spiffeID: id, notAfter_s: notAfter_s)
  }
}
