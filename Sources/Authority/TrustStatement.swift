internal import Crypto
internal import MeshModel
internal import SwiftASN1
internal import X509

/// A root's word on all roots of its mesh: which are believed now, and which vouch for owners still. Whoever has one of the
/// roots of before can verify it, so it matters not which host passed it on.
public struct TrustStatement: Hashable, Sendable {
  /// Bytes of the longest: as many roots as a mesh may have.
  public static let maxBytes = AuthorityLimit.stateBytes

  /// The roots of now.
  public let bundle: TrustBundle
  /// DER of the roots that left the bundle.
  public let formerRoots: [[UInt8]]
  /// SHA-256 of the root that signed it.
  public let root: [UInt8]
  private let signature: [UInt8]

  init(
    _ bundle: TrustBundle,
    formerRoots: [[UInt8]],
    root: StoredCertificate,
    signer: CertificateKey
  ) throws(AuthorityError) {
    self.bundle = bundle
    self.formerRoots = formerRoots
    self.root = root.fingerprint
    let statement = Self.statement(bundle, formerRoots, root.fingerprint)
    do { signature = Array(try signer.key.signature(for: statement).rawRepresentation) } catch {
      throw .library("\(error)")
    }
  }

  /// Reads what `encoded` wrote; the signature is not looked at yet.
  public init(decoding bytes: [UInt8]) throws(AuthorityError) {
    self = try decodeSequence(bytes, limit: Self.maxBytes, as: "a statement of roots") { try Self(&$0) }
  }

  private init(_ parts: inout ASN1NodeCollection.Iterator) throws {
    guard try parts.number() == Self.format else { throw UnexpectedPart() }
    bundle = TrustBundle(
      trustDomain: try TrustDomain(parts.text(limit: TrustDomain.maxBytes)),
      version: try parts.count(),
      roots: try parts.each(limit: AuthorityLimit.bundleRoots) {
        try $0.block(limit: AuthorityLimit.certificateBytes)
      }
    )
    formerRoots = try parts.each(limit: AuthorityLimit.formerRoots) {
      try $0.block(limit: AuthorityLimit.certificateBytes)
    }
    root = try parts.block(exactly: SHA256.byteCount)
    signature = try parts.block(exactly: OwnerKey.signatureBytes)
  }

  /// DER, as it travels.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      Self.put(&parts, bundle, formerRoots, root)
      parts.put(signature)
    }
  }

  /// Whether a root of that bundle signed it, for the same trust domain.
  public func isSigned(byRootOf known: TrustBundle) -> Bool {
    guard known.trustDomain == bundle.trustDomain, let der = known.roots.first(where: { sha256($0) == root }),
      let certificate = StoredCertificate(der: der),
      let key = P256.Signing.PublicKey(certificate.certificate.publicKey),
      let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
    else { return false }
    return key.isValidSignature(signature, for: Self.statement(bundle, formerRoots, root))
  }

  private static let format: Int64 = 1

  /// What is signed. It begins like nothing else that a root signs.
  private static func statement(_ bundle: TrustBundle, _ formerRoots: [[UInt8]], _ root: [UInt8]) -> [UInt8] {
    Array("weft statement of roots\n".utf8) + encodedSequence { put(&$0, bundle, formerRoots, root) }
  }

  private static func put(
    _ parts: inout DER.Serializer,
    _ bundle: TrustBundle,
    _ formerRoots: [[UInt8]],
    _ root: [UInt8]
  ) {
    parts.put(format)
    parts.put(bundle.trustDomain.name)
    parts.put(bundle.version)
    parts.put(each: bundle.roots) { $0.put($1) }
    parts.put(each: formerRoots) { $0.put($1) }
    parts.put(root)
  }
}

extension AuthorityState {
  /// Says which roots the mesh has and had, signed by the one that signs now: hosts have it since it was published.
  public func trustStatement() throws(AuthorityError) -> TrustStatement {
    guard let signer = keys.key(of: signingRoot) else { throw .missingKey(of: "the root") }
    return try TrustStatement(bundle, formerRoots: formerRoots, root: signingRoot, signer: signer)
  }
}
