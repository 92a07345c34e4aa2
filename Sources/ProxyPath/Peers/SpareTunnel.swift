internal import Kernel
internal import Reactor

extension Worker {
  /// A connection through another proxy is being asked for, since nobody has said what is spoken there and the server may speak
  /// first. A client that has begun a request meanwhile need not wait for it, nor for the connection that the other side makes
  /// for it: requests have streams of their own.
  ///
  /// What the client says else waits as it came, and is looked at once the connection stands (`takeUpEarlyWords`).
  func hearBeforeTunnel(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    guard !connection.pointee.detection.isSettled,
      connection.pointee.request.pending == nil || connection.pointee.isWithholding
    else { return }
    if takeFirstBytes(connection, slot) { serveAsHTTP(slot) }
  }
}

extension Connection {
  /// It is to go through another proxy, to a port of a service of which nothing is declared, and does not stand yet.
  var awaitsTunnel: Bool { phase == .connecting && servicePort >= 0 && upstream.isPeerStream }
}
