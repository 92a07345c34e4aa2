internal import HTTP2
internal import Kernel
internal import Reactor
internal import TransportSecurity

extension Worker {
  func note(
    _ kind: PeerNote.Kind,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ end: PeerConnectionEnd?
  ) {
    // Of a program's connection its own record says what there is to say, of one to a program those of its requests.
    guard connection.pointee.tls != nil else { return }
    let peer = connection.pointee.tls?.peer
    let isUp = connection.pointee.tls?.isEstablished == true
    outbox.post(
      PeerNote(
        kind,
        isServer: connection.pointee.isServer,
        peer: connection.pointee.peer,
        identity: peer?.spiffeID,
        expected: connection.pointee.key?.identity,
        version: isUp ? connection.pointee.tls?.version ?? "" : "",
        isResumed: isUp && connection.pointee.tls?.isResumed == true,
        end: end,
        streams: connection.pointee.streamTotal,
        duration_ns: now_ns &- connection.pointee.opened_ns
      )
    )
  }

  /// Says that the end is meant: what still comes is not for anyone, and nothing that was begun is lost unnoticed.
  private func sayGoodbye(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    guard connection.pointee.phase.stands else { return }
    connection.pointee.session.goAway()
    peers.flush(connection, slot)
    connection.pointee.tls?.finish(into: peers.cipher)
    _ = peers.sendSealed(connection, slot)
  }

  /// Ends a connection to another proxy, and with it whatever streams it still has.
  ///
  /// `reason` goes into the record of a program's connection where `end` does not say it.
  func endPeer(_ slot: Slot, _ end: PeerConnectionEnd, _ reason: CloseReason? = nil) {
    guard let connection = peers.connections.pointer(slot) else { return }
    let wasOpen = connection.pointee.phase.stands
    if !end.isTold { note(wasOpen && !end.isFault ? .ended : .refused, connection, end) }
    if connection.pointee.program != nil { recordProgram(connection, end, reason) }
    if end.isMeant { sayGoodbye(connection, slot) }
    peers.failStreams(connection, code: end.code)
    if let key = connection.pointee.key {
      peers.forget(slot, for: key)
      countDialled(connection, end, wasOpen: wasOpen)
    }
    peers.leavePlace(connection)
    if let memory = connection.pointee.outputMemory { peers.pool.giveBack(memory) }
    connection.pointee.backlog.release(to: &peers.pool)
    peerTimers.cancel(slot.index)
    peers.connections.remove(slot)
  }
}
