public import MeshModel
public import Replication

/// A certificate with what vouches for it: what its holder shows to peers.
public struct IssuedCertificate: Hashable, Sendable {
  /// DER, the leaf first, then its intermediates; peers have the root.
  public let chain: [[UInt8]]
  /// Who it is of.
  public let spiffeID: SPIFFEID
  /// From this second on, since 1970.
  public let notBefore_s: Int64
  /// To this second.
  public let notAfter_s: Int64
  /// When its holder asks for the next: at half of its life, by chance somewhat earlier or later.
  public let renewsAt_s: Int64

  /// A leaf, of `spiffeID` as was checked, and its intermediates.
  init(
    _ leaf: StoredCertificate,
    of spiffeID: SPIFFEID,
    chain: [[UInt8]],
    using random: inout some RandomNumberGenerator
  ) {
    self.chain = chain
    self.spiffeID = spiffeID
    notBefore_s = leaf.notBefore_s
    notAfter_s = leaf.notAfter_s
    let jitter_s = (leaf.notAfter_s - leaf.notBefore_s) / AuthorityTiming.jitterParts
    renewsAt_s = leaf.halfLife_s + Int64.random(in: -jitter_s...jitter_s, using: &random)
  }

  /// Reads a chain that an authority sent in answer to a request. It is the answer's form that is checked, not its
  /// signatures, which every peer verifies.
  public init(chain: [[UInt8]], using random: inout some RandomNumberGenerator) throws(AuthorityError) {
    guard (1...AuthorityLimit.chainCertificates).contains(chain.count) else { throw .malformed("a certificate chain") }
    var certificates: [StoredCertificate] = []
    for der in chain {
      guard let certificate = StoredCertificate(der: der) else { throw .malformed("a certificate of a chain") }
      certificates.append(certificate)
    }
    let leaf = certificates[0]
    guard let uris = leaf.uris, uris.count == 1, let id = try? SPIFFEID(uris[0]),
      leaf.notBefore_s <= leaf.notAfter_s
    else { throw .malformed("a leaf certificate") }
    self.init(leaf, of: id, chain: chain, using: &random)
  }

  /// The key of the host by whose intermediate it was signed, where that one has not the root.
  public var signer: KeyFingerprint? {
    chain.dropFirst().first.flatMap(StoredCertificate.init(der:))?.delegate
  }

  /// Whether it is time for the next: renewal is due, or this one is not valid at `now_s` since a clock was wrong.
  public func needsRenewal(now_s: Int64) -> Bool {
    now_s >= renewsAt_s || now_s + AuthorityTiming.skew_s < notBefore_s
  }

  /// Whether peers take it at `now_s`.
  public func isValid(now_s: Int64) -> Bool { notBefore_s <= now_s && now_s <= notAfter_s }
}
