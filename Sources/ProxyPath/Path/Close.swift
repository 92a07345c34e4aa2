internal import Kernel
internal import Policy
internal import Reactor

/// The end of a connection: one place, so its record, buffers, timer, slot and descriptors go together.
extension Worker {
  /// A client that is reset sooner than this after it came may not have been looked up yet, so its socket is held for
  /// the recorder, which closes it within moments.
  static let lookupGrace_ns: UInt64 = 20_000_000

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

  /// Ends all that is open.
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
}
