internal import Balancing
internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Reactor

extension Worker {
  /// The answer is whole: the endpoint's connection serves others, the client its next request.
  func finishExchange(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>,
    surplus: Int
  ) -> ClientStep {
    if exchange.pointee.isGRPC { settleCall(exchange) }
    let connection = exchange.pointee.upstream
    let isReusable =
      exchange.pointee.isUpstreamPersistent && !upstream.pointee.side.isPeerStream && exchange.pointee.isRequestDone
      && !exchange.pointee.isRequestCut
      && surplus == 0 && upstream.pointee.backlog.isEmpty && !upstream.pointee.side.mayHoldMore
    // Bytes behind the answer belong to nobody: whoever got this connection next would take them for his.
    if surplus > 0 { exchange.pointee.event.flags.insert(.upstreamProtocolError) }
    leave(exchange)
    if isReusable { makeIdle(connection, upstream) } else { closeUpstream(connection, code: 0) }
    if !exchange.pointee.isRequestDone { client.pointee.endsAfterAnswer = true }
    return closeExchange(client, exchange)
  }

  /// Ends an exchange whose answer is on its way to the client, and turns to what the client says next.
  func closeExchange(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep {
    finishRecord(client, exchange)
    client.pointee.phase = client.pointee.endsAfterAnswer ? .closing : .awaiting
    if client.pointee.endsAfterAnswer { client.pointee.held.release(to: &pool) }
    return .again
  }

  /// The client is gone, or sent away, in the midst of a request.
  func abandonExchange(_ client: UnsafeMutablePointer<HTTPClient>, _ end: RequestEnd, code: Int32) {
    guard let exchange = http.exchanges.pointer(client.pointee.exchange) else { return }
    if exchange.pointee.upstream != .nowhere { dropUpstream(exchange, code: 0) }
    exchange.pointee.event.end = end
    exchange.pointee.event.flags.formUnion(end.flags)
    exchange.pointee.event.code = code
    finishRecord(client, exchange)
  }

  /// Hands over the record of a request and forgets the request.
  func finishRecord(_ client: UnsafeMutablePointer<HTTPClient>, _ exchange: UnsafeMutablePointer<Exchange>) {
    exchange.pointee.event.duration_ns = now_ns &- exchange.pointee.started_ns
    recordRequest(&exchange.pointee.event, exchange.pointee.rules)
    exchange.pointee.replay.giveUp(&pool)
    http.deadlines.cancel(client.pointee.exchange.index)
    http.shelf.giveBack(exchange.pointee.rules)
    http.exchanges.remove(client.pointee.exchange)
    client.pointee.exchange = .nowhere
  }

  /// An answer's head came: the endpoint took so long, and works unless it says that it cannot be had.
  func noteAnswered(_ exchange: UnsafeMutablePointer<Exchange>) {
    let target = exchange.pointee.target
    http.targets[target].latency.observe(latency_ns: now_ns &- exchange.pointee.tried_ns, now_ns: now_ns)
    if exchange.pointee.isGRPC, isUnavailable(exchange) {
      http.targets[target].health.failed(now_ns: now_ns, random: &http.random)
    } else {
      http.targets[target].health.succeeded()
    }
  }
}
