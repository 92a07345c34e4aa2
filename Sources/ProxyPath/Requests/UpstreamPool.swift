internal import Balancing
internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Reactor

/// The idle connections of an endpoint form a list through the slab: the newest is used first, so that those beyond need
/// age and go; the oldest is the first to be closed.
extension Worker {
  /// The newest idle connection to a target that may take this request; nil where one must be opened.
  func takeIdle(_ target: UInt32, mayRepeat: Bool) -> Slot? {
    while true {
      let index = http.targets[target].newestIdle
      guard index != .max, let slot = http.upstreams.tenant(index), let upstream = http.upstreams.pointer(slot) else {
        return nil
      }
      if Int32(bitPattern: upstream.pointee.expires &- tick) <= 0 || upstream.pointee.side.mayHoldMore {
        closeUpstream(slot, code: 0)
        continue
      }
      if !mayRepeat, now_ns &- upstream.pointee.idleSince_ns > UpstreamLimit.freshIdle_ns { return nil }
      unlinkIdle(upstream)
      return slot
    }
  }

  /// Dials a target. The connection is filed, and busy from the start for whoever asked; `isSuspect` where he came with a
  /// mark of the loop guard.
  func openUpstream(
    _ target: UInt32,
    _ direction: Direction,
    isSuspect: Bool,
    _ speech: UpstreamSpeech,
    for exchange: UnsafeMutablePointer<Exchange>,
    isMirror: Bool = false
  ) -> DialResult {
    guard !http.upstreams.isFull, !isFull else { return .failed(DialError.tooManyOpen) }
    let address = http.targets[target].address
    if http.targets[target].way != .usual {
      // Mirrored requests name nobody.
      let result = openOtherwise(
        target,
        direction,
        isSuspect,
        speech,
        asking: isMirror ? nil : exchange.pointee.event.hostName
      )
      if let result { return result }
    }
    if let key = streamKey(target, direction, speech, exchange, isMirror: isMirror) {
      let carrier = http.targets[target].carrier
      switch openStream(to: key, near: carrier, port: address.port, isTunnel: false, speech, direction) {
      case .failed(let code): return .failed(code)
      case .opened(let slot, let isUp):
        if let stream = peers.streams.pointer(slot) { http.targets[target].carrier = stream.pointee.connection }
        let side = Side(StreamEnd(peers, slot), isWritable: isUp)
        return .opened(file(side, target, direction, nil, isUp ? .busy : .connecting))
      }
    }
    switch dial(address) {
    case .failed(let code): return .failed(code)
    case .connecting(let socket):
      let mark =
        direction == .outbound
        ? socket.localAddress().map { keeper.loopGuard.remember(from: $0, to: address, isSuspect: isSuspect) } : nil
      return .opened(file(Side(socket), target, direction, mark, .connecting))
    }
  }

  /// A connection that is being made, or `errno`.
  enum DialResult {
    case opened(Slot)
    case failed(Int32)
  }

  /// Files a connection to a target, and watches it; `since` is when it was dialled, where that is a while ago.
  func file(
    _ side: consuming Side,
    _ target: UInt32,
    _ direction: Direction,
    _ mark: consuming LoopMark?,
    _ phase: HTTPUpstream.Phase,
    isWatched: Bool = false,
    since: UInt64? = nil
  ) -> Slot {
    http.targets.retain(target)
    let age = UpstreamLimit.ageTicks &+ http.random.below(UpstreamLimit.ageJitterTicks)
    let slot = http.upstreams.insert(
      HTTPUpstream(
        side: side,
        target: target,
        phase: phase,
        loopMark: mark,
        direction: direction,
        opened_ns: since ?? now_ns,
        expires: tick &+ age
      )
    )
    if let upstream = http.upstreams.pointer(slot) {
      watch(upstream.pointee.side, Token(.httpUpstream, slot: slot), isWatched: isWatched)
    }
    let limit = phase == .connecting ? limits.connectTimeout_ticks : UpstreamLimit.idleTicks
    http.upstreamTimers.set(slot.index, deadline: tick &+ limit)
    return slot
  }

  /// Puts a connection whose answer is whole among the idle ones of its target.
  func makeIdle(_ slot: Slot, _ upstream: UnsafeMutablePointer<HTTPUpstream>) {
    let target = upstream.pointee.target
    // Nobody would ask for it any more. A stream serves one request, and its connection waits for the next.
    if upstream.pointee.side.isPeerStream || http.targets[target].hasLeft { return closeUpstream(slot, code: 0) }
    upstream.pointee.phase = .idle
    upstream.pointee.client = .nowhere
    upstream.pointee.idleSince_ns = now_ns
    let newest = http.targets[target].newestIdle
    upstream.pointee.newer = .max
    upstream.pointee.older = newest
    if newest == .max {
      http.targets[target].oldestIdle = slot.index
    } else if let tenant = http.upstreams.tenant(newest), let next = http.upstreams.pointer(tenant) {
      next.pointee.newer = slot.index
    }
    http.targets[target].newestIdle = slot.index
    http.targets[target].idleCount += 1
    if http.targets[target].idleCount > UpstreamLimit.idlePerTarget,
      let oldest = http.upstreams.tenant(http.targets[target].oldestIdle)
    {
      closeUpstream(oldest, code: 0)
    }
  }

  /// Takes a connection out of the list of those of its target that are idle.
  func unlinkIdle(_ upstream: UnsafeMutablePointer<HTTPUpstream>) {
    let (target, newer, older) = (upstream.pointee.target, upstream.pointee.newer, upstream.pointee.older)
    if newer == .max {
      http.targets[target].newestIdle = older
    } else if let tenant = http.upstreams.tenant(newer), let next = http.upstreams.pointer(tenant) {
      next.pointee.older = older
    }
    if older == .max {
      http.targets[target].oldestIdle = newer
    } else if let tenant = http.upstreams.tenant(older), let next = http.upstreams.pointer(tenant) {
      next.pointee.newer = newer
    }
    (upstream.pointee.newer, upstream.pointee.older) = (.max, .max)
    http.targets[target].idleCount -= 1
  }

  /// Ends a connection to an endpoint; `code` is the error behind it, 0 for none.
  func closeUpstream(_ slot: Slot, code: Int32) {
    guard let upstream = http.upstreams.pointer(slot) else { return }
    if upstream.pointee.phase == .idle { unlinkIdle(upstream) }
    // The connection that a stream is of is counted by itself.
    if upstream.pointee.phase != .connecting, !upstream.pointee.side.isPeerStream {
      counters.upstreamClosed(
        upstream.pointee.direction,
        upstream.pointee.series,
        code: code,
        duration_ms: (now_ns &- upstream.pointee.opened_ns) / 1_000_000
      )
    }
    upstream.pointee.backlog.release(to: &pool)
    upstream.pointee.held.release(to: &pool)
    let target = upstream.pointee.target
    http.upstreamTimers.cancel(slot.index)
    http.upstreams.remove(slot)
    http.targets.release(target)
  }
}
