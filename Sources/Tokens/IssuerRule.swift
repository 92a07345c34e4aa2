internal import MeshModel
internal import Policy
internal import TransportSecurity

/// A rule of a RequestAuthentication with its keys made ready.
struct IssuerRule: Sendable {
  struct Key: Sendable {
    let id: String
    let key: SignatureKey
  }

  let rule: RequestAuthentication.Rule
  let keys: [Key]

  /// What is wrong with a token that the rule's issuer is said to have made; nil where all is right.
  func fault(_ token: CompactToken, _ claims: TokenClaims, now_s: Int64) -> TokenFault? {
    // The dear question last.
    if !rule.audiences.isEmpty, !rule.audiences.contains(where: { claims.has(audience: $0) }) { return .audience }
    return claims.timeFault(now_s: now_s) ?? signatureFault(token)
  }

  /// A key is asked for its algorithm, never the token: what a token says only has to agree. A `kid` leaves the keys of
  /// that name and those without one; no `kid` leaves all.
  private func signatureFault(_ token: CompactToken) -> TokenFault? {
    guard let algorithm = SignatureAlgorithm(rawValue: token.algorithm) else { return .algorithm }
    let named = keys.filter { token.keyID == nil || $0.id.isEmpty || $0.id == token.keyID }
    guard !named.isEmpty else { return .unknownKey }
    let usable = named.filter { $0.key.algorithm == algorithm }
    guard !usable.isEmpty else { return .algorithm }
    let isRight = token.signature.withUnsafeBytes { signature in
      usable.prefix(TokenLimit.keysTried).contains { $0.key.verifies(signature, of: token.signed) }
    }
    return isRight ? nil : .signature
  }
}

extension TokenClaims {
  /// Whether `audience` is one of the token's, byte by byte.
  fileprivate func has(audience: String) -> Bool {
    audiences.contains { $0.utf8.elementsEqual(audience.utf8) }
  }
}
