internal import Balancing
internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// A request comes to the pod: whose port it is for, whether its token is right, whether it may pass, and how many
  /// more. What is judged is exactly what is forwarded.
  func judgeInbound(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> RequestDecision {
    if client.pointee.isMessage, keeper.ownPorts.isReserved(client.pointee.destination.port) { return refuse(.ownPort) }
    // Without mutual TLS nobody has shown who he is, whatever he says.
    http.request.fields.drop(client.pointee.isTrusted ? FieldNameSet.identity : FieldNameSet.foreign)
    guard http.request.hops < HopCount.limit else { return refuse(.loop) }
    var plan = passing(client)
    plan.isKnown = true
    guard let rules = http.shelf.inForce else { return .forward(plan) }
    return rules._withUnsafeGuaranteedRef { rules in
      plan.table = nil
      var facts = RequestFacts(
        source: client.pointee.source.ip,
        destination: client.pointee.destination,
        path: plan.path,
        host: http.request[http.request.host]
      )
      facts.identify(client.pointee.peer?.name)
      facts.remote = rules.table.client(http.request, from: client.pointee.source.ip)
      if rules.authorization.usesPaths { normalise(&plan, &facts) }
      if let reply = checkToken(rules, &plan, &facts, exchange) { return .answer(reply) }
      if !rules.authorization.isEmpty {
        let verdict = rules.authorization.decide(http.request, facts)
        exchange.pointee.event.verdict = verdict
        guard verdict.isAllowed else { return refuse(.denied) }
      }
      return limit(rules, plan, facts, client, exchange)
    }
  }

  /// Policies that speak of paths judge the normalised path, and so the program gets no other.
  private func normalise(_ plan: inout RequestPlan, _ facts: inout RequestFacts) {
    guard http.request.form == .origin || http.request.form == .absolute else { return }
    let normalised = PathNormalization.normalize(plan.path, into: http.pathRoom)
    facts.hazards = normalised.hazards
    guard normalised.isChanged else { return }
    plan.path = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(http.pathRoom)[..<normalised.count])
    plan.rewritesTarget = true
    facts.path = plan.path
  }

  /// The route's rule names the request in metrics and records, and may limit how many come.
  private func limit(
    _ rules: RequestRules,
    _ plan: RequestPlan,
    _ facts: borrowing RequestFacts,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> RequestDecision {
    let table = rules.table
    guard let port = table.port(servedAt: client.pointee.destination) else { return .forward(plan) }
    exchange.pointee.event.servicePort = Int32(port)
    let choice = table.route(port, http.request, path: plan.path, draw: 0, scratch: patterns)
    switch choice {
    case .rule(let rule, _, _), .noBackend(let rule): exchange.pointee.event.rule = Int32(rule)
    case .direct, .noRule: break
    }
    guard !table.rateLimits.isEmpty,
      let index = table.rateLimit(choice, port: port, http.request, source: facts.remote, scratch: patterns)
    else { return .forward(plan) }
    let verdict = limiters.take(
      rules.limitNumbers[index],
      requests: table.rateLimits[index].requests,
      period_ns: table.rateLimits[index].period_ns,
      client: table.rateLimits[index].isPerClient ? facts.remote : nil,
      now_ns: now_ns
    )
    guard case .refused(let wait_ns) = verdict else { return .forward(plan) }
    let wait_s = UInt32(clamping: max(1, (wait_ns + 999_999_999) / 1_000_000_000))
    return .answer(
      LocalAnswer(status: 429, end: .rateLimited, flags: RequestEnd.rateLimited.flags, retryAfter_s: wait_s)
    )
  }
}
