internal import Kernel
internal import Reactor

/// One turn of a worker's loop: what happened, what that brought, and whose time is up.
extension Worker {
  /// One turn of the loop: whatever has happened, after at most so long a sleep.
  func turn(timeout_ms: Int32) {
    if timeout_ms != 0, gathering.isWorthwhile(underWay: http.exchanges.count) { Pause.take(Gathering.pause_ns) }
    let count = loop.wait(timeout_ms: timeout_ms)
    now_ns = Clock.monotonic_ns()
    gathering.note(events: count, now_ns: now_ns)
    let before = tick
    tick = Self.tick(now_ns)
    for index in 0..<count {
      let (raw, readiness) = loop.event(index)
      dispatch(Token(rawValue: raw), readiness)
      if http.batch.isFull { sendBatch() }
    }
    // Before the peers' news, which it may bring, and behind them, which may bring some.
    if secure.hasNews { serveSecureNews() }
    servePeersNews()
    if secure.hasNews { serveSecureNews() }
    sendBatch()
    serveUnfinished()
    serveUnfinishedClients()
    expireDeadlines()
    expireHeld()
    if now_ns >= exceptionEnd_ns { judgePeersAgain() }
    if tick != before {
      expireTimers()
      expireClients()
      expireUpstreams()
      expirePeers()
      secure.expireLeaving()
    }
    sendBatch()
    flushPeers()
    resumeAcceptingIfPossible()
    ringForLookups()
    outbox.endTurn()
  }

  /// Acts on one event; one whose slot has another tenant by now is passed over.
  func dispatch(_ token: Token, _ readiness: Readiness) {
    switch token.kind {
    case .downstream:
      guard let connection = connections.pointer(token.slot) else { return }
      connection.pointee.downstream.note(readiness)
      serve(connection, token.slot)
    case .upstream:
      guard let connection = connections.pointer(token.slot) else { return }
      connection.pointee.upstream.note(readiness)
      if connection.pointee.phase == .connecting {
        finishConnecting(connection, token.slot, readiness)
        guard let stillThere = connections.pointer(token.slot) else { return }
        serve(stillThere, token.slot)
      } else {
        serve(connection, token.slot)
      }
    case .httpClient:
      guard let client = http.clients.pointer(token.slot) else { return }
      client.pointee.side.note(readiness)
      if readiness.contains(.peerFinished) { noteFIN(client) }
      serveClient(token.slot)
    case .httpUpstream: serveUpstream(token.slot, readiness)
    case .listener: accept(from: Int(token.slot.index))
    case .heldConnection: noteHeld(token.slot, readiness)
    case .peer: servePeer(token.slot, readiness)
    case .secure: secure.take(readiness, token.slot, now_ns: now_ns)
    case .mail: for letter in mailbox.takeAll() { open(letter) }
    default: break
    }
  }

  /// Does what the control thread asks.
  func open(_ letter: WorkerLetter) {
    switch letter {
    case .policy(let table, let version, let rules): adopt(table, version, rules)
    case .discovery(let isLive): noteAgent(isLive: isLive)
    case .settled(let keys): settle(keys)
    case .forgotten(let keys): forget(keys)
    case .identity(let identity): adopt(identity)
    case .material(let material): adopt(material)
    case .drain: beginDraining()
    case .report(let survey): report(survey)
    case .reportEndpoints(let survey): report(survey)
    case .reportEdges(let survey): report(survey)
    case .reportPeers(let survey): report(survey)
    case .retire(let hasSuccessor):
      retire(hasSuccessor: hasSuccessor)
    case .stop: isStopping = true
    }
  }
}
