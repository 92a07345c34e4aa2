public import MeshModel
public import Replication
internal import SwiftASN1
internal import X509

/// The authority of a host that has no root's key: an intermediate that a root signed for it, and that one's key. Time and
/// chance are parameters.
///
/// Whoever changes it writes `keys.encoded` first, then `encoded`, and only then acts on what came of it.
public struct DelegatedAuthority: LeafIssuer {
  /// Whose authority it is.
  public let trustDomain: TrustDomain
  /// The private key.
  public private(set) var keys: AuthorityKeys
  /// SHA-256 of the root that signed the intermediate, which hosts find at the end of what this one shows.
  public let pin: [UInt8]
  /// When the next intermediate is asked for: at half of its life, by chance somewhat earlier or later.
  public private(set) var renewsAt_s: Int64
  let intermediate: StoredCertificate

  /// Takes the root's holder's answer, as this host's.
  ///
  /// - Throws: `.delegation` where the certificate is not an intermediate of this host, its key and a root of the bundle.
  public init(
    _ intermediate: [UInt8],
    key: SecretBytes,
    of owner: OwnerID,
    bundle: TrustBundle,
    now_s: Int64,
    using random: inout some RandomNumberGenerator
  ) throws(AuthorityError) {
    guard let key = CertificateKey(pkcs8: key.bytes), let certificate = StoredCertificate(der: intermediate),
      certificate.certificate.publicKey == key.publicKey
    else { throw .delegation("it is not of the key that it was asked for") }
    guard certificate.delegate == owner.key else { throw .delegation("it is not made out to this host") }
    do throws(PeerRefusal) {
      try certificate.checkForm(at: 1)
      try certificate.checkTime(at: 1, now_s: now_s)
      try certificate.checkAuthority(at: 1, below: 0, identity: SPIFFEID(of: bundle.trustDomain).description)
    } catch { throw .delegation("\(error)") }
    let root = bundle.roots.first { StoredCertificate(der: $0).map(certificate.isSigned(by:)) == true }
    guard let root else { throw .delegation("no root of this mesh has signed it") }
    trustDomain = bundle.trustDomain
    pin = sha256(root)
    self.intermediate = certificate
    keys = AuthorityKeys()
    keys.add(key)
    let jitter_s = (certificate.notAfter_s - certificate.notBefore_s) / AuthorityTiming.jitterParts
    renewsAt_s = certificate.halfLife_s + Int64.random(in: -jitter_s...jitter_s, using: &random)
  }

  /// Whether its root is one of these.
  public func isBelow(_ bundle: TrustBundle) -> Bool { bundle.roots.contains { sha256($0) == pin } }

  /// DER of the intermediate.
  public var issuer: [UInt8] { intermediate.der }

  /// The key of the host that the root made it out to.
  public var holder: KeyFingerprint? { intermediate.delegate }

  /// To this second, since 1970, it signs.
  public var notAfter_s: Int64 { intermediate.notAfter_s }

  /// Whether another intermediate should be asked for: it is time, or `root` (SHA-256) signs by now and not the one of before.
  public func isDue(now_s: Int64, root: [UInt8]) -> Bool {
    now_s >= renewsAt_s || !intermediate.isValid(at: now_s) || root != pin
  }

  /// Has the next asked for as soon as may be.
  public mutating func expire(now_s: Int64) { renewsAt_s = min(renewsAt_s, now_s) }

  /// Signs while its intermediate is valid.
  public func leafSigner(_ now_s: Int64) throws(AuthorityError) -> LeafSigner {
    guard AuthorityTiming.clock_s.contains(now_s) else { throw .clock(now_s) }
    guard intermediate.isValid(at: now_s), let key = keys.key(of: intermediate) else { throw .noSigner }
    return LeafSigner(certificate: intermediate, key: key)
  }

  private static let format: Int64 = 1

  /// DER of all but the private key.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      parts.put(Self.format)
      parts.put(trustDomain.name)
      parts.put(pin)
      parts.put(renewsAt_s)
      parts.put(intermediate.der)
    }
  }

  /// Reads what `encoded` wrote, with the keys that were written before it.
  ///
  /// - Throws: `.malformed` or `.missingKey`; then another intermediate can be asked for.
  public init(decoding bytes: [UInt8], keys: AuthorityKeys) throws(AuthorityError) {
    self = try decodeSequence(bytes, limit: AuthorityLimit.stateBytes, as: "the delegated authority's state") { parts in
      guard try parts.number() == Self.format else { throw UnexpectedPart() }
      return Self(
        trustDomain: try TrustDomain(parts.text(limit: TrustDomain.maxBytes)),
        keys: keys,
        pin: try parts.block(exactly: 32),
        renewsAt_s: try parts.number(),
        intermediate: try parts.certificate()
      )
    }
    guard keys.key(of: intermediate) != nil else { throw .missingKey(of: "this host's intermediate") }
  }

  private init(
    trustDomain: TrustDomain,
    keys: AuthorityKeys,
    pin: [UInt8],
    renewsAt_s: Int64,
    intermediate: StoredCertificate
  ) {
    self.trustDomain = trustDomain
    self.keys = keys
    self.pin = pin
    self.renewsAt_s = renewsAt_s
    self.intermediate = intermediate
  }
}

extension DelegatedAuthority {
  /// When agents stop to show the root that signed this intermediate, where the bundle has a later one: a join token must
  /// end before. It follows from when that root was made, which is when it was published.
  public func moves_s(_ bundle: TrustBundle) -> Int64? {
    let roots = bundle.roots.compactMap(StoredCertificate.init(der:))
    guard let own = roots.first(where: { $0.fingerprint == pin }) else { return intermediate.notBefore_s }
    return roots.filter { $0.notBefore_s > own.notBefore_s }.map(\.notBefore_s).min().map {
      $0 + AuthorityTiming.authorityBackdate_s + AuthorityTiming.propagation_s
    }
  }
}
