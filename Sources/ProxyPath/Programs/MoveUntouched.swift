internal import Balancing
internal import Kernel
internal import Reactor

extension Worker {
  /// An endpoint never looked at a request: it said goodbye before, refused the stream, or broke before anything went out. It
  /// is sent again whatever it asks; to the same endpoint where it speaks for itself, since that may only have too much to do
  /// on one connection, or renew it.
  func moveUntouched(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) {
    let owner = upstream.pointee.client
    guard http.targets.peer(of: upstream.pointee.target) == nil, let client = http.clients.pointer(owner),
      let exchange = http.exchanges.pointer(client.pointee.exchange), exchange.pointee.upstream == slot,
      !exchange.pointee.isResponseStarted, exchange.pointee.replay.isComplete,
      exchange.pointee.event.retries < RequestLimit.connectRetries, http.retries.withdraw(now_ns: now_ns)
    else { return giveUpUntouched(upstream, slot) }
    exchange.pointee.event.retries &+= 1
    leave(exchange)
    closeUpstream(slot, code: DialError.reset)
    let step = dispatch(client, owner, exchange, exchange.pointee.replay.content, onFresh: true)
    if case .again = step { serveClient(owner) }
  }

  private func giveUpUntouched(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) {
    let owner = upstream.pointee.client
    guard http.targets.peer(of: upstream.pointee.target) == nil, let client = http.clients.pointer(owner),
      let exchange = http.exchanges.pointer(client.pointee.exchange), carriesReset(client, exchange)
    else { return failConnecting(slot, code: DialError.refused) }
    leave(exchange)
    closeUpstream(slot, code: DialError.reset)
    _ = passReset(client, owner, exchange, code: DialError.reset)
  }
}
