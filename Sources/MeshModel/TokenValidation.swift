/// RequestAuthentications and their keys.
enum TokenValidation {
  private typealias Words = SnapshotValidation
  private typealias Limits = SnapshotLimits

  static func check(_ document: RequestAuthentication, _ place: String) throws(SnapshotError) {
    try Words.bound(document.rules.count, Limits.maxTokenTerms, "\(place).rules")
    for (index, rule) in document.rules.enumerated() { try check(rule, "\(place).rules[\(index)]") }
  }

  private static func check(_ rule: RequestAuthentication.Rule, _ place: String) throws(SnapshotError) {
    try Words.refuse(rule.issuer, HTTPSyntax.textProblem(rule.issuer), "\(place).issuer")
    guard !rule.keys.isEmpty else { throw SnapshotError("\(place).keys", "is empty") }
    for count in [
      rule.audiences.count, rule.keys.count, rule.fromHeaders.count, rule.fromParameters.count, rule.claimHeaders.count,
    ] { try Words.bound(count, Limits.maxTokenTerms, place) }
    for text in rule.audiences + rule.fromParameters { try Words.refuse(text, HTTPSyntax.textProblem(text), place) }
    for header in rule.fromHeaders {
      try Words.refuse(header.name, HTTPSyntax.fieldNameProblem(header.name), "\(place).fromHeaders")
      try RouteValidation.lowerCase(header.name, "\(place).fromHeaders")
      guard header.prefix.isEmpty || HTTPSyntax.textProblem(header.prefix) == nil else {
        throw SnapshotError("\(place).fromHeaders", "\"\(header.prefix)\" is no prefix")
      }
    }
    for name in rule.claimHeaders.map(\.header) + (rule.payloadHeader.isEmpty ? [] : [rule.payloadHeader]) {
      try Words.refuse(name, HTTPSyntax.editedNameProblem(name), place)
      try RouteValidation.lowerCase(name, place)
    }
    for claim in rule.claimHeaders.map(\.claim) {
      try Words.bound(claim.count, Limits.maxClaimDepth, "\(place).claimHeaders")
      guard !claim.isEmpty else { throw SnapshotError("\(place).claimHeaders", "names no claim") }
      for name in claim { try Words.refuse(name, HTTPSyntax.textProblem(name), "\(place).claimHeaders") }
    }
    for (index, key) in rule.keys.enumerated() {
      if let problem = key.problem { throw SnapshotError("\(place).keys[\(index)]", problem) }
    }
  }
}

extension JSONWebKey {
  /// Why the key cannot be used, as a clause; nil where it can. Whether a point lies on the curve is not looked at.
  public var problem: String? {
    if !id.isEmpty, let problem = HTTPSyntax.textProblem(id) { return "kid \(problem)" }
    switch material {
    case .rsa(let modulus, let exponent):
      let size = modulus.drop { $0 == 0 }.count
      guard size >= SnapshotLimits.minModulusBytes else { return "has fewer than 2048 bits (RFC 7518 section 3.3)" }
      guard modulus.count <= SnapshotLimits.maxModulusBytes else { return "has more than 16384 bits" }
      guard exponent.count <= SnapshotLimits.maxExponentBytes, (exponent.last ?? 0) & 1 == 1,
        exponent.reduce(0, { $0 << 8 | UInt64($1) }) > 1
      else { return "has an exponent that is even, 1, or longer than 64 bits" }
      return nil
    case .p256(let x, let y):
      return x.count == 32 && y.count == 32 ? nil : "has coordinates that are not of 32 bytes"
    }
  }
}
