internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Reactor

/// What serving a client came to.
enum ClientStep {
  /// Something moved, and more may.
  case again
  /// Nothing more can move until a socket or a timer says so.
  case waiting
  /// The client is gone, or has become a tunnel: its slot is stale.
  case ended
}

extension Worker {
  /// Moves what can be moved for one client: its answers, its request under way, its next ones.
  func serveClient(_ slot: Slot) {
    for _ in 0..<RequestLimit.stepsPerTurn {
      guard let client = http.clients.pointer(slot) else { return }
      client.pointee.lastActive = tick
      switch step(client, slot) {
      case .again: continue
      case .waiting, .ended: return
      }
    }
    guard let client = http.clients.pointer(slot), !client.pointee.isQueued else { return }
    client.pointee.isQueued = true
    http.unfinished.append(slot)
  }

  @inline(__always)
  private func step(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) -> ClientStep {
    if client.pointee.isPosted {
      // Its answer goes out with the turn's others; until then it is asked for no more.
      if client.pointee.phase != .exchanging, !client.pointee.side.isBroken { return .waiting }
      client.pointee.isPosted = false
    }
    let sent = client.pointee.backlog.flush(to: &client.pointee.side, &pool)
    if case .failed(let code) = sent { return endClient(slot, .clientReset, code: code) }
    if client.pointee.side.isBroken {
      return endClient(slot, .clientReset, code: client.pointee.side.takeError())
    }
    switch client.pointee.phase {
    case .exchanging: return moveExchange(client, slot)
    // A client that does not take its answers is not asked for more.
    case .awaiting: return client.pointee.backlog.isEmpty ? readRequest(client, slot) : .waiting
    case .lookingUp: return .waiting
    case .closing: return client.pointee.backlog.isEmpty ? dismiss(client, slot) : .waiting
    case .lingering: return linger(client, slot)
    }
  }

  /// Goes on with clients whose allowance ran out last turn.
  func serveUnfinishedClients() {
    let count = http.unfinished.count
    guard count > 0 else { return }
    for index in 0..<count {
      let slot = http.unfinished[index]
      guard let client = http.clients.pointer(slot) else { continue }
      client.pointee.isQueued = false
      serveClient(slot)
    }
    http.unfinished.removeFirst(count)
  }

  /// Tells the client that nothing more comes, and gives it a moment to read what did.
  private func dismiss(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) -> ClientStep {
    // Behind a stream's answer its end is said already, and its connection goes on.
    if client.pointee.isMessage { return endClient(slot, .finished, code: 0) }
    client.pointee.side.finishWriting()
    if client.pointee.hasFinished { return endClient(slot, .finished, code: 0) }
    client.pointee.phase = .lingering
    http.clientTimers.set(slot.index, deadline: tick &+ RequestLimit.lingerTicks)
    return .again
  }

  /// Reads and forgets until the client has closed, too, or its time is over. Who goes on sending beyond the bound is not
  /// read any more, so that he has to stop and finds his answer; a reset at that point would overtake it.
  private func linger(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) -> ClientStep {
    guard client.pointee.side.isReadable, client.pointee.forgotten <= RequestLimit.lingerBytes else { return .waiting }
    switch client.pointee.side.receive(into: scratch) {
    case .bytes(let count):
      client.pointee.bytesReceived &+= UInt64(count)
      counters.moved(client.pointee.direction, TCPEnds(source: client.pointee.series), up: UInt64(count), down: 0)
      client.pointee.forgotten &+= UInt32(clamping: count)
      return .again
    case .wouldBlock:
      client.pointee.side.isReadable = false
      return .waiting
    case .endOfStream: return endClient(slot, .finished, code: 0)
    case .failed: return endClient(slot, .finished, code: 0)
    }
  }

  /// Ends a client: what it still had under way, its record, its memory, its descriptor.
  @discardableResult
  func endClient(_ slot: Slot, _ reason: CloseReason, code: Int32) -> ClientStep {
    guard let client = http.clients.pointer(slot) else { return .ended }
    if client.pointee.lookup != .nowhere { fileHeld(client, slot) }
    if client.pointee.dialled != .nowhere { giveUpDialled(client) }
    if http.exchanges.contains(client.pointee.exchange) {
      abandonExchange(client, reason.requestEnd, code: code)
    }
    if reason.resets { client.pointee.side.resetOnClose() }
    client.pointee.backlog.release(to: &pool)
    client.pointee.held.release(to: &pool)
    if client.pointee.target != .max { http.targets.release(client.pointee.target) }
    // Of a stream its request's record says all there is to say; the connection that it came on lasts.
    if client.pointee.isMessage {
      if !client.pointee.isOfProgram { counters.streamEnded() }
      http.clientTimers.cancel(slot.index)
      http.clients.remove(slot)
      return .ended
    }
    var event = PathEvent(closing: &client.pointee, reason, code: code, now_ns: now_ns, keeper.policyVersion)
    if reason.resets, client.pointee.isAnnounced, event.duration_ns < Self.lookupGrace_ns,
      let held = try? client.pointee.side.socket.duplicate()
    {
      event.held = held.release()
    }
    record(event)
    http.clientTimers.cancel(slot.index)
    http.clients.remove(slot)
    return .ended
  }
}

extension CloseReason {
  /// What the end of a connection is to the request under way on it.
  fileprivate var requestEnd: RequestEnd {
    switch self {
    case .idle: .idle
    case .drained: .drained
    case .forbiddenByNewPolicy: .denied
    case .serverReset: .upstreamTruncated
    default: .clientGone
    }
  }
}
