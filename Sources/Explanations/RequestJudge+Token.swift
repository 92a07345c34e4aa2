internal import HTTP1
internal import MeshModel
internal import Policy
internal import Tokens

extension RequestJudge {
  /// Verifies the token that a request carries, as the proxy would, and tells what came of it. Fields that only a verified
  /// token may fill are dropped.
  func judgeToken(
    _ head: inout RequestHead,
    _ now_s: Int64
  ) -> (part: InboundExplanation.Token, verified: VerifiedToken?) {
    guard !tokens.isEmpty else {
      return (.init(.notAsked, reason: "no RequestAuthentication selects the workload", rules: []), nil)
    }
    let search = tokens.locator.find(in: head)
    let rules = tokens.rules.map(\.clause)
    var outcome: (part: InboundExplanation.Token, verified: VerifiedToken?)
    switch search {
    case .none:
      outcome = (.init(.absent, reason: "it has none, which only an AuthorizationPolicy can mind", rules: rules), nil)
    case .several: outcome = (.init(.refused, reason: "\(TokenFault.severalTokens.text)", rules: rules), nil)
    case .found(let found):
      switch tokens.verify(found, now_s: now_s) {
      case .refused(let fault): outcome = (.init(.refused, reason: "\(fault.text)", rules: rules), nil)
      case .valid(let token, let rule):
        let passed = tokens.rules[rule].forwardsToken ? "the program gets it too" : "the program does not get it"
        let reason = "its principal is \(token.requestPrincipal); \(passed)"
        outcome = (.init(.valid, reason: reason, rules: rules), token)
        // As on the path, where policies see what is forwarded.
        if !tokens.rules[rule].forwardsToken, case .field(let index) = found.place { head.fields.drop(at: index) }
      }
    }
    for name in tokens.outputFields {
      name.withUnsafeBytes { name in
        while let index = head.fields.firstIndex(named: name) { head.fields.drop(at: index) }
      }
    }
    return outcome
  }
}

extension RequestAuthentication.Rule {
  /// Whose tokens, with which keys, from where.
  fileprivate var clause: String {
    let count = "\(keys.count) \(keys.count == 1 ? "key" : "keys")"
    let audience = audiences.isEmpty ? "any audience" : "audience \(audiences.joined(separator: " or "))"
    let places =
      fromHeaders.map { "header \($0.name)" + ($0.prefix.isEmpty ? "" : " behind \"\($0.prefix)\"") }
      + fromParameters.map { "query parameter \($0)" }
    let place =
      places.isEmpty ? "authorization: Bearer or query parameter access_token" : places.joined(separator: ", ")
    return "issuer \(issuer), \(audience), \(count), in \(place)"
  }
}
