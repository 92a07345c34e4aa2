extension AuthorityState {
  /// A root that is believed no more before its time, and since when.
  struct Forgotten: Sendable {
    var certificate: StoredCertificate
    var at_s: Int64
  }

  /// Forgets a root that does not sign any more, as when its key has come into wrong hands. It verifies no certificate from now
  /// on, vouches for no owner, and has no last word.
  public mutating func forget(root fingerprint: [UInt8], now_s: Int64) throws(AuthorityError) {
    try Self.check(now_s)
    try drop(root: fingerprint, now_s: now_s)
    bundleChanged(now_s)
  }

  /// Forgets what the root that signs said is forgotten, where this authority does not know it: it was restored from a backup of
  /// before. Whether there was such a thing.
  public mutating func recall(_ statement: TrustStatement, now_s: Int64) throws(AuthorityError) -> Bool {
    guard statement.root == pin, statement.bundle.version > version, statement.isSigned(byRootOf: bundle) else {
      return false
    }
    let known = Set((statement.bundle.roots + statement.formerRoots).map { sha256($0) })
    let gone = (formerRootCertificates + roots.filter { $0.phase == .retiring }.map(\.certificate))
      .map(\.fingerprint).filter { !known.contains($0) }
    for root in gone { try drop(root: root, now_s: now_s) }
    guard !gone.isEmpty else { return false }
    version = statement.bundle.version
    bundleChanged(now_s)
    return true
  }

  private mutating func drop(root fingerprint: [UInt8], now_s: Int64) throws(AuthorityError) {
    let root: StoredCertificate
    if let index = formerRootCertificates.firstIndex(where: { $0.fingerprint == fingerprint }) {
      root = formerRootCertificates.remove(at: index)
    } else if let index = roots.firstIndex(where: { $0.certificate.fingerprint == fingerprint }) {
      guard roots[index].phase == .retiring else { throw .rootInUse }
      root = roots.remove(at: index).certificate
      dropKeys()
    } else {
      throw .unknownRoot
    }
    intermediates.removeAll { $0.isSigned(by: root) }
    lastWords.removeAll { $0.statement.root == fingerprint }
    let recent = forgotten.filter { now_s < $0.at_s + AuthorityTiming.renewal_s }
    forgotten = (recent + [Forgotten(certificate: root, at_s: now_s)]).suffix(AuthorityLimit.handovers)
  }

  /// DER of the roots that were forgotten within a week: hosts whose certificates they vouched for get others by their keys.
  public func forgottenRoots(now_s: Int64) -> [[UInt8]] {
    forgotten.filter { now_s < $0.at_s + AuthorityTiming.renewal_s }.map(\.certificate.der)
  }

  /// SHA-256 of the roots that could be forgotten: those that left the bundle, and those that are about to.
  public var forgettableRoots: [[UInt8]] {
    (formerRootCertificates + roots.filter { $0.phase == .retiring }.map(\.certificate)).map(\.fingerprint)
  }

  /// Until when certificates below a root of the bundle count that signs no more; nil of any other root.
  public func leaves_s(root fingerprint: [UInt8]) -> Int64? {
    roots.first { $0.phase == .retiring && $0.certificate.fingerprint == fingerprint }?.leaves_s
  }

  /// The ends of this host's intermediates that a root has signed and that have not expired.
  public func intermediateEnds(root fingerprint: [UInt8], now_s: Int64) -> [Int64] {
    guard let root = roots.first(where: { $0.certificate.fingerprint == fingerprint })?.certificate else { return [] }
    return intermediates.filter { $0.notAfter_s >= now_s && $0.isSigned(by: root) }.map(\.notAfter_s)
  }
}
