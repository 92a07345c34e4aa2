internal import Balancing
internal import HTTP2
internal import Kernel
internal import Reactor

extension Worker {
  /// An endpoint never looked at a request (RFC 9113 section 8.7): it said goodbye before, refused the stream, or broke before
  /// anything went out. It is sent again whatever it asks: to the same endpoint where it speaks for itself, since that may only
  /// have too much to do on one connection, or renew it; elsewhere, if there is another, where a proxy stands before it, which
  /// has asked it again already, or where nothing answers.
  func moveUntouched(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) {
    let (owner, target) = (upstream.pointee.client, upstream.pointee.target)
    guard let client = http.clients.pointer(owner), let exchange = http.exchanges.pointer(client.pointee.exchange),
      exchange.pointee.upstream == slot
    else { return failConnecting(slot, code: DialError.refused) }
    let code = upstream.pointee.side.takeError()
    if http.targets.peer(of: target) != nil || DialError.isSilence(code) {
      http.targets[target].health.failed(now_ns: now_ns, random: &http.random)
      exchange.pointee.tried.insert(target)
    }
    leave(exchange)
    closeUpstream(slot, code: DialError.reset)
    let step: ClientStep
    if exchange.pointee.isResponseStarted {
      // Who answers and then says that it did nothing broke off.
      step = truncate(client, owner, exchange, code: code)
    } else if let obstacle = obstacleToMoving(exchange) {
      step = refuseUnseen(client, owner, exchange, obstacle, code: code)
    } else {
      exchange.pointee.event.retries &+= 1
      if exchange.pointee.triesLeft > 0 { exchange.pointee.triesLeft -= 1 }
      step = dispatchAgain(client, owner, exchange, onFresh: true)
    }
    if case .again = step { serveClient(owner) }
  }

  /// Why a request cannot be sent again though nobody has looked at it, as flags; nil where it can be.
  private func obstacleToMoving(_ exchange: UnsafeMutablePointer<Exchange>) -> ResponseFlags? {
    // Its beginning is not kept any more: it was long.
    guard exchange.pointee.replay.isComplete else { return [] }
    guard exchange.pointee.event.retries < RequestLimit.connectRetries else { return .upstreamRetryLimitExceeded }
    return http.retries.withdraw(now_ns: now_ns) ? nil : .upstreamOverflow
  }

  /// Gives a request up that nobody has looked at. Who asked by HTTP/2, or is another proxy, hears just that, and may ask
  /// elsewhere; the others are answered.
  private func refuseUnseen(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ obstacle: ResponseFlags,
    code: Int32
  ) -> ClientStep {
    exchange.pointee.event.flags.formUnion(obstacle)
    guard client.pointee.isMessage, client.pointee.side.isPeerStream else {
      return fail(client, slot, exchange, .refusedUnseen, code: code)
    }
    exchange.pointee.event.end = .refusedUnseen
    exchange.pointee.event.flags.formUnion(RequestEnd.refusedUnseen.flags)
    exchange.pointee.event.code = code
    peers.setCode(of: client.pointee.side.stream.slot, .refusedStream)
    finishRecord(client, exchange)
    return endClient(slot, .serverReset, code: DialError.reset)
  }
}
