internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Answers a call of gRPC here, in gRPC's own form: 200, and in the head what it came to, for there is no message behind it
  /// (gRPC over HTTP/2, "Responses", Trailers-Only).
  func answerCallHere(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ reply: LocalAnswer
  ) -> ClientStep {
    exchange.pointee.event.grpcCode = reply.grpcCode
    var writer = beginAnswer(client, exchange, 200)
    writer.put("content-type: application/grpc\r\n")
    putOutcome(exchange, reply.grpcCode, into: &writer)
    writer.put("content-length: 0\r\n")
    putAdvice(reply, into: &writer)
    putPersistence(client, exchange, into: &writer)
    writer.putEnd()
    return sendLast(writer, client, slot, exchange)
  }

  /// Ends a call whose answer has begun, and whose endpoint was given up, behind its last whole chunk: the client is told what
  /// it came to, as its server would have told.
  func endCall(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ code: GRPCCode
  ) -> ClientStep {
    exchange.pointee.event.grpcCode = code
    if !exchange.pointee.isRequestDone { client.pointee.endsAfterAnswer = true }
    var writer = HeadWriter(http.output)
    writer.putLastChunk()
    putOutcome(exchange, code, into: &writer)
    writer.putEnd()
    return sendLast(writer, client, slot, exchange)
  }

  /// The texts of ends and faults have no byte that `grpc-message` would have to encode.
  private func putOutcome(_ exchange: UnsafeMutablePointer<Exchange>, _ code: GRPCCode, into writer: inout HeadWriter) {
    writer.put("grpc-status: ")
    writer.put(decimal: UInt64(code.rawValue))
    writer.put("\r\ngrpc-message: weft: ")
    putReason(exchange, into: &writer)
    writer.put("\r\n")
  }
}

extension LocalAnswer {
  /// What a call is told: as clients of gRPC take the status, but where gRPC has a word of its own for why.
  var grpcCode: GRPCCode {
    switch end {
    case .timeout: .deadlineExceeded
    // Gateway API, GRPCRouteRule `backendRefs`.
    case .noBackend: .unavailable
    default: GRPCCode(httpStatus: status)
    }
  }
}
