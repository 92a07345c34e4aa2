internal import HTTP2
internal import Kernel
internal import Reactor
internal import TransportSecurity

extension Worker {
  /// Acts on timers that came due.
  func expirePeers() {
    expired.removeAll(keepingCapacity: true)
    peerTimers.advance(to: tick, into: &expired)
    for index in expired {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot) else {
        continue
      }
      switch connection.pointee.phase {
      case .connecting, .shaking: endPeer(slot, .timedOut)
      case .greeting, .open, .leaving: expireOpen(connection, slot)
      }
    }
  }

  private func expireOpen(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    if let endsAt = connection.pointee.endsAt, hasCome(endsAt) { return endPeer(slot, .distrusted) }
    if let unfinished = overdue(connection) { return endPeer(slot, .stalled(unfinished)) }
    if connection.pointee.phase == .open, let leavesAt = connection.pointee.leavesAt, hasCome(leavesAt) {
      return leaveDistrusted(connection, slot)
    }
    if connection.pointee.phase == .open, connection.pointee.hasAge, hasCome(connection.pointee.expires) {
      // It takes no new streams by now, and goes with the last that it has.
      connection.pointee.phase = .leaving
    }
    if connection.pointee.phase == .open, let goodbyeAt = connection.pointee.program?.goodbyeAt, hasCome(goodbyeAt) {
      connection.pointee.session.goAway()
      connection.pointee.phase = .leaving
      // Where nothing is under way it is closed as this goes out.
      peers.mustSend(connection, slot)
    } else if connection.pointee.streamCount == 0,
      hasCome(connection.pointee.lastActive &+ connection.pointee.idleTicks) || connection.pointee.phase == .leaving
    {
      return endPeer(slot, .idle)
    }
    setTimer(connection, slot)
  }

  /// The proxy is about to end: peers begin nothing more here, and what is under way goes on.
  func announceEnd() {
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        connection.pointee.isServer, connection.pointee.phase == .open
      else { continue }
      // New requests that are on their way are still taken; the peer closes when the last of them is answered.
      connection.pointee.session.announceShutdown()
      peers.mustSend(connection, slot)
      if connection.pointee.program != nil { dismissSoon(connection, slot) }
    }
  }
}
