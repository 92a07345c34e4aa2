internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import Tokens

/// The tokens that documents speak of, as the path asks for them.
final class TokenRules: Sendable {
  let verifier: TokenVerifier

  /// Nil where no document selects the workload.
  init?(_ documents: [RequestAuthentication], for workload: Workload) {
    verifier = TokenVerifier(documents, for: workload)
    if verifier.isEmpty { return nil }
  }
}

extension Worker {
  /// Verifies the token that a request carries. Nil where there is none, or it is right; else the answer.
  ///
  /// A request without a token passes: requiring one is an AuthorizationPolicy's business.
  func checkToken(
    _ rules: RequestRules,
    _ plan: inout RequestPlan,
    _ facts: inout RequestFacts,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> LocalAnswer? {
    guard let tokens = rules.tokens else { return nil }
    let verifier = tokens.verifier
    let search = verifier.locator.find(in: http.request)
    // These say what a verified token says; whoever sends them himself is lying.
    for name in verifier.outputFields {
      name.withUnsafeBytes { name in
        while let index = http.request.fields.firstIndex(named: name) { http.request.fields.drop(at: index) }
      }
    }
    switch search {
    case .none: return nil
    case .several: return unauthenticated(exchange, TokenFault.severalTokens)
    case .found(let found):
      let now_s = Int64(Clock.realtime_us() / 1_000_000)
      switch tokenCache.verify(found, with: verifier, now_s: now_s) {
      case .refused(let fault): return unauthenticated(exchange, fault)
      case .valid(let token, let rule):
        facts.token = token
        // The cache holds it for at least as long as this turn lasts.
        plan.token = Unmanaged.passUnretained(token)
        keptToken = token
        guard !verifier.rules[rule].forwardsToken else { return nil }
        switch found.place {
        case .field(let index): http.request.fields.drop(at: index)
        case .parameter(let cut): plan.cut = cut
        }
        return nil
      }
    }
  }

  private func unauthenticated(_ exchange: UnsafeMutablePointer<Exchange>, _ fault: TokenFault) -> LocalAnswer {
    exchange.pointee.event.tokenFault = fault.rawValue
    return LocalAnswer(
      status: RequestEnd.unauthenticated.status,
      end: .unauthenticated,
      flags: RequestEnd.unauthenticated.flags,
      asksForToken: true
    )
  }
}
