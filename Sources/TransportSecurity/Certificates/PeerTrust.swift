internal import COpenSSL
public import MeshModel

/// The roots by which peers are judged, and the judgement (X509-SVID sections 2 to 5, RFC 5280 section 6).
///
/// The chain is walked by hand, in the order that TLS prescribes: it is at most four long and names its one way to a
/// root. X509_verify_cert would search for others, takes a root that a peer shows for a leaf, and leaves key usage and
/// names to its caller. `PeerVerifier` of the agent makes the same checks in the same order; a test holds them together.
public final class PeerTrust: Sendable {
  /// Whose peers.
  public let trustDomain: TrustDomain
  fileprivate let roots: [Certificate]
  /// SHA-256 of the keys of hosts whose intermediates are refused, in ascending order.
  fileprivate let revoked: [[UInt8]]
  private let authority: String

  /// Takes roots in DER, and the fingerprints of the keys of hosts that have the authority's role no more: what they have signed is
  /// refused though a root has signed theirs.
  public init(
    _ trustDomain: TrustDomain,
    roots ders: [[UInt8]],
    revoked: [[UInt8]] = []
  ) throws(TransportSecurityError) {
    guard (1...CertificateLimit.roots).contains(ders.count) else { throw .bundleLength(ders.count) }
    self.trustDomain = trustDomain
    self.revoked = revoked.sorted { $0.lexicographicallyPrecedes($1) }
    authority = SPIFFEID(of: trustDomain).description
    var roots: [Certificate] = []
    for (index, der) in ders.enumerated() {
      guard let root = Certificate(der: der) else { throw .root(at: index) }
      let view = CertificateView(pointer: root.pointer)
      guard view.flags & EXFLAG_CA != 0, view.isSigned(by: view), let uris = view.uris,
        uris.isEmpty || uris == [authority]
      else { throw .root(at: index) }
      roots.append(root)
    }
    self.roots = roots
  }

  /// Who showed these certificates, the leaf first.
  func judge(_ shown: [CertificateView], now_s: Int64) throws(PeerFault) -> PeerIdentity {
    try judgeChain(shown, now_s: now_s).peer
  }

  /// What vouches for a peer.
  struct Vouchers {
    /// Which of the roots.
    let root: Int
    /// Keys of hosts whose intermediates are between it and the leaf.
    let signers: [[UInt8]]
  }

  /// The same, and what vouches for it.
  func judgeChain(
    _ shown: [CertificateView],
    now_s: Int64
  ) throws(PeerFault) -> (peer: PeerIdentity, vouchers: Vouchers) {
    guard !shown.isEmpty else { throw PeerFault(.missing) }
    guard shown.count <= CertificateLimit.chain else { throw PeerFault(.length) }
    for (index, certificate) in shown.enumerated() { try certificate.checkForm(at: index) }
    let (chain, root) = try anchored(shown)
    // What is signed by strangers is not looked at: from here on, faults are about this mesh's own certificates.
    for (index, certificate) in chain.enumerated() { try certificate.checkTime(at: index, now_s: now_s) }
    var signers: [[UInt8]] = []
    for (index, certificate) in chain.enumerated().dropFirst() {
      try certificate.checkAuthority(at: index, below: index - 1, identity: authority)
      guard let signer = certificate.delegate else { continue }
      if revoked.contains(signer) { throw PeerFault(.revoked, at: index) }
      signers.append(signer)
    }
    try chain[0].checkLeaf()
    return (try chain[0].identity(in: trustDomain), Vouchers(root: root, signers: signers))
  }

  /// The chain with the root that has signed its last. A root that was shown is left out: it is believed because the
  /// bundle has it.
  private func anchored(_ shown: [CertificateView]) throws(PeerFault) -> (chain: [CertificateView], root: Int) {
    var chain = shown
    let roots = roots.map { CertificateView(pointer: $0.pointer) }
    if chain.count > 1, let last = chain.last, roots.contains(where: { $0.isSame(as: last) }) { chain.removeLast() }
    for index in chain.indices.dropLast() {
      guard chain[index].isSigned(by: chain[index + 1]) else { throw PeerFault(.signature, at: index) }
    }
    guard let last = chain.last, let root = roots.firstIndex(where: { last.isSigned(by: $0) }) else {
      throw PeerFault(.foreignRoot)
    }
    chain.append(roots[root])
    return (chain, root)
  }
}

extension PeerTrust {
  /// Whether `other` refuses none of those who signed for whom this trusts, or of these alone.
  func isAccepted(by other: PeerTrust, _ vouchers: Vouchers?) -> Bool {
    // Of whom nobody knows who signed for him it is only known that it was nobody who was revoked by then.
    let known = vouchers?.signers ?? other.revoked.filter { !revoked.contains($0) }
    return !known.contains(where: other.revoked.contains)
  }

  /// Whether what these roots vouch for, or the one of these vouchers alone, is vouched for by `other` as well.
  func isContained(in other: PeerTrust, _ vouchers: Vouchers?) -> Bool {
    if self === other { return true }
    let others = other.roots.map { CertificateView(pointer: $0.pointer) }
    func has(_ root: Certificate) -> Bool {
      let view = CertificateView(pointer: root.pointer)
      return others.contains { $0.isSame(as: view) }
    }
    return trustDomain == other.trustDomain && (vouchers.map { has(roots[$0.root]) } ?? roots.allSatisfy(has))
  }

  /// SHA-256 of each root's DER, in lower-case hexadecimal digits, as `weft identity` shows them.
  public var rootFingerprints: [String] {
    roots.map { root in
      var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
      var count: UInt32 = 0
      guard X509_digest(root.pointer, EVP_sha256(), &digest, &count) == 1 else {
        ERR_clear_error()
        return ""
      }
      return digest.prefix(Int(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
  }

  /// SHA-256 of these roots, of who is refused, and of who trusts them: sessions of others are not taken up.
  func digest(with own: SPIFFEID) throws(TransportSecurityError) -> [UInt8] {
    var bytes = Array(own.description.utf8)
    for root in roots {
      // A zero is in no SPIFFE ID; DER says its own length.
      bytes.append(0)
      var encoded: UnsafeMutablePointer<UInt8>?
      let count = i2d_X509(root.pointer, &encoded)
      guard count > 0, let encoded else { throw .taken() }
      bytes.append(contentsOf: UnsafeBufferPointer(start: encoded, count: Int(count)))
      CRYPTO_free(encoded, #file, #line)
    }
    for key in revoked { bytes += [1] + key }
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else { throw .taken() }
    return digest
  }
}
