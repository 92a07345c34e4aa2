internal import HTTP1
internal import Kernel
internal import Reactor

extension Worker {
  /// Moves what can be moved of a request and its answer, both ways: neither waits for the other.
  func moveExchange(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) -> ClientStep {
    guard let exchange = http.exchanges.pointer(client.pointee.exchange) else { return .waiting }
    guard let upstream = http.upstreams.pointer(exchange.pointee.upstream), upstream.pointee.phase == .busy else {
      return .waiting  // nothing is chosen yet, or it is being connected: the request waits in the backlog
    }
    let sent: SendOutcome
    if upstream.pointee.isPosted {
      guard upstream.pointee.side.isReadable else { return .waiting }
      sent = sendPosted(exchange, upstream)
    } else {
      sent = upstream.pointee.backlog.flush(to: &upstream.pointee.side, &pool)
    }
    if case .failed(let code) = sent { return requestFailed(client, slot, exchange, upstream, code: code) }
    var hasMoved = false
    if !exchange.pointee.isRequestDone, !exchange.pointee.isRequestCut, upstream.pointee.backlog.isEmpty {
      switch moveRequest(client, slot, exchange, upstream) {
      case .again: hasMoved = true
      case .waiting: break
      case .ended: return .ended
      }
    }
    // The request's step may have ended the exchange, or changed its connection.
    guard http.exchanges.contains(client.pointee.exchange), client.pointee.phase == .exchanging,
      http.upstreams.contains(exchange.pointee.upstream)
    else { return .again }
    if client.pointee.backlog.isEmpty, upstream.pointee.side.isReadable {
      switch moveResponse(client, slot, exchange, upstream) {
      case .again: hasMoved = true
      case .waiting: break
      case .ended: return .ended
      }
    }
    return hasMoved ? .again : .waiting
  }

  /// Reads more of the request's body and sends it on.
  private func moveRequest(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    guard client.pointee.side.isReadable else { return .waiting }
    let before = client.pointee.held.count
    let size = pool.isOverLimit ? ReadSize.underPressure : client.pointee.readSize
    let room = UnsafeMutableRawBufferPointer(rebasing: scratch[before..<min(scratch.count, before + Int(size.bytes))])
    switch client.pointee.side.receive(into: room) {
    case .bytes(let count):
      if count == room.count {
        client.pointee.readSize.grow()
      } else if !client.pointee.side.mayHoldMore {
        client.pointee.side.isReadable = false
      }
      client.pointee.bytesReceived &+= UInt64(count)
      counters.moved(client.pointee.direction, TCPEnds(source: client.pointee.series), up: UInt64(count), down: 0)
      if before > 0 { _ = client.pointee.held.move(to: scratch, &pool) }
      return sendBody(UnsafeRawBufferPointer(rebasing: scratch[..<(before + count)]), client, slot, exchange, upstream)
    case .wouldBlock:
      client.pointee.side.isReadable = false
      return .waiting
    case .endOfStream:
      client.pointee.side.isReadable = false
      client.pointee.hasFinished = true
      // The body is cut short: the endpoint must not take it for a whole one.
      return endClient(slot, .clientReset, code: 0)
    case .failed(let code): return endClient(slot, .clientReset, code: code)
    }
  }

  private func sendBody(
    _ window: UnsafeRawBufferPointer,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    var writer = HeadWriter(http.output)
    let moved = exchange.pointee.requestBody.move(
      window,
      chunked: exchange.pointee.requestFraming == .chunked,
      trailers: &http.request.fields,
      bytes: &exchange.pointee.event.bytesReceived,
      into: &writer
    )
    guard case .moved(let consumed, let isOver) = moved else { return refuseBody(client, slot, exchange) }
    exchange.pointee.isRequestDone = isOver
    client.pointee.held.append(UnsafeRawBufferPointer(rebasing: window[consumed...]), &pool)
    exchange.pointee.replay.append(writer.written, &pool)
    switch upstream.pointee.backlog.send(writer.written, to: &upstream.pointee.side, &pool) {
    case .sent, .waiting: return .again
    case .failed(let code): return requestFailed(client, slot, exchange, upstream, code: code)
    }
  }

  /// An endpoint takes no more of a request. Its answer may be here already, sent before it closed, and the loop has
  /// perhaps not been told of it yet.
  func requestFailed(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>,
    code: Int32
  ) -> ClientStep {
    guard upstream.pointee.side.isReadable || upstream.pointee.side.hasUnreadBytes() else {
      return loseUpstream(client, slot, exchange, code: code)
    }
    upstream.pointee.side.isReadable = true
    exchange.pointee.isRequestCut = true
    upstream.pointee.backlog.release(to: &pool)
    return .again
  }
}
