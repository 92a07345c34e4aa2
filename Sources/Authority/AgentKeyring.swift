public import MeshModel
public import Replication
internal import Synchronization

/// Replication's signatures and hashes, by the mesh's roots and this host's key.
///
/// It admits by every root that the mesh ever had: a credential is asked who its owner is, not whether anything is still
/// valid. What another authority than the root says of an owner counts while the roster names that one. It is shared by the threads of the agent; its own state is a cache and the roots.
public final class AgentKeyring: Keyring {
  /// Credentials remembered: those of all owners that a replica may hold. Beyond it the cache starts anew.
  static let maxCached = ReplicationLimits.owners

  private let key: HostKey?
  private let trustDomain: TrustDomain
  private let state: Mutex<State>

  private struct State {
    var roots: [[UInt8]: StoredCertificate]
    var authorities: Set<OwnerID>
    var generation: UInt64 = 0
    var admitted: [OwnerID: Admitted] = [:]
  }

  private struct Admitted: Sendable {
    var credential: [UInt8]
    var key: OwnerKey
  }

  /// A keyring for one host.
  ///
  /// - Parameters:
  ///   - key: What signs this host's records; nil where it only reads others'.
  ///   - roots: DER of all roots that the mesh has and had.
  ///   - authorities: Who else admits owners now (`AuthorityRoster.owners`).
  /// - Throws: `.malformed` where one cannot be read or is of another trust domain.
  public init(
    key: HostKey?,
    trustDomain: TrustDomain,
    roots: [[UInt8]],
    authorities: Set<OwnerID> = []
  ) throws(AuthorityError) {
    self.key = key
    self.trustDomain = trustDomain
    state = Mutex(State(roots: try Self.read(roots, of: trustDomain), authorities: authorities))
  }

  /// These are the roots that the mesh has and had, and the authorities that it has, from now on. What others signed is
  /// admitted no more.
  public func update(roots: [[UInt8]], authorities: Set<OwnerID> = []) throws(AuthorityError) {
    let roots = try Self.read(roots, of: trustDomain)
    state.withLock { state in
      guard Set(state.roots.keys) != Set(roots.keys) || state.authorities != authorities else { return }
      state.roots = roots
      state.authorities = authorities
      state.admitted = [:]
      state.generation += 1
    }
  }

  private static func read(
    _ roots: [[UInt8]],
    of trustDomain: TrustDomain
  ) throws(AuthorityError) -> [[UInt8]: StoredCertificate] {
    guard (1...AuthorityLimit.bundleRoots + AuthorityLimit.formerRoots).contains(roots.count) else {
      throw .malformed("the list of all roots")
    }
    var table: [[UInt8]: StoredCertificate] = [:]
    for der in roots {
      guard let root = StoredCertificate(der: der), root.isRoot, root.uris == [SPIFFEID(of: trustDomain).description]
      else {
        throw .malformed("a root of the mesh")
      }
      table[root.fingerprint] = root
    }
    return table
  }

  /// Counts the changes of roots: who was admitted before may not be any more.
  public var generation: UInt64 { state.withLock { $0.generation } }

  /// Says that a host may own records, as the authority that this host is: `own` is its credential, of a root's.
  public func admit(
    _ ownerName: String,
    publicKey: [UInt8],
    by own: [UInt8],
    now_s: Int64
  ) throws(AuthorityError) -> OwnerCredential {
    try OwnerCredential(
      by: OwnerCredential(decoding: own),
      ownerName: ownerName,
      publicKey: publicKey,
      now_s: now_s,
      sign: sign
    )
  }

  /// Whether a root of the mesh, or an authority that it has now, has signed that this name and key belong together.
  public func admits(_ owner: OwnerID, credential: [UInt8]) -> Bool { admitted(owner, credential) != nil }

  /// Whether the owner signed `message`.
  public func verify(_ signature: [UInt8], of message: [UInt8], by owner: OwnerID, credential: [UInt8]) -> Bool {
    guard let key = admitted(owner, credential) else { return false }
    return key.verify(signature, of: message)
  }

  /// This host's signature.
  public func sign(_ message: [UInt8]) -> [UInt8]? { key?.sign(message) }

  /// Proof that this host has its key, bound to a certificate request; nil where it has none.
  public func proof(for certificateRequest: [UInt8]) -> [UInt8]? { key?.proof(for: certificateRequest) }

  /// The first 16 bytes of SHA-256.
  public func hash(_ bytes: [UInt8]) -> SetDigest {
    SetDigest(value: sha256(bytes).prefix(16).reduce(0) { $0 << 8 | UInt128($1) })
  }

  /// The owner's key, where `credential` is its own and good. It is verified once, outside of the lock.
  private func admitted(_ owner: OwnerID, _ credential: [UInt8]) -> OwnerKey? {
    let known = state.withLock { $0.admitted[owner] }
    if let known, known.credential == credential { return known.key }
    guard let statement = try? OwnerCredential(decoding: credential), statement.trustDomain == trustDomain,
      statement.owner == owner, let key = OwnerKey(statement.publicKey)
    else { return nil }
    let (root, authorities, generation) = state.withLock {
      ($0.roots[statement.root], $0.authorities, $0.generation)
    }
    guard let root, Self.isGood(statement, root, authorities) else { return nil }
    state.withLock { state in
      // The roots may have changed meanwhile: then this was true when it was asked, and is not kept.
      guard state.generation == generation else { return }
      if state.admitted.count >= Self.maxCached { state.admitted = [:] }
      state.admitted[owner] = Admitted(credential: credential, key: key)
    }
    return key
  }

  /// An authority's own credential must be the root's, so that a name in the roster alone admits nobody.
  private static func isGood(_ statement: OwnerCredential, _ root: StoredCertificate, _ authorities: Set<OwnerID>)
    -> Bool
  {
    guard !statement.isRoots else { return statement.isSigned(by: root) }
    guard let authority = try? OwnerCredential(decoding: statement.authority), authorities.contains(authority.owner)
    else { return false }
    return authority.isSigned(by: root) && statement.isSigned(by: authority)
  }
}
