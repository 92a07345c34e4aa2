internal import AgentStore
internal import Authority
internal import MeshModel
internal import PeerService

/// Roots that are believed no more before their time.
extension Trust {
  /// SHA-256 of the root that signs, as far as this host knows.
  private var signingRoot: [UInt8]? { authority?.pin ?? roster?.root }

  /// Whether the root that signs has not signed this credential itself.
  func isOutdated(_ credential: OwnerCredential) -> Bool {
    guard credential.isRoots else { return true }
    return signingRoot.map { $0 != credential.root } ?? false
  }

  // MARK: With the root

  /// SHA-256 of the root that is meant by these digits, of those that could be forgotten.
  func forgettableRoot(_ digits: String) throws -> [UInt8] {
    guard let authority else {
      throw MeshRefusal("this host has not the root's key; ask the one that has, see `weft authority list`")
    }
    let wanted = digits.lowercased()
    guard (Self.fingerprintDigits...64).contains(wanted.count), wanted.allSatisfy(\.isHexDigit) else {
      throw MeshRefusal(
        "\"\(digits)\" is no fingerprint: it takes \(Self.fingerprintDigits) to 64 digits of SHA-256, as `weft identity show` has them"
      )
    }
    let named = authority.forgettableRoots.filter { $0.hexadecimal.hasPrefix(wanted) }
    if let root = named.first, named.count == 1 { return root }
    guard named.isEmpty else { throw MeshRefusal("several roots begin with \(wanted): give more digits") }
    let inUse = bundle.roots.map(Self.fingerprint).contains { $0.hasPrefix(wanted) }
    throw MeshRefusal(
      inUse
        ? "\(AuthorityError.rootInUse)"
        : "\(AuthorityError.unknownRoot); `weft identity show` has those that could be forgotten as \"former root\""
    )
  }

  /// Enough to mean one root and no other.
  private static let fingerprintDigits = 8

  private static func fingerprint(_ der: [UInt8]) -> String { CertificateSummary(der: der)?.sha256.lowercased() ?? "" }

  /// Forgets a root at once, on disk before anybody hears of it.
  func forget(root: [UInt8]) async throws {
    let now_s = now_s
    try change { state throws(AuthorityError) in
      try state.forget(root: root, now_s: now_s)
      return [.rootForgotten]
    }
    discardForeign()
    changed()
    await renewHeld()
  }

  /// The root's word on the roots that hosts are to be told of, where one was forgotten of late and none of `told` says so.
  func untoldRoots(_ told: [[UInt8]]) throws -> [UInt8]? {
    guard let authority, !authority.forgottenRoots(now_s: now_s).isEmpty else { return nil }
    let isTold = told.compactMap { try? TrustStatement(decoding: $0) }.contains {
      $0.bundle.version == bundle.version && $0.root == authority.pin && $0.isSigned(byRootOf: bundle)
    }
    return isTold ? nil : try authority.trustStatement().encoded
  }

  /// The bundle's version, and what this host has of a root: ends of certificates and intermediates below it.
  func dependents(of root: [UInt8]) -> (version: Int64, leaves_s: Int64?, leaves: [String], intermediates_s: [Int64]) {
    guard let leaves_s = authority?.leaves_s(root: root) else { return (bundle.version, nil, [], []) }
    let others = bundle.roots.filter { Self.fingerprint($0) != root.hexadecimal }
    let without = TrustBundle(trustDomain: domain, version: bundle.version, roots: others)
    let leaves = held.filter { isForeign($0.value.identity.certificate.chain, to: without) }.keys.sorted()
    let ends = authority?.intermediateEnds(root: root, now_s: now_s).map { min($0, leaves_s) } ?? []
    return (bundle.version, leaves_s, leaves, ends)
  }

  // MARK: Everybody

  /// Believes the newest of these statements that a root of the bundle has signed; whether it is news. What is none is left: any
  /// host can write a record.
  func adopt(statements: [[UInt8]]) throws -> Bool {
    let signed = statements.compactMap { try? TrustStatement(decoding: $0) }
      .filter { $0.bundle.version > bundle.version && $0.isSigned(byRootOf: bundle) && isWhole($0) }
    guard let newest = signed.max(by: { $0.bundle.version < $1.bundle.version }) else { return false }
    guard authority == nil else { return try recall(newest) }
    let words = toldHandovers.filter { $0.isSigned(byFormer: newest.formerRoots, of: domain) }
    let isNews = newest.bundle.roots != bundle.roots || newest.formerRoots != formerRoots
    let answer = TrustAnswer(
      roots: newest.bundle.roots,
      intermediates: [],
      formerRoots: newest.formerRoots,
      bundleVersion: newest.bundle.version,
      statement: newest.encoded,
      handovers: words
    )
    _ = try adopt(answer)
    return isNews
  }

  private func isWhole(_ statement: TrustStatement) -> Bool {
    let all = statement.bundle.roots + statement.formerRoots
    return (try? PeerVerifier(statement.bundle)) != nil
      && (try? AgentKeyring(key: nil, trustDomain: domain, roots: all)) != nil
  }

  /// What the holder of the root itself has said, and knows no more.
  private func recall(_ statement: TrustStatement) throws -> Bool {
    let now_s = now_s
    var isNews = false
    try change { state throws(AuthorityError) in
      isNews = try state.recall(statement, now_s: now_s)
      return isNews ? [.rootForgotten] : []
    }
    if isNews { discardForeign() }
    return isNews
  }

  /// Has certificates of workloads replaced that no root of now vouches for.
  func discardForeign() {
    for (name, one) in held where isForeign(one.identity.certificate.chain) { held[name]?.discard() }
  }

  /// Tries at once what is to be replaced before its time.
  func renewUnwanted() async {
    guard held.values.contains(where: \.isUnwanted) else { return }
    for (name, one) in held where one.isUnwanted { held[name]?.discard() }
    await renewHeld()
  }

  /// Whether another root than the latest of the bundle vouches for this chain.
  func isByOldRoot(_ chain: [[UInt8]]) -> Bool {
    guard let latest = bundle.roots.last, bundle.roots.count > 1 else { return false }
    return isForeign(chain, to: TrustBundle(trustDomain: domain, version: bundle.version, roots: [latest]))
  }

  func isForeign(_ chain: [[UInt8]], to bundle: TrustBundle) -> Bool {
    guard let verifier = try? PeerVerifier(bundle) else { return false }
    do throws(PeerRefusal) { _ = try verifier.verify(chain, now_s: now_s) } catch { return error == .foreignRoot }
    return false
  }
}

extension [UInt8] {
  /// Lower-case digits.
  var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
