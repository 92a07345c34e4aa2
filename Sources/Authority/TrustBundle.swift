public import MeshModel
internal import SwiftASN1

/// The roots by which a trust domain's certificates are verified now.
public struct TrustBundle: Hashable, Sendable {
  /// Whose roots they are.
  public let trustDomain: TrustDomain
  /// Greater with every change; never negative.
  public let version: Int64
  /// DER of the roots.
  public let roots: [[UInt8]]

  /// A bundle. Whether its roots are roots of that domain is checked by `PeerVerifier`.
  public init(trustDomain: TrustDomain, version: Int64, roots: [[UInt8]]) {
    self.trustDomain = trustDomain
    self.version = version
    self.roots = roots
  }

  /// Reads what `encoded` wrote.
  public init(decoding bytes: [UInt8]) throws(AuthorityError) {
    self = try decodeSequence(bytes, limit: AuthorityLimit.stateBytes, as: "a trust bundle") { parts in
      Self(
        trustDomain: try TrustDomain(parts.text(limit: TrustDomain.maxBytes)),
        version: try parts.count(),
        roots: try parts.each(limit: AuthorityLimit.bundleRoots) {
          try $0.block(limit: AuthorityLimit.certificateBytes)
        }
      )
    }
  }

  /// DER, for a store.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      parts.put(trustDomain.name)
      parts.put(version)
      parts.put(each: roots) { $0.put($1) }
    }
  }
}
