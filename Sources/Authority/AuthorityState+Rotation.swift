/// What a `tick` did.
public enum AuthorityChange: Hashable, Sendable {
  /// A new intermediate signs from now on; certificates of the one before stay valid, since they carry it.
  case intermediateRenewed
  /// A new root is in the bundle; it signs once every peer has it.
  case rootPublished
  /// A root that was published and had not signed yet is gone again: it begins in the future, so a clock was wrong.
  case rootWithdrawn
  /// The new root signs.
  case signingMoved
  /// An old root left the bundle: all that it signed has expired.
  case rootRetired
  /// A root is believed no more before its time.
  case rootForgotten
}

extension AuthorityState {
  /// Does what is due. Once a minute is often enough; where nothing is due, it costs nothing.
  ///
  /// - Throws: where a key is missing or a certificate cannot be made; then nothing has changed.
  public mutating func tick(now_s: Int64) throws(AuthorityError) -> [AuthorityChange] {
    try Self.check(now_s)
    var next = self
    var changes: [AuthorityChange] = []
    if next.withdraw(now_s) { changes.append(.rootWithdrawn) }
    if try next.moveSigning(now_s) { changes += [.signingMoved, .intermediateRenewed] }
    if next.isRootDue(now_s) {
      try next.publishRoot(now_s)
      changes.append(.rootPublished)
    }
    if try next.retire(now_s) { changes.append(.rootRetired) }
    if next.isIntermediateDue(now_s) {
      try next.renewIntermediate(now_s)
      changes.append(.intermediateRenewed)
    }
    if !changes.isEmpty { self = next }
    return changes
  }

  /// Replaces the intermediate at once.
  public mutating func rotateIntermediate(now_s: Int64) throws(AuthorityError) -> [AuthorityChange] {
    try Self.check(now_s)
    var next = self
    try next.renewIntermediate(now_s)
    self = next
    return [.intermediateRenewed]
  }

  /// Begins to replace the root: publishes a new one, to which `tick` moves the signing. Where the present root is not
  /// valid at `now_s`, nobody is left to be spared an outage, and the new one signs at once.
  public mutating func rotateRoot(now_s: Int64) throws(AuthorityError) -> [AuthorityChange] {
    try Self.check(now_s)
    if let moves_s = signingMoves_s { throw .rotationUnderWay(moves_s: moves_s) }
    guard formerRootCertificates.count < AuthorityLimit.formerRootsByHand, roots.count < AuthorityLimit.bundleRoots
    else { throw .tooManyRoots }
    var next = self
    try next.publishRoot(now_s)
    guard !signingRoot.isValid(at: now_s) else {
      self = next
      return [.rootPublished]
    }
    try next.moveSigning(now_s, atOnce: true)
    self = next
    return [.rootPublished, .signingMoved, .intermediateRenewed]
  }

  private func isRootDue(_ now_s: Int64) -> Bool {
    let root = signingRoot
    return signingMoves_s == nil && roots.count < AuthorityLimit.bundleRoots
      && root.isValid(at: now_s) && now_s >= root.halfLife_s
  }

  /// Also where its key is missing, or where a clock was wrong when it was made.
  private func isIntermediateDue(_ now_s: Int64) -> Bool {
    guard signingRoot.isValid(at: now_s) else { return false }
    guard let (current, _) = signer(now_s) else { return true }
    return now_s >= current.halfLife_s && signingRoot.notAfter_s > current.notAfter_s
  }

  private mutating func publishRoot(_ now_s: Int64) throws(AuthorityError) {
    let key = CertificateKey()
    let root = try CertificateMaker.root(trustDomain, key: key, now_s: now_s)
    keys.add(key)
    roots.append(Root(certificate: root, phase: .published, since_s: now_s))
    bundleChanged(now_s)
  }

  /// A clock that was far ahead and is right again must not leave a root behind that is of no use for years.
  private mutating func withdraw(_ now_s: Int64) -> Bool {
    guard let index = roots.firstIndex(where: { $0.phase == .published }),
      now_s < roots[index].certificate.notBefore_s
    else { return false }
    roots.remove(at: index)
    bundleChanged(now_s)
    dropKeys()
    return true
  }

  @discardableResult
  private mutating func moveSigning(_ now_s: Int64, atOnce: Bool = false) throws(AuthorityError) -> Bool {
    guard let index = roots.firstIndex(where: { $0.phase == .published }),
      atOnce || now_s >= roots[index].since_s + AuthorityTiming.propagation_s
    else { return false }
    for old in roots.indices where roots[old].phase == .signing {
      roots[old].phase = .retiring
      roots[old].since_s = now_s
    }
    roots[index].phase = .signing
    roots[index].since_s = now_s
    try renewIntermediate(now_s)
    return true
  }

  /// A root that has expired itself is of no use to wait for.
  private mutating func retire(_ now_s: Int64) throws(AuthorityError) -> Bool {
    let gone = roots.filter { root in
      root.phase == .retiring
        && (now_s >= root.leaves_s || now_s > root.certificate.notAfter_s + AuthorityTiming.skew_s)
    }
    guard !gone.isEmpty else { return false }
    let fingerprints = Set(gone.map(\.certificate.fingerprint))
    roots.removeAll { fingerprints.contains($0.certificate.fingerprint) }
    formerRootCertificates += gone.map(\.certificate)
    formerRootCertificates.removeFirst(max(0, formerRootCertificates.count - AuthorityLimit.formerRoots))
    bundleChanged(now_s)
    try handOver(from: gone, now_s: now_s)
    dropKeys()
    return true
  }

  mutating func renewIntermediate(_ now_s: Int64) throws(AuthorityError) {
    let root = signingRoot
    guard let signer = keys.key(of: root) else { throw .missingKey(of: "the root") }
    let key = CertificateKey()
    let intermediate = try CertificateMaker.intermediate(
      trustDomain,
      key: key.publicKey,
      under: root,
      signer: signer,
      now_s: now_s
    )
    intermediates.removeAll { $0.notAfter_s + AuthorityTiming.skew_s < now_s }
    intermediates.removeFirst(max(0, intermediates.count + 1 - AuthorityLimit.shownIntermediates))
    intermediates.append(intermediate)
    keys.add(key)
    dropKeys()
  }

  /// The key of an intermediate that was replaced is gone at once; that of a root, when it leaves the bundle.
  mutating func dropKeys() {
    keys.keep(only: roots.map(\.certificate) + intermediates.suffix(1))
  }
}

extension AuthorityState.Root {
  /// When it leaves the bundle, where it is retiring.
  var leaves_s: Int64 { since_s + AuthorityTiming.retirement_s }
}
