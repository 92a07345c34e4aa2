internal import Crypto
public import MeshModel
internal import SwiftASN1

/// The keys by which one authority signs JWT-SVIDs: one that signs, perhaps one to come, and those to go. Time is a parameter.
///
/// A key is made here and never leaves the host. It is told to all before it signs, and told on until all that it signed has
/// expired. Whoever changes this value writes `encoded` before anything that came of it leaves the agent.
public struct JWTSigningKeys: Sendable, CustomReflectable {
  private struct Entry {
    let key: CertificateKey
    let known: JWTKey
    /// Since when it is told, in seconds since 1970.
    var since_s: Int64
  }

  /// Whose identities they sign for.
  public let trustDomain: TrustDomain
  /// At least one, the oldest first.
  private var entries: [Entry]

  /// One key, which signs at once: an authority that has signed nothing yet has nobody who would miss it.
  public init(_ trustDomain: TrustDomain, now_s: Int64) {
    self.trustDomain = trustDomain
    entries = [Self.entry(CertificateKey(), now_s)]
  }

  private static func entry(_ key: CertificateKey, _ since_s: Int64) -> Entry {
    Entry(key: key, known: JWTKey(key), since_s: since_s)
  }

  /// What all hosts are told.
  public var published: JWTKeySet { JWTKeySet(trustDomain, entries.map(\.known)) }

  /// Does what is due; whether anything was. Once a minute is often enough.
  public mutating func tick(now_s: Int64) -> Bool {
    var isOther = false
    // A clock that was ahead must not keep a key from its turn for as long.
    for index in entries.indices where entries[index].since_s > now_s {
      entries[index].since_s = now_s
      isOther = true
    }
    let gone = entries.lastIndex {
      $0.since_s + AuthorityTiming.jwtPropagation_s + AuthorityTiming.jwtRetirement_s <= now_s
    }
    if let gone, gone > 0 {
      entries.removeFirst(gone)
      isOther = true
    }
    if let newest = entries.last, newest.since_s + AuthorityTiming.jwtKeyLife_s <= now_s,
      entries.count < AuthorityLimit.jwtKeys
    {
      entries.append(Self.entry(CertificateKey(), now_s))
      isOther = true
    }
    return isOther
  }

  /// The newest that everybody has had time to hear of.
  private func signer(_ now_s: Int64) -> Entry {
    entries.last { $0.since_s + AuthorityTiming.jwtPropagation_s <= now_s } ?? entries[0]
  }

  /// Signs for a workload, whose right to the identity was judged before.
  ///
  /// - Throws: `.foreignTrustDomain`, `.noPath`, or `.library`.
  public func sign(_ id: SPIFFEID, for audiences: JWTAudiences, now_s: Int64) throws(AuthorityError) -> SignedJWT {
    guard id.trustDomain == trustDomain else { throw .foreignTrustDomain(id, own: trustDomain) }
    guard !id.path.isEmpty else { throw .noPath(id) }
    guard AuthorityTiming.clock_s.contains(now_s) else { throw .clock(now_s) }
    let signer = signer(now_s)
    let claims = JWTClaims(id, for: audiences, now_s: now_s)
    let signed = JWTHeader(keyID: signer.known.id).part + "." + claims.part
    let signature: [UInt8]
    do { signature = Array(try signer.key.key.signature(for: Array(signed.utf8)).rawRepresentation) } catch {
      throw .library("\(error)")
    }
    return SignedJWT(text: signed + "." + Base64URL.encode(signature), key: signer.known, expires_s: claims.expires_s)
  }

  private static let format: Int64 = 1

  /// DER, to be kept where only the agent can read it.
  public var encoded: SecretBytes {
    SecretBytes(
      encodedSequence { parts in
        parts.put(Self.format)
        parts.put(trustDomain.name)
        parts.put(each: entries) { parts, entry in
          parts.appendConstructedNode(identifier: .sequence) { parts in
            parts.put(entry.key.pkcs8.bytes)
            parts.put(entry.since_s)
          }
        }
      }
    )
  }

  /// Reads what `encoded` wrote.
  public init(decoding bytes: SecretBytes) throws(AuthorityError) {
    self = try decodeSequence(bytes.bytes, limit: AuthorityLimit.keysBytes, as: "the key file of JWT-SVIDs") { parts in
      guard try parts.number() == Self.format else { throw UnexpectedPart() }
      let domain = try TrustDomain(parts.text(limit: TrustDomain.maxBytes))
      let entries = try parts.each(limit: AuthorityLimit.jwtKeys) {
        try $0.inner { parts in
          guard let key = CertificateKey(pkcs8: try parts.block(limit: AuthorityLimit.keysBytes)) else {
            throw UnexpectedPart()
          }
          return Self.entry(key, try parts.number())
        }
      }
      guard !entries.isEmpty else { throw UnexpectedPart() }
      return Self(domain, entries)
    }
  }

  private init(_ trustDomain: TrustDomain, _ entries: [Entry]) {
    self.trustDomain = trustDomain
    self.entries = entries
  }

  /// Without children: keys are not shown.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A token, signed (JWT-SVID section 3).
public struct SignedJWT: Hashable, Sendable {
  /// The token, in JWS compact serialization (RFC 7515 section 7.1).
  public let text: String
  /// What signed it.
  public let key: JWTKey
  /// To this second, since 1970, it counts.
  public let expires_s: Int64

  /// A token of its parts.
  public init(text: String, key: JWTKey, expires_s: Int64) {
    self.text = text
    self.key = key
    self.expires_s = expires_s
  }
}
