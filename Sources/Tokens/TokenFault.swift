/// Why a token was refused. The client is told only 401; the record has the word.
public enum TokenFault: UInt8, Error, Hashable, Sendable, BitwiseCopyable, CaseIterable {
  /// Longer than `TokenLimit.bytes`.
  case tooLong
  /// Not three base64url parts with JSON objects in the first two.
  case malformed
  /// Several tokens in the places that are looked at; which one the program would take is anybody's guess.
  case severalTokens
  /// The header says neither RS256 nor ES256, or not what the issuer's keys are for.
  case algorithm
  /// The header asks for an extension (`crit`, RFC 7515 section 4.1.11); we know none.
  case criticalHeader
  /// No rule for this issuer at the place where the token was found.
  case unknownIssuer
  /// `aud` holds none of the rule's audiences.
  case audience
  /// `exp` has passed.
  case expired
  /// `nbf` or `iat` is still to come.
  case notYetValid
  /// The issuer has no key of that `kid`, or none at all.
  case unknownKey
  /// No key that was tried made the signature.
  case signature

  /// The word in records.
  public var text: StaticString {
    switch self {
    case .tooLong: "token-too-long"
    case .malformed: "token-malformed"
    case .severalTokens: "several-tokens"
    case .algorithm: "token-algorithm"
    case .criticalHeader: "token-critical-header"
    case .unknownIssuer: "token-issuer"
    case .audience: "token-audience"
    case .expired: "token-expired"
    case .notYetValid: "token-not-yet-valid"
    case .unknownKey: "token-key"
    case .signature: "token-signature"
    }
  }
}
