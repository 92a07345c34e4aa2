internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Answers a request here. The client learns that it was the proxy, and a word why; who decided stands in the record.
  func answerHere(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ reply: LocalAnswer
  ) -> ClientStep {
    exchange.pointee.event.end = reply.end
    exchange.pointee.event.flags.formUnion(reply.flags)
    if exchange.pointee.isGRPC, reply.redirectRule < 0 { return answerCallHere(client, slot, exchange, reply) }
    var writer = beginAnswer(client, exchange, reply.status)
    putHead(client, exchange, reply, into: &writer)
    if !exchange.pointee.event.method.isHead {
      writer.put(reply.end.text)
      writer.put("\n")
      exchange.pointee.event.bytesSent = UInt64(reply.end.text.utf8CodeUnitCount + 1)
    }
    return sendLast(writer, client, slot, exchange)
  }

  /// Begins an answer from here: its status, that it is the proxy's own, and why.
  func beginAnswer(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ status: UInt16
  ) -> HeadWriter {
    exchange.pointee.event.status = status
    exchange.pointee.event.firstByte_ns = now_ns &- exchange.pointee.started_ns
    // The rest of a body that nobody wants would be taken for the next request.
    if !exchange.pointee.isRequestDone { client.pointee.endsAfterAnswer = true }
    var writer = HeadWriter(http.output)
    writer.put("HTTP/1.1 ")
    writer.put(decimal: UInt64(status))
    writer.put(UInt8(ascii: " "))
    writer.put(StatusText.reason(status))
    writer.put("\r\nserver: weft\r\nx-weft-reason: ")
    putReason(exchange, into: &writer)
    writer.put("\r\n")
    return writer
  }

  /// Sends what is the end of an answer, and of the exchange.
  func sendLast(
    _ writer: HeadWriter,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep {
    if case .ended = deliver(writer.written, client, slot) { return .ended }
    return closeExchange(client, exchange)
  }

  private func putHead(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ reply: LocalAnswer,
    into writer: inout HeadWriter
  ) {
    writer.put("content-type: text/plain\r\ncontent-length: ")
    writer.put(decimal: UInt64(reply.end.text.utf8CodeUnitCount + 1))
    writer.put("\r\n")
    putAdvice(reply, into: &writer)
    if reply.redirectRule >= 0, let rules = http.shelf.rules(exchange.pointee.rules) {
      writer.put("location: ")
      rules.table.rules[Int(reply.redirectRule)].redirect?
        .writeLocation(of: http.request, dialled: client.pointee.destination.port, into: &writer)
      writer.put("\r\n")
    }
    putPersistence(client, exchange, into: &writer)
    writer.putEnd()
  }

  /// Why the proxy answers itself: the end's word, and the parser's.
  func putReason(_ exchange: UnsafeMutablePointer<Exchange>, into writer: inout HeadWriter) {
    writer.put(exchange.pointee.event.end.text)
    if exchange.pointee.event.fault != RequestEvent.noFault,
      let fault = HeadFault(rawValue: exchange.pointee.event.fault)
    {
      writer.put("; ")
      writer.put(fault.text)
    }
  }

  /// When to come again, and with what.
  func putAdvice(_ reply: LocalAnswer, into writer: inout HeadWriter) {
    if let wait_s = reply.retryAfter_s {
      writer.put("retry-after: ")
      writer.put(decimal: UInt64(wait_s))
      writer.put("\r\n")
    }
    if reply.asksForToken { writer.put("www-authenticate: Bearer error=\"invalid_token\"\r\n") }
  }

  /// Whether the client's connection takes another request.
  func putPersistence(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    into writer: inout HeadWriter
  ) {
    if client.pointee.endsAfterAnswer {
      writer.put("Connection: close\r\n")
    } else if exchange.pointee.mustSayKeepAlive {
      writer.put("Connection: keep-alive\r\n")
    }
  }

  /// Gives up on a request that no endpoint answers.
  func fail(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ end: RequestEnd,
    code: Int32
  ) -> ClientStep {
    exchange.pointee.event.code = code
    leave(exchange)
    return answerHere(client, slot, exchange, LocalAnswer(status: end.status, end: end, flags: end.flags))
  }

  /// The endpoint's answer cannot be understood, from its first byte or from here on.
  func breakAnswer(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ fault: HeadFault
  ) -> ClientStep {
    exchange.pointee.event.fault = fault.rawValue
    dropUpstream(exchange, code: 0)
    guard exchange.pointee.isResponseStarted else { return fail(client, slot, exchange, .upstreamProtocol, code: 0) }
    exchange.pointee.event.end = .upstreamProtocol
    exchange.pointee.event.flags.formUnion(RequestEnd.upstreamProtocol.flags)
    finishRecord(client, exchange)
    return endClient(slot, .serverReset, code: 0)
  }

  /// The endpoint is gone in the midst of its answer: the client must not take what it has for the whole.
  func truncate(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    code: Int32
  ) -> ClientStep {
    exchange.pointee.event.end = .upstreamTruncated
    exchange.pointee.event.flags.formUnion(RequestEnd.upstreamTruncated.flags)
    exchange.pointee.event.code = code
    finishRecord(client, exchange)
    return endClient(slot, .serverReset, code: code)
  }

  /// The client sent a body that is not what its head announced.
  func refuseBody(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep {
    dropUpstream(exchange, code: 0)
    client.pointee.endsAfterAnswer = true
    guard !exchange.pointee.isResponseStarted else {
      exchange.pointee.event.end = .badRequest
      exchange.pointee.event.flags.formUnion(RequestEnd.badRequest.flags)
      finishRecord(client, exchange)
      return endClient(slot, .clientReset, code: 0)
    }
    return fail(client, slot, exchange, .badRequest, code: 0)
  }

  /// A head that breaks the rules: answered and closed, for where the next one begins is not known.
  func refuseHead(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    status: UInt16,
    _ end: RequestEnd,
    fault: UInt8
  ) -> ClientStep {
    client.pointee.endsAfterAnswer = true
    client.pointee.held.release(to: &pool)
    let place = openExchange(client, slot, isWhole: false)
    guard let exchange = http.exchanges.pointer(place) else { return .waiting }
    exchange.pointee.event.fault = fault
    return answerHere(client, slot, exchange, LocalAnswer(status: status, end: end, flags: end.flags))
  }
}

extension Method {
  var isHead: Bool { self == .head }
}
