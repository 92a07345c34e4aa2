public import MeshModel

/// A certificate authority as a value: its roots, its intermediate, its keys. Time and chance are parameters.
///
/// Whoever changes it writes `keys.encoded` first, then `encoded`, and only then acts on what came of it. A crash between
/// the two leaves a state that at most makes a new intermediate.
public struct AuthorityState: Sendable {
  /// Whose authority it is.
  public let trustDomain: TrustDomain
  /// The private keys.
  public internal(set) var keys: AuthorityKeys

  /// One root, and how far it is.
  struct Root: Sendable {
    var certificate: StoredCertificate
    var phase: Phase
    /// Since when it is in this phase.
    var since_s: Int64
  }

  /// A root's life in the bundle: it comes before it signs, and goes after what it signed has expired.
  enum Phase: Int64, Sendable {
    case published = 1
    case signing = 2
    case retiring = 3
  }

  /// Greater with every change of the bundle.
  var version: Int64
  /// The bundle's, of which exactly one signs.
  var roots: [Root]
  /// The current one is the last; the others are shown until they expire.
  var intermediates: [StoredCertificate]
  /// Those that left the bundle, the oldest first.
  var formerRootCertificates: [StoredCertificate]
  /// What roots that left said of those that followed them.
  var lastWords: [Handover]
  /// Those that are believed no more before their time, the oldest first.
  var forgotten: [Forgotten]

  init(
    trustDomain: TrustDomain,
    keys: AuthorityKeys,
    version: Int64,
    roots: [Root],
    intermediates: [StoredCertificate],
    formerRoots: [StoredCertificate],
    lastWords: [Handover] = [],
    forgotten: [Forgotten] = []
  ) {
    self.trustDomain = trustDomain
    self.keys = keys
    self.version = version
    self.roots = roots
    self.intermediates = intermediates
    formerRootCertificates = formerRoots
    self.lastWords = lastWords
    self.forgotten = forgotten
  }

  /// The authority of a new mesh, with a root and an intermediate of its own.
  public init(new trustDomain: TrustDomain, now_s: Int64) throws(AuthorityError) {
    try Self.check(now_s)
    let key = CertificateKey()
    let root = try CertificateMaker.root(trustDomain, key: key, now_s: now_s)
    self.init(
      trustDomain: trustDomain,
      keys: AuthorityKeys(),
      version: 0,
      roots: [Root(certificate: root, phase: .signing, since_s: now_s)],
      intermediates: [],
      formerRoots: []
    )
    keys.add(key)
    bundleChanged(now_s)
    try renewIntermediate(now_s)
  }

  /// The roots by which peers verify now.
  public var bundle: TrustBundle {
    TrustBundle(trustDomain: trustDomain, version: version, roots: roots.map(\.certificate.der))
  }

  /// DER of the roots that left the bundle. They verify no certificate any more, and still vouch for the credentials that
  /// they signed (`AgentKeyring`).
  public var formerRoots: [[UInt8]] { formerRootCertificates.map(\.der) }

  /// DER of the intermediates that have not expired, the current one last.
  public var issuers: [[UInt8]] { intermediates.map(\.der) }

  /// SHA-256 of the root that signs, by which a join token pins it.
  public var pin: [UInt8] { signingRoot.fingerprint }

  /// When signing moves to a root that is published already; nil where none is. A join token must end before.
  public var signingMoves_s: Int64? {
    roots.first { $0.phase == .published }.map { $0.since_s + AuthorityTiming.propagation_s }
  }

  /// What keeps the authority from issuing at `now_s`, if anything does.
  public func fault(now_s: Int64) -> AuthorityError? {
    let root = signingRoot
    if now_s > root.notAfter_s { return .rootExpired(at_s: root.notAfter_s) }
    if now_s < root.notBefore_s { return .rootNotYetValid(from_s: root.notBefore_s) }
    return signer(now_s) == nil ? .noSigner : nil
  }

  /// Every value has one that signs: the initializers see to it, and rotation exchanges it.
  var signingRoot: StoredCertificate {
    guard let root = roots.first(where: { $0.phase == .signing }) else {
      preconditionFailure("an authority without a root that signs")
    }
    return root.certificate
  }

  /// What signs leaves at `now_s`; nil where it is missing or not valid.
  func signer(_ now_s: Int64) -> (certificate: StoredCertificate, key: CertificateKey)? {
    guard let current = intermediates.last, current.isValid(at: now_s), let key = keys.key(of: current) else {
      return nil
    }
    return (current, key)
  }

  /// The clock's reading becomes part of the version: an authority that was restored from a backup does not repeat one.
  mutating func bundleChanged(_ now_s: Int64) { version = max(version + 1, now_s) }

  static func check(_ now_s: Int64) throws(AuthorityError) {
    guard AuthorityTiming.clock_s.contains(now_s) else { throw .clock(now_s) }
  }
}
