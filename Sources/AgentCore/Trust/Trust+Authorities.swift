internal import AgentStore
internal import Authority
internal import Logging
internal import MeshModel
internal import PeerService
internal import Replication

/// Who has the authority's role, as far as this host is concerned: the roster, and what it signs by itself.
extension Trust {
  /// Keys of hosts whose intermediates are refused.
  var revokedKeys: Set<KeyFingerprint> { roster?.revokedKeys ?? [] }

  /// Whose word admits owners, beside the root's.
  var admitters: Set<OwnerID> { roster?.owners ?? [] }

  /// Believes the newest of these rosters that a root has signed; whether it is news. What is no roster is left: any host
  /// can write a record.
  func adopt(rosters: [[UInt8]]) throws -> Bool {
    guard let newest = newest(rosters), newest.version > roster?.version ?? -1 else { return false }
    try take(newest)
    return true
  }

  /// The roster that this host believes, where none of these is as new.
  func newerRoster(than rosters: [[UInt8]]) -> AuthorityRoster? {
    roster.flatMap { own in own.version > newest(rosters)?.version ?? -1 ? own : nil }
  }

  private func newest(_ rosters: [[UInt8]]) -> AuthorityRoster? {
    let signed = rosters.compactMap { try? AuthorityRoster(decoding: $0) }.filter { $0.isSigned(byRootOf: bundle) }
    return signed.max { $0.version < $1.version }
  }

  /// The roster of a mesh whose root this host has, brought up to date; nil on any other host.
  func ownRoster(_ own: OwnerID) throws -> AuthorityRoster? {
    guard let authority else { return nil }
    let next = try authority.roster(of: own, after: roster, now_s: now_s)
    if next != roster { try take(next) }
    return next
  }

  /// Gives the role to a host, or takes it back.
  func change(_ owner: OwnerID, isGranted: Bool, own: OwnerID) throws {
    guard let authority, let roster = try ownRoster(own) else {
      throw MeshRefusal(
        "this host has not the root's key, which says who has the role; ask the one that has, see `weft authority list`"
      )
    }
    try take(
      isGranted
        ? authority.grant(owner, in: roster, now_s: now_s) : authority.revoke(owner, in: roster, now_s: now_s)
    )
  }

  private func take(_ new: AuthorityRoster) throws {
    try store.set([TrustMemory.Key.roster: new.encoded])
    let isOther = new.revoked != roster?.revoked || new.holders != roster?.holders
    roster = new
    guard isOther else { return }
    // Before anything else is signed: what is refused by others is of no use to this host either.
    if let key = delegate?.holder, revokedKeys.contains(key) { try dropDelegate() }
    // What a host signed that has lost the role is replaced at once: programs' peers of this mesh may refuse it.
    for (name, one) in held where isRevoked(one.identity.certificate.chain) { held[name]?.discard() }
    // Whose word they are counts no more, perhaps; another is had for the asking.
    heldJWTs = [:]
    changed()
  }

  /// Whether one has signed this chain that has the role no more.
  func isRevoked(_ chain: [[UInt8]]) -> Bool {
    guard !revokedKeys.isEmpty, let verifier = try? PeerVerifier(bundle, revoked: revokedKeys) else { return false }
    do throws(PeerRefusal) { _ = try verifier.verify(chain, now_s: now_s) } catch {
      if case .revoked = error { return true }
    }
    return false
  }

  // MARK: With the root

  /// The intermediate of a host that has the role.
  func delegate(_ owner: OwnerID, request: [UInt8]) throws -> [UInt8] {
    guard let authority, let roster else { throw PeerError.refused("this host has not the root's key") }
    return try authority.delegate(to: owner, request: request, in: roster, now_s: now_s)
  }

  /// The root's credential for an owner that another authority admitted.
  func confirm(_ credential: OwnerCredential) throws -> [UInt8] {
    guard let authority else { throw PeerError.refused("this host has not the root's key") }
    return try authority.admit(ownerName: credential.ownerName, publicKey: credential.publicKey, now_s: now_s).encoded
  }

  // MARK: Without it

  /// What is to be done about this host's own intermediate.
  enum DelegateNeed {
    case nothing
    case another
    case none
  }

  func delegateNeed(_ own: OwnerID) -> DelegateNeed {
    guard authority == nil, let roster else { return .nothing }
    guard roster.holder(own) != nil else { return delegate == nil ? .nothing : .none }
    guard let delegate else { return .another }
    return delegate.isDue(now_s: now_s, root: roster.root) ? .another : .nothing
  }

  /// Signs by this intermediate from now on.
  func take(intermediate: [UInt8], key: SecretBytes, of own: OwnerID) throws {
    let new = try DelegatedAuthority(intermediate, key: key, of: own, bundle: bundle, now_s: now_s, using: &random)
    try TrustMemory.save(new, to: store)
    let isFirst = delegate == nil
    delegate = new
    log.notice("\(isFirst ? "this host signs for others now" : "this host signs with a new intermediate")")
    changed()
  }

  /// Signs for nobody any more.
  func dropDelegate() throws {
    try TrustMemory.save(nil, to: store)
    delegate = nil
    log.notice("this host has the authority's role no more")
    changed()
  }

  /// What an operator should know of this host's role.
  func authorityWarnings(_ own: OwnerID, lastFailure: String?) -> [String] {
    guard authority == nil, roster?.holder(own) != nil else { return [] }
    let why = lastFailure.map { ": \($0)" } ?? ""
    guard let delegate else {
      return ["this host has the authority's role and no intermediate yet, so it signs for nobody\(why)"]
    }
    // A week beyond its time, of six that are left: a host that is mended within days is nobody's worry.
    guard now_s > delegate.renewsAt_s + Self.overdue_s else { return [] }
    let left = max(0, delegate.notAfter_s - now_s) / 86_400
    return [
      "this host's intermediate could not be renewed and signs for \(left) more days\(why); "
        + "bring the root's holder back, or restore its backup: see `weft authority list`"
    ]
  }

  /// Seconds after its time that an intermediate may wait for the next without a warning.
  static let overdue_s: Int64 = 7 * 86_400
}
