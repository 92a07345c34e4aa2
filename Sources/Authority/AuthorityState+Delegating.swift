public import Replication
internal import X509

/// What only the holder of the root does: it says who else has the role, and gives them their intermediates.
extension AuthorityState {
  /// The roster as it should be now, of which this host is `owner`: the one of before where nothing is different, else one
  /// with a greater version, signed by the root that signs now.
  public func roster(of owner: OwnerID, after former: AuthorityRoster?, now_s: Int64) throws(AuthorityError)
    -> AuthorityRoster
  {
    let others = (former?.holders ?? []).filter { $0.owner != owner && !$0.hasRoot }
    let own = former?.holder(owner).flatMap { $0.hasRoot ? $0 : nil }
    let revoked = (former?.revoked ?? []).filter { $0.owner != owner && now_s <= $0.until_s }
    let holders = [own ?? AuthorityRoster.Holder(owner: owner, hasRoot: true, since_s: now_s)] + others
    if let former, former.root == pin, former.holders == holders, former.revoked == revoked { return former }
    return try signed(holders, revoked, after: former, now_s)
  }

  /// Gives the role to a host. That it is of the mesh is shown when it asks for its intermediate.
  public func grant(_ owner: OwnerID, in roster: AuthorityRoster, now_s: Int64) throws(AuthorityError)
    -> AuthorityRoster
  {
    guard OwnerName.isValid(owner.name) else { throw .owner("the host name is not one: \(OwnerName.rule)") }
    guard roster.holder(owner) == nil else { throw .isAuthority(owner) }
    let revoked = roster.revoked.filter { $0.owner != owner }
    // Whoever has the role can lose it: that always has room.
    guard roster.holders.count < AuthorityLimit.holders,
      roster.holders.count + revoked.count < AuthorityLimit.rosterHosts
    else { throw .tooManyAuthorities }
    let holder = AuthorityRoster.Holder(owner: owner, hasRoot: false, since_s: now_s)
    return try signed(roster.holders + [holder], revoked, after: roster, now_s)
  }

  /// Takes the role back: the host's intermediates are refused from now on, until the last of them has expired.
  public func revoke(_ owner: OwnerID, in roster: AuthorityRoster, now_s: Int64) throws(AuthorityError)
    -> AuthorityRoster
  {
    guard let holder = roster.holder(owner) else { throw .noAuthority(owner) }
    guard !holder.hasRoot else { throw .hasRoot(owner) }
    let until_s = now_s + AuthorityTiming.intermediateLife_s + AuthorityTiming.skew_s
    return try signed(
      roster.holders.filter { $0.owner != owner },
      roster.revoked + [AuthorityRoster.Revoked(owner: owner, until_s: until_s)],
      after: roster,
      now_s
    )
  }

  /// The intermediate of a host that has the role, for the key of its request (DER). It says whose it is, so that it can be
  /// refused by the owner's name and not one by one.
  public func delegate(to owner: OwnerID, request: [UInt8], in roster: AuthorityRoster, now_s: Int64)
    throws(AuthorityError) -> [UInt8]
  {
    try Self.check(now_s)
    guard let holder = roster.holder(owner), !holder.hasRoot else { throw .noAuthority(owner) }
    let key: Certificate.PublicKey
    do { key = try CertificateRequest.publicKey(of: request) } catch { throw .request(error) }
    let root = signingRoot
    if now_s > root.notAfter_s { throw .rootExpired(at_s: root.notAfter_s) }
    if now_s < root.notBefore_s { throw .rootNotYetValid(from_s: root.notBefore_s) }
    guard let signer = keys.key(of: root) else { throw .missingKey(of: "the root") }
    return try CertificateMaker.intermediate(
      trustDomain,
      key: key,
      of: owner.key,
      under: root,
      signer: signer,
      now_s: now_s
    ).der
  }

  /// The clock's reading becomes part of the version, so a holder that was restored from a backup does not repeat one.
  private func signed(
    _ holders: [AuthorityRoster.Holder],
    _ revoked: [AuthorityRoster.Revoked],
    after former: AuthorityRoster?,
    _ now_s: Int64
  ) throws(AuthorityError) -> AuthorityRoster {
    try Self.check(now_s)
    guard let signer = keys.key(of: signingRoot) else { throw .missingKey(of: "the root") }
    return try AuthorityRoster(
      trustDomain,
      version: max((former?.version ?? 0) + 1, now_s, 1),
      holders: holders,
      revoked: revoked,
      root: signingRoot,
      signer: signer
    )
  }
}
