internal import Discovery
internal import Kernel
internal import Reactor

/// Questions of operators and probes: the control thread's listeners, and who has come by them.
extension Control {
  /// Takes questions from now on, or again.
  func watchListeners() {
    for (index, listener) in listeners.enumerated() {
      loop.add(listener.socket, .readable, token: Token(.controlListener, index: UInt32(index)).rawValue)
    }
  }

  /// Nothing could be accepted although somebody waits: for want of descriptors, mostly. Asking again at once would only
  /// turn the loop, so the listeners are left alone for a tick.
  private func restListeners() {
    guard listenersReopenAt == nil else { return }
    listenersReopenAt = tick &+ 1
    for listener in listeners { loop.remove(listener.socket) }
  }

  /// Takes questions again after a rest.
  func reopenControlListeners() {
    guard let due = listenersReopenAt, Int32(bitPattern: tick &- due) >= 0 else { return }
    listenersReopenAt = nil
    watchListeners()
  }

  /// Takes who waits at a listener.
  func admit(_ index: Int) {
    guard index < listeners.count else { return }
    let listener = listeners[index]
    guard let socket = listener.socket.acceptAny() else { return restListeners() }
    listener.accepted += 1
    makeRoom(for: listener.role)
    admitted += 1
    let slot = exchanges.insert(HTTPExchange(socket, listener.role, number: admitted))
    guard let exchange = exchanges.pointer(slot) else { return }
    loop.add(exchange.pointee.socket, .stream, token: Token(.exchange, slot: slot).rawValue)
    timers.set(slot.index, deadline: tick &+ HTTPExchange.ticks)
  }

  /// Ends the oldest exchange of a role that has its share.
  private func makeRoom(for role: HTTPExchange.Role) {
    var count = 0
    var oldest: (number: UInt64, slot: Slot)?
    for index in 0..<exchanges.extent {
      guard let slot = exchanges.tenant(index), let exchange = exchanges.pointer(slot), exchange.pointee.role == role
      else { continue }
      count += 1
      if exchange.pointee.number < oldest?.number ?? .max { oldest = (exchange.pointee.number, slot) }
    }
    if count >= HTTPExchange.limitPerRole, let oldest { end(oldest.slot) }
  }

  /// Goes on with an exchange: reads its question, or writes on its answer.
  func serve(_ slot: Slot) {
    guard let exchange = exchanges.pointer(slot), !unmet.contains(where: { $0.exchange == slot }) else { return }
    var step = exchange.pointee.isAnswering ? exchange.pointee.write() : exchange.pointee.read(through: scratch)
    if case .request(let request) = step {
      let keys = unmet(request, exchange.pointee)
      if !keys.isEmpty {
        let due_ms = now_ms + LookupLimit.patience_ns / 1_000_000
        unmet.append(Unmet(exchange: slot, request: request, keys: keys, due_ms: due_ms))
        for key in keys { note(agent?.want(key, now_ms: now_ms, loop: loop, token: Self.agentToken)) }
        return
      }
      step = exchange.pointee.answer(
        answer(request, exchange.pointee.role, &exchange.pointee),
        withoutBody: request.method == "HEAD"
      )
    }
    if case .done = step { end(slot) }
  }

  /// Answers questions for which the agent has said what it had to, or is not waited for any more.
  func answerUnmet() {
    guard !unmet.isEmpty else { return }
    let waiting = unmet
    unmet.removeAll { question in
      agent?.isConnected != true || now_ms >= question.due_ms
        || question.keys.allSatisfy { agent?.session.view.hasSettled($0) == true }
    }
    for question in waiting where !unmet.contains(where: { $0.exchange == question.exchange }) {
      guard let exchange = exchanges.pointer(question.exchange) else { continue }
      let response = answer(question.request, exchange.pointee.role, &exchange.pointee)
      let isHead = question.request.method == "HEAD"
      if case .done = exchange.pointee.answer(response, withoutBody: isHead) { end(question.exchange) }
    }
  }

  private func end(_ slot: Slot) {
    timers.cancel(slot.index)
    forget(slot)
  }

  /// Who has gone waits for no answer either, so that no more wait than there are.
  private func forget(_ slot: Slot) {
    unmet.removeAll { $0.exchange == slot }
    exchanges.remove(slot)
  }

  /// Lets go of exchanges that took too long.
  func expire() {
    var expired: [UInt32] = []
    timers.advance(to: tick, into: &expired)
    for index in expired { if let slot = exchanges.tenant(index) { forget(slot) } }
  }
}
