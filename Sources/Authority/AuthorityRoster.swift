internal import Crypto
public import MeshModel
public import Replication
internal import SwiftASN1
internal import X509

/// A root's word on which hosts sign for the others, and whose intermediates are refused. Whoever has the root can verify it,
/// so it matters not which host passed it on; of two, the one with the greater version counts.
public struct AuthorityRoster: Hashable, Sendable {
  /// A host with the role.
  public struct Holder: Hashable, Sendable {
    /// Which host.
    public let owner: OwnerID
    /// Whether it has the root's key, and so gives the others their intermediates.
    public let hasRoot: Bool
    /// Since when, in seconds since 1970.
    public let since_s: Int64
  }

  /// A host that has the role no more.
  public struct Revoked: Hashable, Sendable {
    /// Which host.
    public let owner: OwnerID
    /// Until when its intermediates are refused: then the last of them has expired.
    public let until_s: Int64
  }

  /// Bytes of the longest: every host's name at its longest, and the trust domain's.
  public static let maxBytes = 32 << 10

  /// Whose authorities they are.
  public let trustDomain: TrustDomain
  /// Greater with every change; never negative.
  public let version: Int64
  /// Who has the role, those with the root first.
  public let holders: [Holder]
  /// Who had it.
  public let revoked: [Revoked]
  /// SHA-256 of the root that signed it.
  public let root: [UInt8]
  private let signature: [UInt8]

  init(
    _ trustDomain: TrustDomain,
    version: Int64,
    holders: [Holder],
    revoked: [Revoked],
    root: StoredCertificate,
    signer: CertificateKey
  ) throws(AuthorityError) {
    self.trustDomain = trustDomain
    self.version = version
    self.holders = holders
    self.revoked = revoked
    self.root = root.fingerprint
    let statement = Self.statement(trustDomain, version, holders, revoked, root.fingerprint)
    do { signature = Array(try signer.key.signature(for: statement).rawRepresentation) } catch {
      throw .library("\(error)")
    }
  }

  /// Reads what `encoded` wrote; the signature is not looked at yet.
  public init(decoding bytes: [UInt8]) throws(AuthorityError) {
    self = try decodeSequence(bytes, limit: Self.maxBytes, as: "the roster of authorities") { try Self(&$0) }
  }

  /// DER, as it travels.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      Self.put(&parts, trustDomain, version, holders, revoked, root)
      parts.put(signature)
    }
  }

  /// Whether a root of that bundle signed it, for the same trust domain.
  public func isSigned(byRootOf known: TrustBundle) -> Bool {
    guard known.trustDomain == trustDomain, let der = known.roots.first(where: { sha256($0) == root }),
      let certificate = StoredCertificate(der: der),
      let key = P256.Signing.PublicKey(certificate.certificate.publicKey),
      let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
    else { return false }
    return key.isValidSignature(
      signature,
      for: Self.statement(trustDomain, version, holders, revoked, root)
    )
  }

  /// The host's entry; nil where it has not the role.
  public func holder(_ owner: OwnerID) -> Holder? { holders.first { $0.owner == owner } }

  /// Whose word admits owners of records, beside the root's.
  public var owners: Set<OwnerID> { Set(holders.map(\.owner)) }

  /// Keys of hosts whose intermediates are refused.
  public var revokedKeys: Set<KeyFingerprint> { Set(revoked.map(\.owner.key)) }

  private static let format: Int64 = 1

  /// What is signed. It begins like nothing else that a root signs.
  private static func statement(
    _ trustDomain: TrustDomain,
    _ version: Int64,
    _ holders: [Holder],
    _ revoked: [Revoked],
    _ root: [UInt8]
  ) -> [UInt8] {
    Array("weft roster of authorities\n".utf8)
      + encodedSequence { put(&$0, trustDomain, version, holders, revoked, root) }
  }

  private static func put(
    _ parts: inout DER.Serializer,
    _ trustDomain: TrustDomain,
    _ version: Int64,
    _ holders: [Holder],
    _ revoked: [Revoked],
    _ root: [UInt8]
  ) {
    parts.put(format)
    parts.put(trustDomain.name)
    parts.put(version)
    parts.put(each: holders) { parts, holder in
      parts.appendConstructedNode(identifier: .sequence) { parts in
        parts.put(holder.owner)
        parts.put(Int64(holder.hasRoot ? 1 : 0))
        parts.put(holder.since_s)
      }
    }
    parts.put(each: revoked) { parts, one in
      parts.appendConstructedNode(identifier: .sequence) { parts in
        parts.put(one.owner)
        parts.put(one.until_s)
      }
    }
    parts.put(root)
  }

  private init(_ parts: inout ASN1NodeCollection.Iterator) throws {
    guard try parts.number() == Self.format else { throw UnexpectedPart() }
    trustDomain = try TrustDomain(parts.text(limit: TrustDomain.maxBytes))
    version = try parts.count()
    holders = try parts.each(limit: AuthorityLimit.holders) {
      try $0.inner { parts in
        let owner = try parts.owner()
        guard let hasRoot = [0: false, 1: true][try parts.number()] else { throw UnexpectedPart() }
        return Holder(owner: owner, hasRoot: hasRoot, since_s: try parts.number())
      }
    }
    revoked = try parts.each(limit: AuthorityLimit.rosterHosts) {
      try $0.inner { Revoked(owner: try $0.owner(), until_s: try $0.number()) }
    }
    root = try parts.block(exactly: SHA256.byteCount)
    signature = try parts.block(exactly: OwnerKey.signatureBytes)
  }
}

extension DER.Serializer {
  fileprivate mutating func put(_ owner: OwnerID) {
    put(owner.name)
    put(owner.key.bytes)
  }
}

extension ASN1NodeCollection.Iterator {
  fileprivate mutating func owner() throws -> OwnerID {
    let name = try text(limit: OwnerName.maxBytes)
    guard OwnerName.isValid(name), let key = KeyFingerprint(try block(exactly: SHA256.byteCount)) else {
      throw UnexpectedPart()
    }
    return OwnerID(name: name, key: key)
  }
}
