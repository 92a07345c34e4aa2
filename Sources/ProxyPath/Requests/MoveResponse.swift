internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Reactor

extension Worker {
  /// Reads more of the answer and sends it on.
  func moveResponse(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    let before = upstream.pointee.held.count
    let size = pool.isOverLimit ? ReadSize.underPressure : upstream.pointee.readSize
    let room = UnsafeMutableRawBufferPointer(rebasing: scratch[before..<min(scratch.count, before + Int(size.bytes))])
    switch upstream.pointee.side.receive(into: room) {
    case .bytes(let count):
      if count == room.count {
        upstream.pointee.readSize.grow()
      } else if !upstream.pointee.side.mayHoldMore {
        upstream.pointee.side.isReadable = false
      }
      counters.moved(client.pointee.direction, TCPEnds(source: client.pointee.series), up: 0, down: UInt64(count))
      if before > 0 { _ = upstream.pointee.held.move(to: scratch, &pool) }
      let window = UnsafeRawBufferPointer(rebasing: scratch[..<(before + count)])
      if exchange.pointee.isResponseStarted { return sendAnswerBody(window, client, slot, exchange, upstream) }
      return takeHeads(window, client, slot, exchange, upstream)
    case .wouldBlock:
      upstream.pointee.side.isReadable = false
      return .waiting
    case .endOfStream: return endOfAnswer(client, slot, exchange, upstream)
    case .failed(let code): return loseUpstream(client, slot, exchange, code: code)
    }
  }

  /// Takes the answer's head from `window`, interim ones before it, and what of the body follows.
  private func takeHeads(
    _ window: UnsafeRawBufferPointer,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    var writer = HeadWriter(http.output)
    var at = 0
    while true {
      let rest = UnsafeRawBufferPointer(rebasing: window[at...])
      switch http.response.parse(rest) {
      case .partial:
        guard rest.count < HeadLimit.bytes else { return breakAnswer(client, slot, exchange, .headTooLarge) }
        upstream.pointee.held.append(rest, &pool)
        return deliver(writer.written, client, slot)
      case .refused(let fault): return breakAnswer(client, slot, exchange, fault)
      case .whole(let length):
        at += length
        guard http.response.isInterim else {
          return answer(
            UnsafeRawBufferPointer(rebasing: window[at...]),
            &writer,
            client,
            slot,
            exchange,
            upstream
          )
        }
        exchange.pointee.interimAnswers += 1
        guard exchange.pointee.interimAnswers <= RequestLimit.interimAnswers else {
          return breakAnswer(client, slot, exchange, .tooManyFields)
        }
        // HTTP/1.0 knows no interim answers (RFC 9110 section 15.2).
        if exchange.pointee.clientTakesChunks { composeInterim(into: &writer) }
        if at == window.count { return deliver(writer.written, client, slot) }
      }
    }
  }

  /// The final head is here: it goes on to the client, unless the route asks for another try.
  private func answer(
    _ rest: UnsafeRawBufferPointer,
    _ writer: inout HeadWriter,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    let framing = http.response.framing(answering: exchange.pointee.event.method)
    if exchange.pointee.isGRPC { noteCallHead(exchange, framing) }
    if exchange.pointee.isRetryWanted, writer.count == 0 {
      if let step = retryAnswered(client, slot, exchange) { return step }
    }
    exchange.pointee.event.status = http.response.status
    exchange.pointee.event.firstByte_ns = now_ns &- exchange.pointee.started_ns
    noteAnswered(exchange)
    if framing == .tunnel { return openTunnel(rest, &writer, client, slot, exchange, upstream) }
    exchange.pointee.isResponseStarted = true
    exchange.pointee.replay.giveUp(&pool)
    exchange.pointee.isUpstreamPersistent = http.response.isPersistent && framing != .untilClose
    exchange.pointee.responseBody = BodyDecoder(framing)
    exchange.pointee.isAnswerPlain =
      framing != .chunked && (framing != .untilClose || !exchange.pointee.clientTakesChunks)
    composeResponse(client, exchange, framing, into: &writer)
    if client.pointee.speech == .native { carryLength(client, from: upstream) }
    guard !writer.isOverflown else { return breakAnswer(client, slot, exchange, .headTooLarge) }
    return finishMoving(rest, &writer, client, slot, exchange, upstream)
  }

  /// More of the body.
  private func sendAnswerBody(
    _ window: UnsafeRawBufferPointer,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    // What is not chunked for the client needs no composing: it is sent from where it was read.
    if exchange.pointee.isAnswerPlain,
      case .data(let offset, let count, let consumed) =
        exchange.pointee.responseBody.next(window)
    {
      exchange.pointee.event.bytesSent &+= UInt64(count)
      let sent = deliver(UnsafeRawBufferPointer(rebasing: window[offset..<offset + count]), client, slot)
      guard exchange.pointee.responseBody.isFinished else { return sent }
      if case .ended = sent { return .ended }
      return finishExchange(client, slot, exchange, upstream, surplus: window.count - consumed)
    }
    var writer = HeadWriter(http.output)
    return finishMoving(window, &writer, client, slot, exchange, upstream)
  }

  /// Moves `rest` of the body behind what is composed already, sends it all, and ends the exchange if that was all.
  private func finishMoving(
    _ rest: UnsafeRawBufferPointer,
    _ writer: inout HeadWriter,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    // What lies there is the head's, or another answer's: trailers must not be mixed up with either.
    if exchange.pointee.isGRPC { http.response.fields.forget() }
    let moved = exchange.pointee.responseBody.move(
      rest,
      chunked: exchange.pointee.responseFraming == .chunked,
      trailers: &http.response.fields,
      bytes: &exchange.pointee.event.bytesSent,
      into: &writer
    )
    guard case .moved(let consumed, let isOver) = moved else {
      _ = deliver(writer.written, client, slot)
      return breakAnswer(client, slot, exchange, .unexpectedBody)
    }
    if isOver, exchange.pointee.isGRPC { noteCallTrailers(exchange) }
    let sent = deliver(writer.written, client, slot)
    if case .ended = sent { return .ended }
    if isOver { return finishExchange(client, slot, exchange, upstream, surplus: rest.count - consumed) }
    upstream.pointee.held.append(UnsafeRawBufferPointer(rebasing: rest[consumed...]), &pool)
    return sent
  }

  /// Sends bytes of an answer to the client.
  func deliver(
    _ bytes: UnsafeRawBufferPointer,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot
  ) -> ClientStep {
    client.pointee.bytesSent &+= UInt64(bytes.count)
    if client.pointee.backlog.canPost(bytes, to: client.pointee.side), http.batch.add(client: slot) {
      client.pointee.backlog.post(bytes, &pool)
      client.pointee.isPosted = true
      return .again
    }
    switch client.pointee.backlog.send(bytes, to: &client.pointee.side, &pool) {
    case .sent, .waiting: return .again
    case .failed(let code): return endClient(slot, .clientReset, code: code)
    }
  }

  /// The endpoint closed its side.
  private func endOfAnswer(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ upstream: UnsafeMutablePointer<HTTPUpstream>
  ) -> ClientStep {
    upstream.pointee.side.isReadable = false
    guard exchange.pointee.isResponseStarted, exchange.pointee.responseBody.endsWithConnection else {
      return loseUpstream(client, slot, exchange, code: 0)
    }
    if exchange.pointee.responseFraming == .chunked {
      var writer = HeadWriter(http.output)
      writer.putBodyEnd()
      if case .ended = deliver(writer.written, client, slot) { return .ended }
    }
    return finishExchange(client, slot, exchange, upstream, surplus: 0)
  }
}
