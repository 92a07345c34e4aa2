internal import HTTP2
internal import Kernel
internal import Reactor
internal import TransportSecurity

extension Worker {
  /// Other roots, or other signers, are believed from now on. A connection whose peer none of them vouches for takes nothing new,
  /// where it is for a signer's sake in a moment (`PeerLimit.hearingTicks`); what is under way may finish, for so long as
  /// `PeerLimit.distrustTicks`.
  func leaveDistrusted(_ trust: PeerTrust) {
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        connection.pointee.phase.stands, connection.pointee.endsAt == nil,
        connection.pointee.tls?.isTrusted(by: trust) == false
      else { continue }
      connection.pointee.endsAt = tick &+ PeerLimit.distrustTicks
      // Of a new root all have heard long before the old one goes.
      guard connection.pointee.tls?.isRooted(in: trust) == true else {
        leaveDistrusted(connection, slot)
        continue
      }
      connection.pointee.leavesAt = tick &+ PeerLimit.hearingTicks
      setTimer(connection, slot)
    }
  }

  /// What the peer begins from here on is not looked at, and it may send it again elsewhere.
  func leaveDistrusted(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    guard connection.pointee.streamCount > 0 else { return endPeer(slot, .distrusted) }
    connection.pointee.phase = .leaving
    connection.pointee.session.goAway()
    peers.failUnbegun(connection)
    setTimer(connection, slot)
    peers.mustSend(connection, slot)
  }
}
