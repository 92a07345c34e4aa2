public import MeshModel
internal import SwiftASN1

/// What an authority tells all hosts of the keys by which it signs, signed, or will sign JWT-SVIDs. It travels as a record, so
/// that the authority's host key vouches for it; that the host is an authority, the roster says.
public struct JWTKeySet: Hashable, Sendable {
  /// Bytes of the longest: as many keys as an authority may have, each of 70, and the trust domain's name.
  public static let maxBytes = 1 << 10

  /// Whose identities the keys sign for.
  public let trustDomain: TrustDomain
  /// The keys, the oldest first.
  public let keys: [JWTKey]

  init(_ trustDomain: TrustDomain, _ keys: [JWTKey]) {
    self.trustDomain = trustDomain
    self.keys = keys
  }

  /// Reads what `encoded` wrote.
  public init(decoding bytes: [UInt8]) throws(AuthorityError) {
    self = try decodeSequence(bytes, limit: Self.maxBytes, as: "a set of keys of JWT-SVIDs") { parts in
      guard try parts.number() == Self.format else { throw UnexpectedPart() }
      return Self(
        try TrustDomain(parts.text(limit: TrustDomain.maxBytes)),
        try parts.each(limit: AuthorityLimit.jwtKeys) { parts in
          guard let key = JWTKey(try parts.block(exactly: OwnerKey.byteCount)) else { throw UnexpectedPart() }
          return key
        }
      )
    }
  }

  /// DER, as it travels.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      parts.put(Self.format)
      parts.put(trustDomain.name)
      parts.put(each: keys) { $0.put($1.publicKey) }
    }
  }

  private static let format: Int64 = 1
}
