internal import Balancing
internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// The connection under a request broke before its answer began, or in its midst.
  func loseUpstream(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    code: Int32
  ) -> ClientStep {
    let heardNothing = !exchange.pointee.isResponseStarted && hasNothingHeld(exchange)
    let wasReused = exchange.pointee.isOnReused
    let hasLeft = asksDeparted(exchange)
    let isReset = carriesReset(client, exchange)
    forgetUpstream(exchange, code: code)
    if exchange.pointee.isResponseStarted { return truncate(client, slot, exchange, code: code) }
    guard heardNothing, exchange.pointee.event.method.isIdempotent, exchange.pointee.replay.isComplete else {
      if isReset { return passReset(client, slot, exchange, code: code) }
      return fail(client, slot, exchange, .upstreamClosed, code: code)
    }
    if hasLeft { return askAnother(client, slot, exchange, code: code) }
    // The endpoint closed an idle connection as the request went out: it never saw it. On a fresh connection that cannot
    // be, so this happens once.
    if wasReused {
      exchange.pointee.event.retries &+= 1
      if DialError.isSilence(code) { exchange.pointee.tried.insert(exchange.pointee.target) }
      return dispatchAgain(client, slot, exchange, onFresh: true)
    }
    http.targets[exchange.pointee.target].health.failed(now_ns: now_ns, random: &http.random)
    if isReset, !exchange.pointee.isRetryWanted { return passReset(client, slot, exchange, code: code) }
    return tryElsewhere(client, slot, exchange, .upstreamClosed, code: code)
  }

  /// Bytes of an answer's head lie with the connection.
  private func hasNothingHeld(_ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
    http.upstreams.pointer(exchange.pointee.upstream)?.pointee.held.isEmpty ?? true
  }

  /// Sends the request once more, to another endpoint where there is one, if that is safe and allowed; else gives up.
  func tryElsewhere(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ reason: RequestEnd,
    code: Int32
  ) -> ClientStep {
    // Where no connection came about nothing was sent, and any method may be tried again.
    let isSafe = reason == .connectFailed || exchange.pointee.event.method.isIdempotent
    guard isSafe, exchange.pointee.replay.isComplete, mayTryAgain(client, exchange, reason) else {
      if exchange.pointee.event.retries > 0, exchange.pointee.triesLeft == 0 {
        exchange.pointee.event.flags.insert(.upstreamRetryLimitExceeded)
      }
      return fail(client, slot, exchange, reason, code: code)
    }
    guard http.retries.withdraw(now_ns: now_ns) else {
      exchange.pointee.event.flags.insert(.upstreamOverflow)
      return fail(client, slot, exchange, reason, code: code)
    }
    return trySoon(client, slot, exchange)
  }

  /// Makes the next try, after the backoff that the route asks for.
  func trySoon(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep {
    exchange.pointee.triesLeft -= 1
    exchange.pointee.event.retries &+= 1
    exchange.pointee.tried.insert(exchange.pointee.target)
    let base_ns = exchange.pointee.backoff_ns
    guard base_ns > 0 else { return dispatchAgain(client, slot, exchange) }
    let wait_ns = Backoff.delay_ns(
      attempt: Int(exchange.pointee.event.retries) - 1,
      base_ns: base_ns,
      random: &http.random
    )
    exchange.pointee.pause = .backoff(until_ns: now_ns &+ wait_ns)
    arm(client.pointee.exchange, exchange)
    return .waiting
  }

  /// Whether the route wants another try on this status, and it would be safe.
  func wantsRetry(_ exchange: UnsafeMutablePointer<Exchange>, status: UInt16) -> Bool {
    let index = Int(exchange.pointee.event.rule)
    guard index >= 0, let rules = http.shelf.rules(exchange.pointee.rules) else { return false }
    return rules.table.rules[index].retry?.retries(status) ?? false
  }

  /// The same for what a call of gRPC came to that was answered without a message.
  private func wantsCallRetry(_ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
    let index = Int(exchange.pointee.event.rule)
    guard let code = exchange.pointee.event.grpcCode, index >= 0, let rules = http.shelf.rules(exchange.pointee.rules)
    else { return false }
    return rules.table.rules[index].retry?.retries(code) ?? false
  }

  /// Another try instead of the answer whose head has come; nil where that may not be, and the answer goes on.
  func retryAnswered(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep? {
    // A call is a POST always. Whether it may be made twice its document says, by asking for tries of calls.
    guard
      wantsCallRetry(exchange)
        || exchange.pointee.event.method.isIdempotent && wantsRetry(exchange, status: http.response.status),
      exchange.pointee.replay.isComplete, exchange.pointee.isRequestDone
    else { return nil }
    guard exchange.pointee.triesLeft > 0 else {
      exchange.pointee.event.flags.insert(.upstreamRetryLimitExceeded)
      return nil
    }
    guard http.retries.withdraw(now_ns: now_ns) else { return nil }
    noteAnswered(exchange)
    exchange.pointee.event.grpcCode = nil
    dropUpstream(exchange, code: 0)
    return trySoon(client, slot, exchange)
  }

  private func mayTryAgain(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ reason: RequestEnd
  ) -> Bool {
    guard exchange.pointee.triesLeft > 0 else { return false }
    if exchange.pointee.isRetryWanted { return true }
    // Without a document that asks for more, only what was never sent is sent again: an endpoint that is slow would get
    // its load several times over. A lone destination that refuses will refuse again; only a service has others.
    return reason == .connectFailed && exchange.pointee.event.backend >= 0
  }

  /// No endpoint may be asked now: wait a little, unless the service has been without for long.
  func awaitEndpoint(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep {
    if exchange.pointee.endpointDeadline_ns == 0 {
      exchange.pointee.endpointDeadline_ns = failfastDeadline(exchange)
    }
    guard now_ns < exchange.pointee.endpointDeadline_ns, exchange.pointee.replay.isComplete else {
      return fail(client, slot, exchange, .noEndpoint, code: 0)
    }
    exchange.pointee.pause = .endpoint(until_ns: now_ns &+ RetryLimit.endpointPoll_ns)
    arm(client.pointee.exchange, exchange)
    return .waiting
  }

  /// Until when requests may wait for an endpoint of a service: 3 s from when it was first seen without.
  private func failfastDeadline(_ exchange: UnsafeMutablePointer<Exchange>) -> UInt64 {
    guard let port = backendInForce(exchange), let rules = http.shelf.inForce else { return 0 }
    let cluster = rules._withUnsafeGuaranteedRef {
      http.clusters.cluster(of: port, $0.table, &http.targets, now_ns: now_ns)
    }
    return http.clusters.failfastDeadline(cluster, now_ns: now_ns)
  }
}

/// Bounds on trying again.
enum RetryLimit {
  /// How often a request that waits for an endpoint looks for one.
  static let endpointPoll_ns: UInt64 = 100_000_000
}
