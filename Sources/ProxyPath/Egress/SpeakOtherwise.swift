internal import Kernel
internal import MeshModel
internal import Reactor

/// Servers outside the mesh that are asked by HTTP/2 and choose HTTP/1.1.
extension Worker {
  /// Whether a request of HTTP/2 goes to an endpoint by HTTP/1.1, since that has chosen it.
  @inline(__always)
  func hasChosenHTTP1(
    _ target: UInt32,
    _ exchange: UnsafeMutablePointer<Exchange>,
    isMirror: Bool
  ) -> Bool {
    guard !secure.choices.isEmpty else { return false }
    return searchChoices(target, exchange, isMirror: isMirror)
  }

  private func searchChoices(_ target: UInt32, _ exchange: UnsafeMutablePointer<Exchange>, isMirror: Bool) -> Bool {
    guard http.targets[target].way.number != nil,
      let key = streamKey(target, .outbound, .native, exchange, isMirror: isMirror)
    else { return false }
    return secure.choices.isHTTP1(key, tick: tick)
  }

  /// A server has chosen HTTP/1.1 where HTTP/2 was offered too: what was to be asked of it is asked by that. False where that may
  /// not be.
  func speakOtherwise(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) -> Bool {
    if upstream.pointee.isMirror { return mirrorOtherwise(upstream, slot) }
    let (target, owner) = (upstream.pointee.target, upstream.pointee.client)
    guard let client = http.clients.pointer(owner), let exchange = http.exchanges.pointer(client.pointee.exchange),
      exchange.pointee.replay.isComplete, hasChosenHTTP1(target, exchange, isMirror: false)
    else { return false }
    // Neither the exchange nor the connection may be the last who hold it.
    http.targets.retain(target)
    leave(exchange)
    closeUpstream(slot, code: 0)
    let step = dispatchOtherwise(client, owner, exchange, to: target)
    http.targets.release(target)
    if case .again = step { serveClient(owner) }
    return true
  }

  /// The same for a copy, whose bytes all wait.
  private func mirrorOtherwise(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) -> Bool {
    let (target, direction) = (upstream.pointee.target, upstream.pointee.direction)
    guard !http.upstreams.isFull, !isFull,
      case .opened(let place)? = openOtherwise(target, direction, false, .http1, asking: nil),
      let other = http.upstreams.pointer(place)
    else { return false }
    let bytes = upstream.pointee.backlog.join(UnsafeRawBufferPointer(start: nil, count: 0), &pool)
    other.pointee.isMirror = true
    _ = other.pointee.backlog.send(UnsafeRawBufferPointer(bytes), to: &other.pointee.side, &pool)
    pool.giveBack(bytes)
    closeUpstream(slot, code: 0)
    return true
  }
}
