internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// A client that is reset sooner than this after it came may not have been looked up yet, so its socket is held for
  /// the recorder, which closes it within moments.
  static let lookupGrace_ns: UInt64 = 20_000_000

  /// Moves what can be moved on one connection, and acts on how it ended, if it did.
  func serve(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    guard connection.pointee.phase == .relaying else { return serveUnconnected(connection, slot) }
    connection.pointee.lastActive = tick
    if !connection.pointee.detection.isSettled { return serveAndDetect(connection, slot) }
    let (sent, received) = (connection.pointee.request.bytes, connection.pointee.response.bytes)
    let up = relay(
      from: &connection.pointee.downstream,
      to: &connection.pointee.upstream,
      &connection.pointee.request,
      through: scratch,
      pool: &pool
    )
    let down = relay(
      from: &connection.pointee.upstream,
      to: &connection.pointee.downstream,
      &connection.pointee.response,
      through: scratch,
      pool: &pool
    )
    counters.moved(
      connection.pointee.direction,
      connection.pointee.series,
      up: connection.pointee.request.bytes &- sent,
      down: connection.pointee.response.bytes &- received
    )
    conclude(connection, slot, up, down)
  }

  /// Acts on what both directions came to.
  func conclude(
    _ connection: UnsafeMutablePointer<Connection>,
    _ slot: Slot,
    _ up: RelayOutcome,
    _ down: RelayOutcome
  ) {
    if !connection.pointee.isEdgeCounted, connection.pointee.detection.isSettled { countEdge(of: connection) }
    switch (up, down) {
    case (.senderFailed(let code), _), (_, .receiverFailed(let code)): return close(slot, .clientReset, code: code)
    case (.receiverFailed(let code), _), (_, .senderFailed(let code)): return close(slot, .serverReset, code: code)
    default: break
    }
    if connection.pointee.isFinished { return close(slot, .finished, code: 0) }
    if up.isUnfinished || down.isUnfinished, !connection.pointee.isQueued {
      connection.pointee.isQueued = true
      unfinished.append(slot)
    }
  }

  /// Goes on with connections whose allowance ran out last turn.
  func serveUnfinished() {
    guard !unfinished.isEmpty else { return }
    let count = unfinished.count
    for index in 0..<count {
      let slot = unfinished[index]
      guard let connection = connections.pointer(slot) else { continue }
      connection.pointee.isQueued = false
      serve(connection, slot)
    }
    unfinished.removeFirst(count)
  }

  /// Acts on timers that came due: each connection has one, for whatever it waits for.
  func expireTimers() {
    expired.removeAll(keepingCapacity: true)
    timers.advance(to: tick, into: &expired)
    for index in expired {
      guard let slot = connections.tenant(index), let connection = connections.pointer(slot) else { continue }
      switch connection.pointee.phase {
      case .connecting: failConnecting(connection, slot, code: DialError.timedOut)
      case .naming: giveUpNaming(connection, slot)
      // The answer has its own deadline, and what the connection waits for begins anew then.
      case .asking: timers.set(index, deadline: tick &+ limits.connectTimeout_ticks)
      case .relaying where connection.pointee.isWithholding:
        passOnWithheld(connection, slot)
      case .relaying:
        // Activity does not touch the wheel; the timer asks when it comes round.
        let due = connection.pointee.lastActive &+ limits.idleTimeout_ticks
        if Int32(bitPattern: due &- tick) <= 0 {
          close(slot, .idle, code: 0)
        } else {
          timers.set(index, deadline: due)
        }
      }
    }
  }

  /// Ends a connection: its record, its buffers, its descriptors.
  func close(_ slot: Slot, _ reason: CloseReason, code: Int32) {
    guard let connection = connections.pointer(slot) else { return }
    if reason.resets {
      connection.pointee.downstream.resetOnClose()
      connection.pointee.upstream.resetOnClose()
    }
    if let pending = connection.pointee.request.pending { pool.giveBack(pending) }
    if let pending = connection.pointee.response.pending { pool.giveBack(pending) }
    var event = PathEvent(closing: &connection.pointee, reason, code: code, now_ns: now_ns, keeper.policyVersion)
    if reason.resets, connection.pointee.isAnnounced, event.duration_ns < Self.lookupGrace_ns,
      let held = try? connection.pointee.downstream.socket.duplicate()
    {
      event.held = held.release()
    }
    record(event)
    timers.cancel(slot.index)
    connections.remove(slot)
  }

  func closeAll(_ reason: CloseReason) {
    for index in 0..<connections.extent {
      if let slot = connections.tenant(index) { close(slot, reason, code: 0) }
    }
    for index in 0..<http.clients.extent {
      if let slot = http.clients.tenant(index) { endClient(slot, reason, code: 0) }
    }
    for index in 0..<lookups.connections.extent {
      if let slot = lookups.connections.tenant(index) { endHeld(slot, reason, code: 0) }
    }
    for index in 0..<peers.connections.extent {
      if let slot = peers.connections.tenant(index) { endPeer(slot, .idle, reason) }
    }
  }

  /// Takes a new policy into use and ends what it forbids.
  func adopt(_ table: PolicyTable, _ version: UInt32, _ rules: RequestRules) {
    guard version != keeper.policyVersion else { return adoptEndpoints(table, rules) }
    let older = keeper.rules.table
    keeper.policy = table
    keeper.policyVersion = version
    keeper.rules = rules
    adoptRules(rules)
    judgeProgramsAgain()
    for index in 0..<connections.extent {
      guard let slot = connections.tenant(index), let connection = connections.pointer(slot) else { continue }
      if connection.pointee.servicePort >= 0 {
        connection.pointee.servicePort = rules.table.number(older.ports[Int(connection.pointee.servicePort)])
      }
      if connection.pointee.rule >= 0 {
        connection.pointee.rule = rules.table.number(ofServerRule: older.rules[Int(connection.pointee.rule)])
      }
      connection.pointee.verdict = keeper.verdict(
        connection.pointee.direction,
        from: connection.pointee.source,
        to: connection.pointee.upstreamAddress
      )
      let isRelayed = connection.pointee.detection.isSettled && connection.pointee.detection.result != .http1
      if isRelayed, connection.pointee.direction == .inbound, let verdict = verdictOnOpaque(connection),
        !verdict.isAllowed
      {
        connection.pointee.requestVerdict = verdict
        close(slot, .forbiddenByNewPolicy, code: 0)
      } else if !connection.pointee.verdict.isAllowed {
        close(slot, .forbiddenByNewPolicy, code: 0)
      }
    }
    for index in 0..<http.clients.extent {
      guard let slot = http.clients.tenant(index), let client = http.clients.pointer(slot) else { continue }
      let verdict = keeper.verdict(
        client.pointee.direction,
        from: client.pointee.source,
        to: client.pointee.destination
      )
      client.pointee.verdict = verdict
      // Where requests go by name, each is judged by the endpoint it is sent to.
      if !verdict.isAllowed, !isService(client.pointee.direction, client.pointee.destination) {
        endClient(slot, .forbiddenByNewPolicy, code: 0)
      }
    }
    judgePeersAgain()
  }
}

extension RelayOutcome {
  var isUnfinished: Bool {
    if case .unfinished = self { true } else { false }
  }
}
