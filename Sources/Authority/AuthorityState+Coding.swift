internal import MeshModel
internal import SwiftASN1

extension AuthorityState {
  private static let format: Int64 = 1

  /// DER of all but the private keys.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      parts.put(Self.format)
      parts.put(trustDomain.name)
      parts.put(version)
      parts.put(each: roots) { parts, root in
        parts.appendConstructedNode(identifier: .sequence) { parts in
          parts.put(root.certificate.der)
          parts.put(root.phase.rawValue)
          parts.put(root.since_s)
        }
      }
      parts.put(each: intermediates) { $0.put($1.der) }
      parts.put(each: formerRootCertificates) { $0.put($1.der) }
      Handover.put(lastWords, into: &parts)
      guard !forgotten.isEmpty else { return }
      parts.put(each: forgotten) { parts, one in
        parts.appendConstructedNode(identifier: .sequence) { parts in
          parts.put(one.certificate.der)
          parts.put(one.at_s)
        }
      }
    }
  }

  /// Reads what `encoded` wrote, with the keys that were written before it.
  ///
  /// - Throws: `.malformed`, or `.missingKey` where the key of a root is not there. A missing key of an intermediate is no
  ///   fault: `tick` makes another.
  public init(decoding bytes: [UInt8], keys: AuthorityKeys) throws(AuthorityError) {
    let what = "the authority's state"
    self = try decodeSequence(bytes, limit: AuthorityLimit.stateBytes, as: what) { parts in
      guard try parts.number() == Self.format else { throw UnexpectedPart() }
      return Self(
        trustDomain: try TrustDomain(parts.text(limit: TrustDomain.maxBytes)),
        keys: keys,
        version: try parts.count(),
        roots: try parts.each(limit: AuthorityLimit.bundleRoots) { try $0.inner { try Root(&$0) } },
        intermediates: try parts.each(limit: AuthorityLimit.shownIntermediates) { try $0.certificate() },
        formerRoots: try parts.each(limit: AuthorityLimit.formerRoots) { try $0.certificate() },
        lastWords: try parts.isAtEnd ? [] : Handover.read(&parts),
        forgotten: try parts.isAtEnd
          ? []
          : parts.each(limit: AuthorityLimit.handovers) {
            try $0.inner { Forgotten(certificate: try $0.certificate(), at_s: try $0.number()) }
          }
      )
    }
    let own = SPIFFEID(of: trustDomain).description
    guard roots.count(where: { $0.phase == .signing }) == 1, roots.count(where: { $0.phase == .published }) <= 1,
      (roots.map(\.certificate) + formerRootCertificates).allSatisfy({ $0.isRoot && $0.uris == [own] })
    else { throw .malformed(what) }
    for root in roots where root.phase != .retiring && keys.key(of: root.certificate) == nil {
      throw .missingKey(of: root.phase == .signing ? "the root" : "the root to come")
    }
  }
}

extension AuthorityState.Root {
  fileprivate init(_ parts: inout ASN1NodeCollection.Iterator) throws {
    certificate = try parts.certificate()
    guard let phase = AuthorityState.Phase(rawValue: try parts.number()) else { throw UnexpectedPart() }
    self.phase = phase
    since_s = try parts.number()
  }
}

extension ASN1NodeCollection.Iterator {
  mutating func certificate() throws -> StoredCertificate {
    guard let certificate = StoredCertificate(der: try block(limit: AuthorityLimit.certificateBytes)) else {
      throw UnexpectedPart()
    }
    return certificate
  }
}
