internal import SwiftASN1
internal import X509

// What a certificate of a chain must be, beyond its signature (RFC 5280 section 4.2, X509-SVID sections 2 to 4).

extension StoredCertificate {
  /// What every certificate of a chain must be.
  func checkForm(at index: Int) throws(PeerRefusal) {
    guard certificate.publicKey.isSupported else { throw .malformed(at: index, "its key is neither P-256 nor P-384") }
    guard notBefore_s <= notAfter_s else { throw .malformed(at: index, "it ends before it begins") }
    for item in certificate.extensions {
      if item.oid == .X509ExtensionID.nameConstraints {
        throw .malformed(at: index, "name constraints are not supported")
      }
      guard !item.critical || Self.understood.contains(item.oid) else {
        throw .malformed(at: index, "the critical extension \(item.oid) is not understood")
      }
    }
  }

  private static let understood: [ASN1ObjectIdentifier] = [
    .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.extendedKeyUsage,
    .X509ExtensionID.subjectAlternativeName,
  ]

  /// Whether now is within its time, give or take the skew of clocks.
  func checkTime(at index: Int, now_s: Int64) throws(PeerRefusal) {
    guard now_s + AuthorityTiming.skew_s >= notBefore_s else { throw .notYetValid(at: index, notBefore_s: notBefore_s) }
    guard now_s - AuthorityTiming.skew_s <= notAfter_s else { throw .expired(at: index, notAfter_s: notAfter_s) }
  }

  /// Whether it may sign certificates, with that many authorities between it and the leaf, in a trust domain.
  func checkAuthority(at index: Int, below: Int, identity: String) throws(PeerRefusal) {
    guard certificate.extensions[oid: .X509ExtensionID.basicConstraints]?.critical == true,
      case .isCertificateAuthority(let length)? = try? certificate.extensions.basicConstraints
    else { throw .wrongUsage(at: index, "it is not an authority's") }
    if let length, length < below { throw .wrongUsage(at: index, "too many authorities follow it") }
    guard try keyUsage(at: index).keyCertSign else { throw .wrongUsage(at: index, "its key may not sign certificates") }
    guard let uris else { throw .malformed(at: index, "its names cannot be read") }
    guard uris.isEmpty || uris == [identity] else {
      throw .wrongUsage(at: index, "it names another identity than its trust domain")
    }
  }

  /// Whether it may authenticate a workload, as client and as server, and nothing more.
  func checkLeaf() throws(PeerRefusal) {
    if certificate.extensions[oid: .X509ExtensionID.basicConstraints] != nil {
      guard case .notCertificateAuthority? = try? certificate.extensions.basicConstraints else {
        throw .wrongUsage(at: 0, "it is an authority's")
      }
    }
    let usage = try keyUsage(at: 0)
    guard usage.digitalSignature else { throw .wrongUsage(at: 0, "its key may not sign handshakes") }
    guard !usage.keyCertSign, !usage.cRLSign else { throw .wrongUsage(at: 0, "its key may sign certificates or CRLs") }
    guard certificate.extensions[oid: .X509ExtensionID.extendedKeyUsage] != nil else { return }
    guard let purposes = try? certificate.extensions.extendedKeyUsage,
      purposes.contains(.serverAuth), purposes.contains(.clientAuth)
    else { throw .wrongUsage(at: 0, "it is not for both clients and servers") }
  }

  private func keyUsage(at index: Int) throws(PeerRefusal) -> KeyUsage {
    guard certificate.extensions[oid: .X509ExtensionID.keyUsage]?.critical == true,
      let usage = try? certificate.extensions.keyUsage
    else { throw .wrongUsage(at: index, "it has no critical key usage") }
    return usage
  }

  /// Whether `issuer` signed it, by name and by key.
  func isSigned(by issuer: StoredCertificate) -> Bool {
    certificate.issuer == issuer.certificate.subject
      && issuer.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
  }

  /// Whether it signed itself and may sign others.
  var isRoot: Bool {
    guard case .isCertificateAuthority? = try? certificate.extensions.basicConstraints else { return false }
    return isSigned(by: self)
  }
}
