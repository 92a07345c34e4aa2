public import MeshModel
internal import SwiftASN1

/// What the issuer keeps of a token: enough to know it again, too little to use it.
public struct JoinTokenRecord: Hashable, Sendable {
  /// SHA-256 of the secret.
  public let secretHash: [UInt8]
  /// From this second on, since 1970, it admits nobody.
  public let expires_s: Int64
  /// The only host that it admits; nil for any.
  public let hostName: String?
  /// How often it still admits.
  public internal(set) var usesLeft: Int64
}

/// Why a token does not admit.
public enum JoinRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nobody minted it here, or it is forgotten since it expired long ago.
  case unknown
  /// Its time is over.
  case expired
  /// It has admitted as often as it may.
  case used
  /// It is for the host of that name.
  case otherHost(String)

  /// What to do about it; it is told to whoever asks, so it says no more than that one may know.
  public var description: String {
    switch self {
    case .unknown: "the join token is not known here; was it made in another mesh, or long ago?"
    case .expired: "the join token has expired; make a new one"
    case .used: "the join token has been used; make a new one"
    case .otherHost(let name): "the join token is for the host \(name)"
    }
  }
}

/// The tokens of an issuer. Whoever changes it writes it down before acting on the answer, lest a crash makes a used token
/// new again.
public struct JoinTokens: Hashable, Sendable {
  /// Tokens that are remembered at a time; hosts join by the dozen, not by the thousand.
  public static let maxRecords = 256
  /// Hosts that one token may admit: a rack that is installed from one image.
  public static let maxUses: Int64 = 1_000
  /// Seconds that a token lives where nothing is said: long enough to walk to the other host.
  public static let usualLife_s: Int64 = AuthorityTiming.hour_s
  /// Seconds that a token may live. The root that it pins signs for longer than that after the next is published.
  public static let maxLife_s: Int64 = 2 * AuthorityTiming.day_s
  /// Seconds that a token is remembered beyond its time, to be told from one that was never made.
  public static let remembered_s: Int64 = AuthorityTiming.day_s

  /// The tokens, the oldest first.
  public private(set) var records: [JoinTokenRecord] = []

  /// No tokens.
  public init() {}

  /// Makes a token.
  ///
  /// - Parameters:
  ///   - pin: SHA-256 of the root that agents show.
  ///   - hostName: The only host to be admitted; nil for any.
  ///   - life_s: Seconds that it lives.
  ///   - until_s: When it ends at the latest, as when agents are going to show another root.
  /// - Returns: The token, and when it ends.
  public mutating func mint(
    pin: [UInt8],
    addresses: [SocketAddress],
    hostName: String? = nil,
    uses: Int64 = 1,
    life_s: Int64 = usualLife_s,
    until_s: Int64? = nil,
    now_s: Int64
  ) throws(JoinMintFault) -> (token: JoinToken, expires_s: Int64) {
    guard AuthorityTiming.clock_s.contains(now_s), (1...Self.maxLife_s).contains(life_s) else { throw .life(life_s) }
    guard (1...Self.maxUses).contains(uses) else { throw .uses(uses) }
    if let hostName, !OwnerName.isValid(hostName) { throw .hostName }
    purge(now_s: now_s)
    // Those that admit nobody any more make room; those that do are not forgotten for others.
    if records.count >= Self.maxRecords { records.removeAll { $0.expires_s <= now_s || $0.usesLeft == 0 } }
    guard records.count < Self.maxRecords else { throw .tooMany }
    let secret = SecretBytes(randomBytes(JoinToken.secretBytes))
    let token: JoinToken
    do { token = try JoinToken(secret: secret, pin: pin, addresses: addresses) } catch { throw .token(error) }
    let expires_s = min(now_s + life_s, until_s ?? .max)
    let record = JoinTokenRecord(
      secretHash: sha256(secret.bytes),
      expires_s: expires_s,
      hostName: hostName,
      usesLeft: uses
    )
    records.append(record)
    return (token, expires_s)
  }

  /// Uses a token up, once. A refusal changes nothing.
  public mutating func redeem(_ secret: SecretBytes, hostName: String, now_s: Int64) throws(JoinRefusal) {
    let hash = sha256(secret.bytes)
    // All are looked at, each to its end: how long it takes tells nothing of how near a guess was.
    var found: Int?
    for index in records.indices where equalInConstantTime(records[index].secretHash, hash) { found = index }
    guard let found, secret.bytes.count == JoinToken.secretBytes else { throw .unknown }
    let record = records[found]
    guard now_s < record.expires_s else { throw .expired }
    guard record.usesLeft > 0 else { throw .used }
    if let name = record.hostName, name != hostName { throw .otherHost(name) }
    records[found].usesLeft -= 1
  }

  /// Forgets those that ended long ago.
  public mutating func purge(now_s: Int64) {
    records.removeAll { $0.expires_s < now_s - Self.remembered_s }
  }

  private static let format: Int64 = 1

  /// DER, for a store. It holds no secret.
  public var encoded: [UInt8] {
    encodedSequence { parts in
      parts.put(Self.format)
      parts.put(each: records) { parts, record in
        parts.appendConstructedNode(identifier: .sequence) { parts in
          parts.put(record.secretHash)
          parts.put(record.expires_s)
          // No host has an empty name.
          parts.put(record.hostName ?? "")
          parts.put(record.usesLeft)
        }
      }
    }
  }

  /// Reads what `encoded` wrote.
  public init(decoding bytes: [UInt8]) throws(AuthorityError) {
    records = try decodeSequence(bytes, limit: AuthorityLimit.stateBytes, as: "the join tokens' file") { parts in
      guard try parts.number() == Self.format else { throw UnexpectedPart() }
      return try parts.each(limit: Self.maxRecords) {
        try $0.inner { parts in
          let (hash, expires_s) = (try parts.block(exactly: 32), try parts.number())
          let name = try parts.text(limit: OwnerName.maxBytes)
          guard name.isEmpty || OwnerName.isValid(name) else { throw UnexpectedPart() }
          return JoinTokenRecord(
            secretHash: hash,
            expires_s: expires_s,
            hostName: name.isEmpty ? nil : name,
            usesLeft: try parts.count()
          )
        }
      }
    }
  }
}

/// Why no token was made.
public enum JoinMintFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// It would live too long, or not at all.
  case life(Int64)
  /// It would admit too often, or never.
  case uses(Int64)
  /// No host can have that name.
  case hostName
  /// There are as many as are remembered at a time.
  case tooMany
  /// A part of it is wrong.
  case token(JoinTokenFault)

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .life(let life_s): "a token of \(life_s) s: it may live from 1 to \(JoinTokens.maxLife_s) s"
    case .uses(let uses): "a token for \(uses) hosts: it may admit 1 to \(JoinTokens.maxUses)"
    case .hostName: "the host name is not one: \(OwnerName.rule)"
    case .tooMany: "\(JoinTokens.maxRecords) tokens wait to be used; wait until some expire"
    case .token(let fault): "\(fault)"
    }
  }
}
