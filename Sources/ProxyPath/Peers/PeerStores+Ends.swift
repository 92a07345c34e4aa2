internal import Glibc
internal import HTTP2
internal import Kernel
internal import Reactor

/// Whose a stream is, how it ends, and what is left of it when nobody has it any more.
extension PeerStores {
  func resetOnClose(_ slot: Slot) { streams.pointer(slot)?.pointee.mustReset = true }

  func failure(of slot: Slot) -> Int32 { streams.pointer(slot)?.pointee.failure ?? ECONNRESET }

  func hasUnreadBytes(_ slot: Slot) -> Bool { (streams.pointer(slot)?.pointee.unread ?? 0) > 0 }

  /// Its events are this one's from now on; what it is ready for is told again.
  func assign(_ slot: Slot, to owner: Token) {
    guard let stream = streams.pointer(slot) else { return }
    stream.pointee.owner = owner
    var news = Readiness(rawValue: 0)
    if stream.pointee.unread > 0 || stream.pointee.hasFinished { news.formUnion(.readable) }
    if stream.pointee.hasFinished { news.formUnion(.peerFinished) }
    if stream.pointee.failure != 0 { news.formUnion([.readable, .error, .hangUp]) }
    let phase = connections.pointer(stream.pointee.connection)?.pointee.phase
    // That it can be written to, whoever made it knows.
    guard !news.isEmpty else { return }
    let isOpen = (phase == .open || phase == .leaving) && (!stream.pointee.isTunnel || stream.pointee.isStanding)
    if isOpen, !stream.pointee.isBlocked { news.formUnion(.writable) }
    tell(stream, slot, news)
  }

  /// Whoever had it needs it no more: what is not over is cancelled.
  func giveUp(_ slot: Slot) {
    guard let stream = streams.pointer(slot) else { return }
    let place = stream.pointee.connection
    if stream.pointee.owesEnd, !stream.pointee.isClosed, !stream.pointee.mustReset,
      stream.pointee.hasFinished || stream.pointee.isServer
    {
      stream.pointee.isLeft = true
      stream.pointee.owner = nil
      return
    }
    guard let connection = connections.pointer(place) else { return remove(slot) }
    drop(stream, slot, connection)
  }

  /// Removes a stream; what is not over is reset.
  func drop(
    _ stream: UnsafeMutablePointer<PeerStream>,
    _ slot: Slot,
    _ connection: UnsafeMutablePointer<PeerConnection>
  ) {
    if let id = stream.pointee.id {
      let isOver = stream.pointee.hasFinished && stream.pointee.hasSentEnd && !stream.pointee.mustReset
      if !isOver, !stream.pointee.isClosed {
        let code = stream.pointee.codeOfReset
        // An answer, and trailers most of all, may wait in the session still, and would be forgotten with the stream.
        if code == .noError, !stream.pointee.owesReset { return resetLater(stream, connection) }
        connection.pointee.session.reset(id, code)
      }
      if stream.pointee.owed > 0 { connection.pointee.session.consume(stream.pointee.owed, of: id) }
      mustSend(connection, stream.pointee.connection)
    }
    remove(slot)
  }
}
