internal import Crypto
public import MeshModel
public import Replication
internal import SwiftASN1
internal import X509

/// The mesh's word that a host of that name with that key may own records, signed by a root.
///
/// The root signs it itself, not an intermediate: documents outlive their writers, so it must be believed long after any
/// intermediate has expired, and then a stolen old intermediate could make owners for ever.
///
/// While the root's holder is away, another authority gives its word instead, by its own host's key. That counts as long as
/// the roster names it, and until the root has confirmed it with a credential of its own.
public struct OwnerCredential: Hashable, Sendable {
  /// Bytes of the longest that a root signed: a trust domain of 255, a name of 253, a key, a hash and a signature.
  static let rootBytes = 768
  /// Bytes of the longest: an authority's has its own inside.
  public static let maxBytes = 2 * rootBytes

  /// The mesh.
  public let trustDomain: TrustDomain
  /// The host's name.
  public let ownerName: String
  /// The host's public key, X9.63.
  public let publicKey: [UInt8]
  /// When it was signed, in seconds since 1970.
  public let issuedAt_s: Int64
  /// SHA-256 of the root that signed it, or the credential of the authority that did.
  public let root: [UInt8]
  /// The credential of the authority that signed it, as `encoded`; empty where the root did.
  let authority: [UInt8]
  private let signature: [UInt8]

  /// Whose it is.
  public var owner: OwnerID { OwnerID(name: ownerName, key: OwnerKey.fingerprint(of: publicKey)) }

  /// Signs for a host. That it may have the name, and has the key, was judged before.
  init(
    _ trustDomain: TrustDomain,
    ownerName: String,
    publicKey: [UInt8],
    root: StoredCertificate,
    signer: CertificateKey,
    now_s: Int64
  ) throws(AuthorityError) {
    guard OwnerName.isValid(ownerName) else { throw .owner("the host name is not one: \(OwnerName.rule)") }
    guard OwnerKey(publicKey) != nil else { throw .owner("the host's public key is not a P-256 point of 65 bytes") }
    self.trustDomain = trustDomain
    self.ownerName = ownerName
    self.publicKey = publicKey
    issuedAt_s = now_s
    self.root = root.fingerprint
    authority = []
    let statement = Self.statement(trustDomain, ownerName, publicKey, now_s, root.fingerprint, [])
    do { signature = Array(try signer.key.signature(for: statement).rawRepresentation) } catch {
      throw .library("\(error)")
    }
  }

  /// Signs for a host as one that has the role and not the root, by `sign` with its host's key.
  init(
    by authority: OwnerCredential,
    ownerName: String,
    publicKey: [UInt8],
    now_s: Int64,
    sign: (_ message: [UInt8]) -> [UInt8]?
  ) throws(AuthorityError) {
    guard OwnerName.isValid(ownerName) else { throw .owner("the host name is not one: \(OwnerName.rule)") }
    guard OwnerKey(publicKey) != nil else { throw .owner("the host's public key is not a P-256 point of 65 bytes") }
    guard authority.isRoots else { throw .owner("the root has not confirmed this authority's own credential yet") }
    trustDomain = authority.trustDomain
    self.ownerName = ownerName
    self.publicKey = publicKey
    issuedAt_s = now_s
    root = authority.root
    self.authority = authority.encoded
    let statement = Self.statement(trustDomain, ownerName, publicKey, now_s, root, self.authority)
    guard let signature = sign(statement) else { throw .missingKey(of: "this host") }
    self.signature = signature
  }

  /// Whether the root itself signed it.
  public var isRoots: Bool { authority.isEmpty }

  /// Reads what `encoded` wrote; the signature is not looked at yet.
  public init(decoding bytes: [UInt8]) throws(AuthorityError) {
    self = try decodeSequence(bytes, limit: Self.maxBytes, as: "an owner's credential") { try Self(&$0) }
  }

  private init(_ parts: inout ASN1NodeCollection.Iterator) throws {
    let format = try parts.number()
    guard format == Self.format || format == Self.authoritysFormat else { throw UnexpectedPart() }
    trustDomain = try TrustDomain(parts.text(limit: TrustDomain.maxBytes))
    ownerName = try parts.text(limit: OwnerName.maxBytes)
    guard OwnerName.isValid(ownerName) else { throw UnexpectedPart() }
    publicKey = try parts.block(exactly: OwnerKey.byteCount)
    issuedAt_s = try parts.number()
    root = try parts.block(exactly: SHA256.byteCount)
    authority = format == Self.format ? [] : try parts.block(limit: Self.rootBytes)
    guard (format == Self.format) == authority.isEmpty else { throw UnexpectedPart() }
    signature = try parts.block(exactly: OwnerKey.signatureBytes)
  }

  /// DER, as it travels with an owner's records.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      Self.put(&parts, trustDomain, ownerName, publicKey, issuedAt_s, root, authority)
      parts.put(signature)
    }
  }

  /// Whether `root` signed it.
  func isSigned(by root: StoredCertificate) -> Bool {
    guard isRoots, self.root == root.fingerprint, let key = P256.Signing.PublicKey(root.certificate.publicKey),
      let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
    else { return false }
    return key.isValidSignature(
      signature,
      for: Self.statement(trustDomain, ownerName, publicKey, issuedAt_s, self.root, [])
    )
  }

  /// Whether the owner of `authority`, a credential that the root signed, signed it.
  func isSigned(by authority: OwnerCredential) -> Bool {
    guard authority.isRoots, authority.trustDomain == trustDomain, let key = OwnerKey(authority.publicKey) else {
      return false
    }
    return key.verify(
      signature,
      of: Self.statement(trustDomain, ownerName, publicKey, issuedAt_s, root, self.authority)
    )
  }

  private static let format: Int64 = 1
  private static let authoritysFormat: Int64 = 2

  /// What is signed. It begins like nothing else that a root signs: certificates begin with a SEQUENCE's 0x30.
  private static func statement(
    _ trustDomain: TrustDomain,
    _ ownerName: String,
    _ publicKey: [UInt8],
    _ issuedAt_s: Int64,
    _ root: [UInt8],
    _ authority: [UInt8]
  ) -> [UInt8] {
    Array("weft owner credential\n".utf8)
      + encodedSequence { put(&$0, trustDomain, ownerName, publicKey, issuedAt_s, root, authority) }
  }

  private static func put(
    _ parts: inout DER.Serializer,
    _ trustDomain: TrustDomain,
    _ ownerName: String,
    _ publicKey: [UInt8],
    _ issuedAt_s: Int64,
    _ root: [UInt8],
    _ authority: [UInt8]
  ) {
    parts.put(authority.isEmpty ? format : authoritysFormat)
    parts.put(trustDomain.name)
    parts.put(ownerName)
    parts.put(publicKey)
    parts.put(issuedAt_s)
    parts.put(root)
    if !authority.isEmpty { parts.put(authority) }
  }
}

extension AuthorityState {
  /// Admits a host to own records, by its name and its public key (X9.63). Whether it may, and has the key
  /// (`HostKey.isProof`), was judged before.
  public func admit(
    ownerName: String,
    publicKey: [UInt8],
    now_s: Int64
  ) throws(AuthorityError) -> OwnerCredential {
    try Self.check(now_s)
    guard let signer = keys.key(of: signingRoot) else { throw .missingKey(of: "the root") }
    return try OwnerCredential(
      trustDomain,
      ownerName: ownerName,
      publicKey: publicKey,
      root: signingRoot,
      signer: signer,
      now_s: now_s
    )
  }
}
