internal import HTTP2
internal import Kernel
internal import Reactor

/// Connections that were dialled, by whom they lead to: the one that was used last, and behind it, link by link, those that had
/// as many streams as they may when a further one was needed.
extension PeerStores {
  /// A connection is the first to be asked for its key from now on.
  func remember(_ slot: Slot, for key: PeerKey) {
    connections.pointer(slot)?.pointee.older = dialled[key] ?? .nowhere
    dialled[key] = slot
  }

  /// A connection is asked for nothing more.
  func forget(_ slot: Slot, for key: PeerKey) {
    guard let first = dialled[key] else { return }
    let next = connections.pointer(slot)?.pointee.older ?? .nowhere
    guard first != slot else {
      dialled[key] = connections.contains(next) ? next : nil
      return
    }
    var place = first
    while let connection = connections.pointer(place) {
      if connection.pointee.older == slot { return connection.pointee.older = next }
      place = connection.pointee.older
    }
  }
}

extension Worker {
  /// A connection to whom `key` names that takes another stream; nil where one is to be dialled.
  func takingConnection(_ key: PeerKey) -> Slot? {
    guard let first = peers.dialled[key], let connection = peers.connections.pointer(first) else { return nil }
    if isTaking(connection, connection.pointee.streamLimit) { return first }
    return takingConnection(key, behind: first)
  }

  /// The same, beginning with the one that the last stream went over: a table is searched only where that one has gone, belongs
  /// to somebody else by now or takes no more.
  func takingConnection(_ key: PeerKey, near carrier: Slot) -> Slot? {
    if let connection = peers.connections.pointer(carrier), connection.pointee.key == key,
      isTaking(connection, connection.pointee.streamLimit)
    {
      return carrier
    }
    return takingConnection(key)
  }

  private func takingConnection(_ key: PeerKey, behind first: Slot) -> Slot? {
    var previous = first
    var count = 1
    while let before = peers.connections.pointer(previous),
      let connection = peers.connections.pointer(before.pointee.older)
    {
      let place = before.pointee.older
      if isTaking(connection, connection.pointee.streamLimit) {
        // The next request is likely to find room here, too.
        before.pointee.older = connection.pointee.older
        peers.remember(place, for: key)
        return place
      }
      previous = place
      count += 1
    }
    guard count >= PeerLimit.connectionsPerKey, let connection = peers.connections.pointer(first),
      isTaking(connection, PeerLimit.session.streams)
    else { return nil }
    return first
  }

  private func isTaking(_ connection: UnsafeMutablePointer<PeerConnection>, _ limit: Int) -> Bool {
    switch connection.pointee.phase {
    case .connecting, .shaking, .greeting: return connection.pointee.streamCount < limit
    case .leaving: return false
    case .open:
      return Int32(bitPattern: connection.pointee.expires &- tick) > 0 && connection.pointee.session.canRequest
        && connection.pointee.streamCount < limit
    }
  }
}
