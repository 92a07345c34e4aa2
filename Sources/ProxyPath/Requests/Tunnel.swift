internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// The endpoint agreed to another protocol: from here on the two connections are one that is relayed.
  ///
  /// Bytes that the client sent before it could know are not passed on: they were meant for whoever it spoke HTTP with,
  /// and an endpoint that takes them for something else is how requests are smuggled.
  func openTunnel(
    _ rest: UnsafeRawBufferPointer,
    _ writer: inout HeadWriter,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    let isAsked = exchange.pointee.wantsUpgrade || exchange.pointee.event.method == .connect
    guard isAsked, exchange.pointee.isRequestDone, client.pointee.held.isEmpty, upstream.pointee.backlog.isEmpty else {
      return breakAnswer(client, slot, exchange, .unexpectedBody)
    }
    putStatusLine(into: &writer)
    http.response.fields.write(into: &writer)
    if !http.response.upgradeRange.isEmpty {
      writer.put("Connection: upgrade\r\nUpgrade: ")
      writer.put(http.response[http.response.upgradeRange])
      writer.put("\r\n")
    }
    writer.putEnd()
    writer.put(rest)
    let connection = exchange.pointee.upstream
    let target = exchange.pointee.target
    let address = http.targets[target].address
    leave(exchange)
    finishRecord(client, exchange)
    join(slot, connection, address, writer.written)
    return .ended
  }

  /// Makes one relayed connection of a client and a connection to an endpoint; `greeting` goes to the client first.
  private func join(_ slot: Slot, _ upstreamSlot: Slot, _ address: SocketAddress, _ greeting: UnsafeRawBufferPointer) {
    guard var client = http.clients.take(slot), let upstream = http.upstreams.take(upstreamSlot) else { return }
    http.clientTimers.cancel(slot.index)
    http.upstreamTimers.cancel(upstreamSlot.index)
    if client.target != .max { http.targets.release(client.target) }
    http.targets.release(upstream.target)
    let pending = client.backlog.join(greeting, &pool)
    var connection = Connection(
      id: client.id,
      direction: client.direction,
      verdict: client.verdict,
      source: client.source,
      destination: client.destination,
      upstreamAddress: address,
      loopMark: upstream.loopMark,
      downstream: client.side,
      upstream: upstream.side,
      opened_ns: client.opened_ns,
      tick: tick
    )
    connection.phase = .relaying
    connection.connected_ns = max(upstream.opened_ns, connection.opened_ns &+ 1)
    connection.isAnnounced = client.isAnnounced
    connection.request.bytes = client.bytesReceived
    connection.response.bytes = client.bytesSent &+ UInt64(greeting.count)
    connection.response.pending = pending
    connection.detection.settleAsHTTP()
    let place = connections.insert(connection)
    timers.set(place.index, deadline: tick &+ limits.idleTimeout_ticks)
    guard let filed = connections.pointer(place) else { return }
    watch(filed.pointee.upstream, Token(.upstream, slot: place), isWatched: true)
    watch(filed.pointee.downstream, Token(.downstream, slot: place), isWatched: true)
    serve(filed, place)
  }
}
