public import MeshModel
internal import SwiftASN1

/// A root's last word: which roots are to be believed now that it has left. A host that was off meanwhile, and knows that root
/// alone, comes from there to the roots of now.
public struct Handover: Hashable, Sendable {
  /// What follows, signed by the root that left, which is the only former one in it.
  public let statement: TrustStatement
  /// When that root left, in seconds since 1970.
  public let left_s: Int64

  /// A handover as another host tells it.
  public init(statement: TrustStatement, left_s: Int64) {
    self.statement = statement
    self.left_s = left_s
  }

  /// DER of the root that left; nil where the statement does not have it.
  public var root: [UInt8]? { statement.formerRoots.first { sha256($0) == statement.root } }

  /// Whether the root that left is one of the mesh's former ones, and has signed this.
  public func isSigned(byFormer roots: [[UInt8]], of trustDomain: TrustDomain) -> Bool {
    statement.isSigned(byRootOf: TrustBundle(trustDomain: trustDomain, version: 0, roots: roots))
  }

  /// Whether hosts that slept meanwhile still come back by it.
  public func counts(at now_s: Int64) -> Bool { now_s < left_s + AuthorityTiming.renewal_s }
}

extension Handover {
  /// DER of several, for a store.
  public static func encode(_ handovers: [Handover]) -> [UInt8] { encodedSequence { put(handovers, into: &$0) } }

  /// Reads what `encode` wrote.
  public static func decode(_ bytes: [UInt8]) throws(AuthorityError) -> [Handover] {
    try decodeSequence(bytes, limit: AuthorityLimit.stateBytes, as: "the last words of former roots") {
      try read(&$0)
    }
  }

  static func put(_ handovers: [Handover], into parts: inout DER.Serializer) {
    parts.put(each: handovers) { parts, one in
      parts.appendConstructedNode(identifier: .sequence) { parts in
        parts.put(one.statement.encoded)
        parts.put(one.left_s)
      }
    }
  }

  static func read(_ parts: inout ASN1NodeCollection.Iterator) throws -> [Handover] {
    try parts.each(limit: AuthorityLimit.handovers) {
      try $0.inner { parts in
        let statement = try TrustStatement(decoding: parts.block(limit: TrustStatement.maxBytes))
        return Handover(statement: statement, left_s: try parts.number())
      }
    }
  }
}

extension TrustBundle {
  /// The bundle to which these statements lead from this one, each believed by a root of the one before; nil where they lead
  /// nowhere. Who has been off since before the first of them comes to the roots of now.
  public func followed(by statements: [TrustStatement]) -> TrustBundle? {
    var last = self
    // A statement leads to a later one only, so each is of use once.
    for _ in statements {
      let next = statements.filter { $0.bundle.version > last.version && $0.isSigned(byRootOf: last) }
      guard let latest = next.max(by: { $0.bundle.version < $1.bundle.version }),
        (try? PeerVerifier(latest.bundle)) != nil
      else { break }
      last = latest.bundle
    }
    return last.version > version ? last : nil
  }
}

extension AuthorityState {
  /// The last words of roots that left of late.
  public func handovers(now_s: Int64) -> [Handover] { lastWords.filter { $0.counts(at: now_s) } }

  /// Has roots that are about to leave say what follows them, while their keys are still there. One whose key is missing says
  /// nothing: hosts that sleep meanwhile join anew.
  mutating func handOver(from gone: [Root], now_s: Int64) throws(AuthorityError) {
    var next = lastWords.filter { $0.counts(at: now_s) }
    for root in gone.map(\.certificate) {
      guard let signer = keys.key(of: root) else { continue }
      let statement = try TrustStatement(bundle, formerRoots: [root.der], root: root, signer: signer)
      next.append(Handover(statement: statement, left_s: now_s))
    }
    lastWords = next.suffix(AuthorityLimit.handovers)
  }
}
