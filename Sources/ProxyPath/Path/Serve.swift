internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {

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
}

extension RelayOutcome {
  var isUnfinished: Bool {
    if case .unfinished = self { true } else { false }
  }
}
