public import MeshModel
public import Replication
internal import X509

/// Who a peer has proved to be.
public struct PeerIdentity: Hashable, Sendable {
  /// Its identity.
  public let spiffeID: SPIFFEID
  /// When its certificate expires, in seconds since 1970.
  public let notAfter_s: Int64
}

/// Verifies what peers show against a trust bundle.
///
/// The chain is walked by hand, in the order that TLS prescribes, and not by the library's `Verifier`: that one leaves key
/// usage unchecked, searches for paths that a peer may make long, takes a root for a leaf, says only in prose why it
/// refuses, and is asynchronous, which callbacks of TLS are not. Parsing and signatures are the library's.
public struct PeerVerifier: Sendable {
  /// Whom it believes.
  public let bundle: TrustBundle
  /// Keys of hosts whose intermediates it refuses (`AuthorityRoster.revokedKeys`).
  public let revoked: Set<KeyFingerprint>
  private let roots: [StoredCertificate]
  private let authority: String

  /// A verifier for a bundle.
  ///
  /// - Throws: `.malformed` where a root cannot be read, has not signed itself or is of another trust domain.
  public init(_ bundle: TrustBundle, revoked: Set<KeyFingerprint> = []) throws(AuthorityError) {
    self.revoked = revoked
    guard (1...AuthorityLimit.bundleRoots).contains(bundle.roots.count) else { throw .malformed("a trust bundle") }
    authority = SPIFFEID(of: bundle.trustDomain).description
    var roots: [StoredCertificate] = []
    for der in bundle.roots {
      guard let root = StoredCertificate(der: der), root.isRoot, let uris = root.uris,
        uris.isEmpty || uris == [authority]
      else { throw .malformed("a root of the trust bundle") }
      roots.append(root)
    }
    self.roots = roots
    self.bundle = bundle
  }

  /// Who showed `chain`: DER, the leaf first, each signed by the next; the root may be there or not.
  public func verify(_ chain: [[UInt8]], now_s: Int64) throws(PeerRefusal) -> PeerIdentity {
    guard (1...AuthorityLimit.chainCertificates).contains(chain.count) else { throw .length(chain.count) }
    guard AuthorityTiming.clock_s.contains(now_s) else { throw .notYetValid(at: 0, notBefore_s: 0) }
    var certificates: [StoredCertificate] = []
    for (index, der) in chain.enumerated() {
      guard let certificate = StoredCertificate(der: der) else {
        throw .malformed(at: index, "not a certificate of version 3 in DER")
      }
      try certificate.checkForm(at: index)
      certificates.append(certificate)
    }
    let root = try anchor(&certificates)
    certificates.append(root)
    // What is signed by strangers is not looked at: from here on, refusals are about this mesh's own certificates.
    for (index, certificate) in certificates.enumerated() { try certificate.checkTime(at: index, now_s: now_s) }
    for (index, certificate) in certificates.enumerated().dropFirst() {
      try certificate.checkAuthority(at: index, below: index - 1, identity: authority)
      // The root has written its host's key into it, and takes that one's word no more.
      if let delegate = certificate.delegate, revoked.contains(delegate) { throw .revoked(at: index) }
    }
    try certificates[0].checkLeaf()
    return PeerIdentity(spiffeID: try identity(of: certificates[0]), notAfter_s: certificates[0].notAfter_s)
  }

  /// The root that has signed the last of `certificates`, each of which is signed by the next. A root among them is taken
  /// out: it is believed because the bundle has it.
  private func anchor(_ certificates: inout [StoredCertificate]) throws(PeerRefusal) -> StoredCertificate {
    if certificates.count > 1, let last = certificates.last, roots.contains(where: { $0.der == last.der }) {
      certificates.removeLast()
    }
    for index in certificates.indices.dropLast() {
      guard certificates[index].isSigned(by: certificates[index + 1]) else { throw .badSignature(at: index) }
    }
    guard let last = certificates.last, let root = roots.first(where: { last.isSigned(by: $0) }) else {
      throw .foreignRoot
    }
    return root
  }

  private func identity(of leaf: StoredCertificate) throws(PeerRefusal) -> SPIFFEID {
    guard let uris = leaf.uris else { throw .malformed(at: 0, "its names cannot be read") }
    guard let uri = uris.first else { throw .noIdentity }
    guard uris.count == 1 else { throw .severalIdentities(uris.count) }
    let id: SPIFFEID
    do { id = try SPIFFEID(uri) } catch { throw .invalidIdentity(error) }
    guard id.trustDomain == bundle.trustDomain else { throw .foreignTrustDomain(id.trustDomain) }
    // X509-SVID section 2: the identity of the domain itself is for those who sign.
    guard !id.path.isEmpty else { throw .wrongUsage(at: 0, "it names the trust domain, not a workload or host") }
    return id
  }
}
