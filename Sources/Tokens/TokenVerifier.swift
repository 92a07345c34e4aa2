public import MeshModel
public import Policy
internal import TransportSecurity

/// What became of a token.
public enum TokenOutcome: Sendable {
  /// It is right by the rule of this index in `TokenVerifier.rules`.
  case valid(VerifiedToken, rule: Int)
  case refused(TokenFault)
}

/// The RequestAuthentications of one snapshot that select one workload, ready to verify tokens: immutable, and shared by
/// all workers.
///
/// As in Istio, a request without a token passes; one with a token that is not right by any rule is refused.
public final class TokenVerifier: Sendable {
  /// The rules, in the order of their documents.
  public let rules: [RequestAuthentication.Rule]
  /// Where tokens are looked for.
  public let locator: TokenLocator
  /// Keys that were left out and why, for the log; tokens that need them are refused.
  public let problems: [String]
  /// Names of fields, in lower case, that rules give the program. Whatever comes under these names from outside must be
  /// dropped, with a token or without, or anybody could claim what he likes.
  public let outputFields: [[UInt8]]
  private let issuers: [IssuerRule]

  /// Makes the keys of all documents that select `workload` ready.
  public init(_ documents: [RequestAuthentication], for workload: Workload) {
    var issuers: [IssuerRule] = []
    var problems: [String] = []
    for document in documents where document.selects(workload) {
      for rule in document.rules {
        var keys: [IssuerRule.Key] = []
        for (index, key) in rule.keys.enumerated() {
          do {
            keys.append(IssuerRule.Key(id: key.id, key: try SignatureKey(key.material)))
          } catch {
            problems.append("\(document.fullName), issuer \(rule.issuer), key \(index) (kid \"\(key.id)\"): \(error)")
          }
        }
        issuers.append(IssuerRule(rule: rule, keys: keys))
      }
    }
    self.issuers = issuers
    self.problems = problems
    rules = issuers.map(\.rule)
    locator = TokenLocator(rules)
    let names = rules.flatMap { [$0.payloadHeader] + $0.claimHeaders.map(\.header) }
    outputFields = Set(names.map { $0.lowercased() }).subtracting([""]).sorted().map { Array($0.utf8) }
  }

  /// Whether no rule is there: tokens are none of this workload's business.
  public var isEmpty: Bool { rules.isEmpty }

  /// Verifies what `locator` found at `now_s`, in seconds since 1970. Costs a signature: see `TokenCache`.
  public func verify(_ found: FoundToken, now_s: Int64) -> TokenOutcome {
    verify(found.token, rules: locator.rules(of: found), now_s: now_s)
  }

  /// Verifies a token wherever it comes from, by any rule.
  public func verify(_ token: UnsafeRawBufferPointer, now_s: Int64) -> TokenOutcome {
    verify(token, rules: Array(rules.indices), now_s: now_s)
  }

  private func verify(_ bytes: UnsafeRawBufferPointer, rules: [Int], now_s: Int64) -> TokenOutcome {
    do {
      let token = try CompactToken(bytes)
      let claims = try TokenClaims(token.payload)
      // Two rules may share an issuer, with other keys or audiences; the first fault is what is told.
      var fault: TokenFault?
      for index in rules where issuers[index].rule.issuer.utf8.elementsEqual(claims.issuer.utf8) {
        guard let found = issuers[index].fault(token, claims, now_s: now_s) else {
          return .valid(verified(token, claims, issuers[index].rule), rule: index)
        }
        fault = fault ?? found
      }
      return .refused(fault ?? .unknownIssuer)
    } catch {
      return .refused(error)
    }
  }

  private func verified(
    _ token: CompactToken,
    _ claims: TokenClaims,
    _ rule: RequestAuthentication.Rule
  ) -> VerifiedToken {
    VerifiedToken(
      issuer: claims.issuer,
      subject: claims.subject,
      audiences: claims.audiences,
      presenter: claims.presenter,
      claims: token.payload,
      expires_s: claims.expires_s,
      payload: Array(token.payloadText),
      forwardedFields: rule.forwardedFields(token)
    )
  }
}
