internal import Kernel
internal import Reactor

/// One turn of the control loop: how long it sleeps, and what each event is about.
extension Control {
  /// Milliseconds between two looks whether a proxy that drains has nothing open any more: no worker says so.
  static let drainLook_ms: Int32 = 50
  /// Milliseconds between two looks whether the agent's policies have come, while the start waits for them.
  static let agentLook_ms: Int32 = 100

  /// Milliseconds for epoll_wait(2), until something is due; -1 where nothing is waited for but events.
  var patience_ms: Int32 {
    if case .draining = phase { return Self.drainLook_ms }
    let own = watchIsDue != nil || listenersReopenAt != nil || timers.count > 0 ? Int32(TimerWheel.tick_ms) : Int32.max
    let agents = min(agent?.patience_ms(now_ms: now_ms) ?? .max, isAwaitingAgent ? Self.agentLook_ms : .max)
    let keeping =
      agentsSnapshot.flatMap { last.due_ms($0, documents: snapshots.version, now_ms: now_ms) }
      .map { Int32(clamping: $0) } ?? .max
    let tidying = tidyAt_ms.map { Int32(clamping: $0 > now_ms ? $0 - now_ms : 0) } ?? .max
    let patience = min(
      own,
      min(agents, keeping, tidying, tlsFilesPatience_ms, hostsPatience_ms),
      identityPatience_ms,
      names?.patience_ms(now_ms: now_ms) ?? .max
    )
    return patience == .max ? -1 : patience
  }

  /// Acts on one event.
  func dispatch(_ token: Token, _ readiness: Readiness) {
    switch token.kind {
    case .signals: while let signal = signals.next() { handle(signal: signal) }
    case .watch:
      if watch?.drain() == false { isWatchOver = true }
      // A writer may still be at it: look when it has been quiet for a moment.
      watchIsDue = tick &+ 1
    case .controlListener: admit(Int(token.slot.index))
    case .exchange: serve(token.slot)
    case .questions: note(agent?.ask(now_ms: now_ms, loop: loop, token: Self.agentToken))
    case .agent:
      var publication = DiscoverySeat.Publication.unchanged
      note(
        agent?.ready(now_ms: now_ms, loop: loop, token: Self.agentToken, publication: &publication)
      )
      note(publication)
    case .names: hearNames(token.slot.index)
    case .identity: hearIdentity()
    case .tlsFiles: tlsWatch.drain(now_ms: now_ms)
    case .resolver: hearHosts(token.slot.index)
    default: break
    }
  }

  private func handle(signal: Int32) {
    if signal == ProcessSignal.reload { return reloadSnapshot() }
    switch phase {
    case .serving: drain()
    case .draining: phase = .stopped  // asked twice: now
    case .stopped: break
    }
  }
}
