internal import Kernel
internal import MeshModel
internal import Reactor

extension Worker {
  private func retainTarget(of connection: borrowing Connection) -> UInt32 {
    http.targets.retain(connection.upstreamAddress, connection.way, now_ns: now_ns)
  }

  /// From here on the client's requests are served one by one. The connection that was dialled for it waits for work of
  /// its target like any other; one that is being made still, for its first request.
  func serveAsHTTP(_ slot: Slot) {
    if let connection = connections.pointer(slot), connection.pointee.detection.result == .http2,
      connection.pointee.isOfRequests
    {
      return serveAsHTTP2(slot)
    }
    guard !http.clients.isFull, !http.upstreams.isFull, var connection = connections.take(slot) else {
      return close(slot, .overloaded, code: 0)
    }
    timers.cancel(slot.index)
    let bytes = connection.request.pending
    connection.request.pending = nil
    if let rest = connection.response.pending { pool.giveBack(rest) }
    let direction = connection.direction
    let isConnected = connection.connected_ns > 0
    // What could not be connected to serves nobody, nor does a connection that is being asked for in a stream.
    let isOfUse = connection.dialError == 0 && (isConnected || !connection.upstream.isStream)
    let target = isOfUse ? retainTarget(of: connection) : .max
    var dialled = Slot.nowhere
    let opened_ns = connection.opened_ns
    let isTrusted = direction == .outbound || connection.downstream.isStream || self.isTrusted(connection.source.ip)
    let id = connection.id
    let (source, destination, verdict) = (connection.source, connection.destination, connection.verdict)
    let isMarked = connection.loopMark?.isSuspect ?? false
    let (peer, entry) = (connection.peer, connection.entry)
    let hasSpokenFirst = connection.isAwaitingClient
    let isDeclaredHTTP2 = direction == .inbound && isServedByHTTP2(destination)
    let (isAnnounced, received, series) = (connection.isAnnounced, connection.request.bytes, connection.series)
    if target != .max {
      // Its connection to the peer is counted by itself, and requests have streams of their own.
      if connection.upstream.isPeerStream { countLeft(direction, series, since: connection.connected_ns) }
      let upstream = file(
        connection.upstream,
        target,
        direction,
        connection.loopMark,
        isConnected ? .busy : .connecting,
        isWatched: true,
        since: isConnected ? nil : opened_ns
      )
      http.upstreams.pointer(upstream)?.pointee.series = series.destination
      if isConnected { leaveIdle(upstream, hasSpokenFirst: hasSpokenFirst) } else { dialled = upstream }
      http.targets.release(target)
    }
    let place = http.clients.insert(
      HTTPClient(
        id: id,
        direction: direction,
        source: source,
        destination: destination,
        verdict: verdict,
        opened_ns: opened_ns,
        side: connection.downstream,
        isAnnounced: isAnnounced,
        isTrusted: isTrusted,
        tick: tick
      )
    )
    guard let client = http.clients.pointer(place) else { return }
    watch(client.pointee.side, Token(.httpClient, slot: place), isWatched: true)
    client.pointee.series = series.source
    client.pointee.bytesReceived = received
    client.pointee.isMarked = isMarked
    client.pointee.dialled = dialled
    client.pointee.peer = peer
    if isDeclaredHTTP2 { client.pointee.speech = .http2 }
    client.pointee.entry = entry
    if let bytes {
      client.pointee.held.append(UnsafeRawBufferPointer(bytes), &pool)
      pool.giveBack(bytes)
    }
    http.clientTimers.set(place.index, deadline: tick &+ limits.idleTimeout_ticks)
    serveClient(place)
  }
  /// What was connected before it was known that requests are asked for waits for one of its target's, but where its server
  /// has begun to speak HTTP/2.
  private func leaveIdle(_ upstream: Slot, hasSpokenFirst: Bool) {
    if hasSpokenFirst {
      closeUpstream(upstream, code: 0)
    } else if let filed = http.upstreams.pointer(upstream) {
      makeIdle(upstream, filed)
    }
  }
}
