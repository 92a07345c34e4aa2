internal import Balancing
internal import Kernel
internal import MeshModel
internal import Reactor

extension Worker {
  /// An endpoint's socket reported.
  func serveUpstream(_ slot: Slot, _ readiness: Readiness) {
    guard let upstream = http.upstreams.pointer(slot) else { return }
    upstream.pointee.side.note(readiness)
    switch upstream.pointee.phase {
    case .connecting: connect(upstream, slot, readiness)
    case .busy where upstream.pointee.isMirror: serveMirror(upstream, slot)
    case .busy where upstream.pointee.side.isPeerStream && peers.isUntouched(upstream.pointee.side.stream.slot):
      moveUntouched(upstream, slot)
    case .busy: serveClient(upstream.pointee.client)
    case .idle where upstream.pointee.side.isStream && !upstream.pointee.side.mayHoldMore:
      // Tickets come when nobody waits for anything.
      if case .wouldBlock = upstream.pointee.side.receive(into: scratch) {
        return upstream.pointee.side.isReadable = false
      }
      closeUpstream(slot, code: 0)
    case .idle:
      // Idle connections have nothing to say: this one is being closed, or speaks without being asked.
      if upstream.pointee.side.isReadable || upstream.pointee.side.mayHoldMore { closeUpstream(slot, code: 0) }
    }
  }

  /// The handshake ended, one way or the other.
  private func connect(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot, _ readiness: Readiness) {
    if !readiness.isDisjoint(with: [.error, .hangUp]) {
      let code = upstream.pointee.side.takeError()
      if code != 0 { return failConnecting(slot, code: code) }
    }
    guard readiness.contains(.writable) else { return }
    let direction = upstream.pointee.direction
    NearLeg.adapt(upstream.pointee.side, seen_ns: now_ns &- upstream.pointee.opened_ns)
    if !upstream.pointee.side.isPeerStream {
      counters.upstreamConnected(direction, after_ns: now_ns &- upstream.pointee.opened_ns)
    }
    http.targets[upstream.pointee.target].health.succeeded()
    http.upstreamTimers.set(slot.index, deadline: tick &+ UpstreamLimit.idleTicks)
    if upstream.pointee.isMirror {
      upstream.pointee.phase = .busy
      return serveMirror(upstream, slot)
    }
    guard http.clients.contains(upstream.pointee.client) else { return makeIdle(slot, upstream) }
    upstream.pointee.phase = .busy
    serveClient(upstream.pointee.client)
  }

  /// No connection came about: its request is sent elsewhere, or answered.
  func failConnecting(_ slot: Slot, code: Int32) {
    guard let upstream = http.upstreams.pointer(slot) else { return }
    if code == SecureError.choseHTTP1, speakOtherwise(upstream, slot) { return }
    let (target, owner, direction) = (upstream.pointee.target, upstream.pointee.client, upstream.pointee.direction)
    counters.upstreamFailed(direction, code: code)
    http.targets[target].health.failed(now_ns: now_ns, random: &http.random)
    guard let client = http.clients.pointer(owner), let exchange = http.exchanges.pointer(client.pointee.exchange)
    else { return closeUpstream(slot, code: code) }
    leave(exchange)
    closeUpstream(slot, code: code)
    if case .again = tryElsewhere(client, owner, exchange, .connectFailed, code: code) { serveClient(owner) }
  }

  /// Acts on timers of connections to endpoints that came due.
  func expireUpstreams() {
    expired.removeAll(keepingCapacity: true)
    http.upstreamTimers.advance(to: tick, into: &expired)
    for index in expired {
      guard let slot = http.upstreams.tenant(index), let upstream = http.upstreams.pointer(slot) else { continue }
      switch upstream.pointee.phase {
      case .connecting: failConnecting(slot, code: DialError.timedOut)
      case .busy where upstream.pointee.isMirror: closeUpstream(slot, code: 0)
      case .busy where upstream.pointee.isDoubted: lookAgain(upstream, slot)
      case .busy: http.upstreamTimers.set(index, deadline: tick &+ UpstreamLimit.idleTicks)
      case .idle:
        let idle_ticks = Worker.tick(now_ns) &- Worker.tick(upstream.pointee.idleSince_ns)
        if idle_ticks >= UpstreamLimit.idleTicks || Int32(bitPattern: upstream.pointee.expires &- tick) <= 0 {
          closeUpstream(slot, code: 0)
        } else {
          http.upstreamTimers.set(index, deadline: tick &+ (UpstreamLimit.idleTicks &- idle_ticks))
        }
      }
    }
  }
}

extension Token.Kind {
  static let httpClient = Token.Kind(5)
  static let httpUpstream = Token.Kind(6)
}
