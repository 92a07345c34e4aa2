internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Connections to addresses that the rules do not know, and from such where it matters who it is. Nothing is dialled before the answer: a server that speaks first
/// would be heard, and it may be the wrong one. Nothing is read either, so the client's words wait in the kernel.
extension Worker {
  /// Keeps a client until it is known where it goes, watched so that one that leaves is noticed.
  func hold(_ arrival: consuming Arrival, to destination: SocketAddress, for lookup: LookupFingerprint) {
    arrival.isWatched = true
    let slot = lookups.connections.insert(
      HeldConnection(arrival: arrival, destination: destination, lookup: lookup)
    )
    counters.held()
    guard let held = lookups.connections.pointer(slot) else { return }
    loop.add(held.pointee.arrival.side.socket, .stream, token: Token(.heldConnection, slot: slot).rawValue)
  }

  /// The socket of a held client reported. What it said waits; a client that is gone is let go.
  func noteHeld(_ slot: Slot, _ readiness: Readiness) {
    guard let held = lookups.connections.pointer(slot) else { return }
    held.pointee.arrival.side.note(readiness)
    guard held.pointee.arrival.side.isBroken else { return }
    endHeld(slot, .clientReset, code: held.pointee.arrival.side.takeError())
  }

  /// A held connection goes on, as it would have if the rules had known from the start what they know now.
  func resume(connection slot: Slot) {
    guard let held = lookups.connections.take(slot) else { return }
    let destination = held.destination
    switch held.arrival.direction {
    case .outbound: proceed(held.arrival, Outbound(keeper: keeper).judge(destination))
    case .inbound:
      let now_s = Int64(Clock.realtime_us() / 1_000_000)
      let admission = Inbound(keeper: keeper, now_s: now_s).judge(destination, from: held.arrival.source)
      proceed(held.arrival, admission)
    }
    counters.letGo()
  }

  /// Ends a connection that is held.
  func endHeld(_ slot: Slot, _ reason: CloseReason, code: Int32) {
    guard let held = lookups.connections.take(slot) else { return }
    let destination = held.destination
    refuse(held.arrival, to: destination, nil, reason, code: code)
    counters.letGo()
  }
}

extension Token.Kind {
  static let heldConnection = Token.Kind(7)
}
