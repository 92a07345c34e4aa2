internal import HTTP2
internal import Kernel
internal import Reactor
internal import TransportSecurity

extension Worker {
  /// Other roots are believed from now on. A connection whose peer none of them vouches for takes nothing new; what is under way
  /// may finish, for so long as `PeerLimit.distrustTicks`.
  func leaveDistrusted(_ trust: PeerTrust) {
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        connection.pointee.phase == .open || connection.pointee.phase == .leaving,
        connection.pointee.endsAt == nil, connection.pointee.tls?.isTrusted(by: trust) == false
      else { continue }
      guard connection.pointee.streamCount > 0 else {
        endPeer(slot, .distrusted)
        continue
      }
      connection.pointee.endsAt = tick &+ PeerLimit.distrustTicks
      connection.pointee.phase = .leaving
      // What the peer begins behind this was not looked at, and it may send it again elsewhere.
      connection.pointee.session.goAway()
      peerTimers.set(slot.index, deadline: tick &+ PeerLimit.distrustTicks)
      peers.mustSend(connection, slot)
    }
  }
}
