internal import Policy

/// The claims that verification itself asks about (RFC 7519 section 4.1), each of its right type.
struct TokenClaims {
  let issuer: String
  let subject: String
  let audiences: [String]
  let presenter: String
  /// Seconds since 1970; nil where the claim is absent.
  let expires_s: Int64?
  let notBefore_s: Int64?
  let issued_s: Int64?

  /// A claim of the wrong type makes the token malformed: guessing what was meant is how readers come to differ.
  init(_ payload: ClaimValue) throws(TokenFault) {
    guard let issuer = try Self.text(payload, "iss") else { throw .unknownIssuer }
    self.issuer = issuer
    subject = try Self.text(payload, "sub") ?? ""
    presenter = try Self.text(payload, "azp") ?? ""
    audiences = try Self.texts(payload, "aud")
    expires_s = try Self.time(payload, "exp")
    notBefore_s = try Self.time(payload, "nbf")
    issued_s = try Self.time(payload, "iat")
  }

  /// What is wrong at `now_s`, if anything. Each side of the interval is widened by the skew.
  func timeFault(now_s: Int64) -> TokenFault? {
    if let expires_s, now_s - TokenLimit.skew_s >= expires_s { return .expired }
    if let notBefore_s, now_s + TokenLimit.skew_s < notBefore_s { return .notYetValid }
    if let issued_s, now_s + TokenLimit.skew_s < issued_s { return .notYetValid }
    return nil
  }

  private static func text(_ payload: ClaimValue, _ name: String) throws(TokenFault) -> String? {
    guard let value = payload[name] else { return nil }
    guard let text = value.text else { throw .malformed }
    return text
  }

  /// One text, or a list of them.
  private static func texts(_ payload: ClaimValue, _ name: String) throws(TokenFault) -> [String] {
    switch payload[name] {
    case nil: return []
    case .text(let text)?: return [text]
    case .list(let values)?:
      var texts: [String] = []
      for value in values {
        guard let text = value.text else { throw .malformed }
        texts.append(text)
      }
      return texts
    default: throw .malformed
    }
  }

  /// A NumericDate (RFC 7519 section 2), which may have a fraction; it is rounded down.
  private static func time(_ payload: ClaimValue, _ name: String) throws(TokenFault) -> Int64? {
    guard let value = payload[name] else { return nil }
    guard case .number(let text) = value, let seconds = Double(text) else { throw .malformed }
    // Beyond 2^53 a double no longer counts seconds; 285 million years are enough.
    guard seconds.magnitude <= 0x1p53 else { throw .malformed }
    return Int64(seconds.rounded(.down))
  }
}
