internal import Kernel
internal import Reactor
internal import TransportSecurity

extension Worker {
  /// Both have proved who they are, or need not: frames can go, and streams once the other side has said its settings.
  func open(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    // One that was connected for something else is counted already.
    let isFresh = connection.pointee.phase != .open
    connection.pointee.phase = connection.pointee.isServer ? .open : .greeting
    connection.pointee.proven = prove(connection)
    if connection.pointee.isServer, let id = connection.pointee.tls?.peer?.spiffeID {
      connection.pointee.holding = peers.takePlace(of: id)
      if isCrowding(connection) { return endPeer(slot, .crowded) }
    }
    note(.connected, connection, nil)
    // Roots may have gone while the handshake was under way.
    if let identity, connection.pointee.tls?.isTrusted(by: identity.identity.trust) == false {
      return endPeer(slot, .distrusted)
    }
    if isFresh, !connection.pointee.isServer {
      counters.upstreamConnected(connection.pointee.direction, after_ns: now_ns &- connection.pointee.opened_ns)
    }
    connection.pointee.lastActive = tick
    awaitBeginning(connection)
    setTimer(connection, slot)
    peers.mustSend(connection, slot)
  }

  /// Writes down who has proved to be at the other end.
  private func prove(_ connection: UnsafeMutablePointer<PeerConnection>) -> ProvenPeer? {
    guard let id = connection.pointee.tls?.peer?.spiffeID else { return nil }
    let own = identity?.identity.own.spiffeID
    let proof = PeerProof(
      version: PeerProof.version(connection.pointee.tls?.version ?? ""),
      isResumed: connection.pointee.tls?.isResumed == true,
      peer: outbox.identities.number(of: id),
      own: outbox.identities.number(of: own)
    )
    return ProvenPeer(id, proof: proof, own: own, fingerprint: connection.pointee.tls?.peerFingerprint)
  }
}
