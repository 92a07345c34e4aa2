internal import Crypto
internal import Foundation
internal import MeshModel
internal import Replication
internal import SwiftASN1
internal import X509

/// Makes the three kinds of certificates (RFC 5280 and SPIFFE's X509-SVID profile).
enum CertificateMaker {
  /// Valid from one second to the other.
  struct Validity {
    var notBefore_s: Int64
    var notAfter_s: Int64

    /// No longer than `issuer`, in both directions.
    func within(_ issuer: StoredCertificate) -> Validity {
      Validity(
        notBefore_s: max(notBefore_s, issuer.notBefore_s),
        notAfter_s: min(notAfter_s, issuer.notAfter_s)
      )
    }
  }

  /// A root, signed by itself. At most one intermediate may follow.
  static func root(_ trustDomain: TrustDomain, key: CertificateKey, now_s: Int64) throws(AuthorityError)
    -> StoredCertificate
  {
    let validity = Validity(
      notBefore_s: now_s - AuthorityTiming.authorityBackdate_s,
      notAfter_s: now_s + AuthorityTiming.rootLife_s
    )
    return try make { () throws in
      let name = try authorityName("root", key.publicKey)
      return try certificate(
        key: key.publicKey,
        subject: name,
        issuer: name,
        validity: validity,
        extensions: authorityExtensions(trustDomain, key: key.publicKey, maxPathLength: 1, issuer: nil),
        signer: key
      )
    }
  }

  /// An intermediate of `root`. Only leaves may follow. Where it is another host's than the root's, `delegate` says whose.
  static func intermediate(
    _ trustDomain: TrustDomain,
    key: Certificate.PublicKey,
    of delegate: KeyFingerprint? = nil,
    under root: StoredCertificate,
    signer: CertificateKey,
    now_s: Int64
  ) throws(AuthorityError) -> StoredCertificate {
    let validity = Validity(
      notBefore_s: now_s - AuthorityTiming.authorityBackdate_s,
      notAfter_s: now_s + AuthorityTiming.intermediateLife_s
    ).within(root)
    return try make { () throws in
      try certificate(
        key: key,
        subject: authorityName("intermediate", key, of: delegate),
        issuer: root.certificate.subject,
        validity: validity,
        extensions: authorityExtensions(trustDomain, key: key, maxPathLength: 0, issuer: root),
        signer: signer
      )
    }
  }

  /// A leaf. It has no subject: its identity stands in one place, and no verifier falls back to another.
  static func leaf(
    _ id: SPIFFEID,
    key: Certificate.PublicKey,
    under issuer: StoredCertificate,
    signer: CertificateKey,
    now_s: Int64
  ) throws(AuthorityError) -> StoredCertificate {
    let validity = Validity(
      notBefore_s: now_s - AuthorityTiming.leafBackdate_s,
      notAfter_s: now_s + AuthorityTiming.leafLife_s
    ).within(issuer)
    return try make { () throws in
      let extensions = try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth, .clientAuth])
        AuthorityKeyIdentifier(keyIdentifier: try issuer.keyIdentifier)
        // RFC 5280 section 4.2.1.6: critical where the subject is empty.
        Critical(SubjectAlternativeNames([.uniformResourceIdentifier(id.description)]))
      }
      return try certificate(
        key: key,
        subject: DistinguishedName(),
        issuer: issuer.certificate.subject,
        validity: validity,
        extensions: extensions,
        signer: signer
      )
    }
  }

  /// The library's errors are of many types, and none is expected: what it is given is of our own making.
  private static func make(_ body: () throws -> Certificate) throws(AuthorityError) -> StoredCertificate {
    do { return try StoredCertificate(body()) } catch { throw .library("\(error)") }
  }

  /// Says what it is, and is no other's: names alone tell a chain's builder which of two roots it needs.
  private static func authorityName(
    _ role: String,
    _ key: Certificate.PublicKey,
    of delegate: KeyFingerprint? = nil
  ) throws -> DistinguishedName {
    let digits = hexadecimal(sha256(Array(key.subjectPublicKeyInfoBytes)).prefix(8))
    return try DistinguishedName {
      OrganizationName("weft")
      // 64 digits, the most that RFC 5280 appendix A.1 allows in such a name (ub-organizational-unit-name).
      if let delegate { OrganizationalUnitName(hexadecimal(delegate.bytes[...])) }
      CommonName("weft \(role) \(digits)")
    }
  }

  private static func authorityExtensions(
    _ trustDomain: TrustDomain,
    key: Certificate.PublicKey,
    maxPathLength: Int,
    issuer: StoredCertificate?
  ) throws -> Certificate.Extensions {
    try Certificate.Extensions {
      Critical(BasicConstraints.isCertificateAuthority(maxPathLength: maxPathLength))
      Critical(KeyUsage(keyCertSign: true, cRLSign: true))
      SubjectKeyIdentifier(hash: key)
      if let issuer { AuthorityKeyIdentifier(keyIdentifier: try issuer.keyIdentifier) }
      SubjectAlternativeNames([.uniformResourceIdentifier(SPIFFEID(of: trustDomain).description)])
    }
  }

  private static func certificate(
    key: Certificate.PublicKey,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    validity: Validity,
    extensions: Certificate.Extensions,
    signer: CertificateKey
  ) throws -> Certificate {
    try Certificate(
      version: .v3,
      serialNumber: serialNumber(),
      publicKey: key,
      notValidBefore: Date(timeIntervalSince1970: TimeInterval(validity.notBefore_s)),
      notValidAfter: Date(timeIntervalSince1970: TimeInterval(validity.notAfter_s)),
      issuer: issuer,
      subject: subject,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: extensions,
      issuerPrivateKey: signer.signer
    )
  }

  /// 126 random bits in 16 bytes: positive, never zero, and within the 20 bytes of RFC 5280 section 4.1.2.2, which the
  /// library's own random numbers can exceed by their sign.
  private static func serialNumber() -> Certificate.SerialNumber {
    var bytes = randomBytes(16)
    bytes[0] = bytes[0] & 0x3f | 0x40
    return Certificate.SerialNumber(bytes: bytes)
  }
}
