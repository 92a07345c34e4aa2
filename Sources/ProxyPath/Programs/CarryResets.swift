internal import HTTP2
internal import Reactor
internal import Transcoding

/// What two sides that speak HTTP/2 say to each other and HTTP/1.1 has no words for: it goes beside the text, from stream to
/// stream.
extension Worker {
  /// A server's head goes on to its client, with what it says of its length.
  func carryLength(
    _ client: UnsafeMutablePointer<HTTPClient>,
    from upstream: UnsafeMutablePointer<HTTPUpstream>
  ) {
    guard client.pointee.side.isStream, upstream.pointee.side.isPeerStream else { return }
    peers.carryLength(from: upstream.pointee.side.stream.slot, to: client.pointee.side.stream.slot)
  }

  /// The endpoint has reset a request: its client is told by the same code. False where it has not, or either speaks HTTP/1.
  func carriesReset(_ client: UnsafeMutablePointer<HTTPClient>, _ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
    guard client.pointee.speech == .native, client.pointee.side.isStream,
      let upstream = http.upstreams.pointer(exchange.pointee.upstream), upstream.pointee.side.isPeerStream
    else { return false }
    return peers.carryCode(from: upstream.pointee.side.stream.slot, to: client.pointee.side.stream.slot)
  }

  /// Ends a request as its endpoint did: by a reset, whose code `carriesReset` has noted.
  func passReset(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    code: Int32
  ) -> ClientStep {
    exchange.pointee.event.end = .upstreamClosed
    exchange.pointee.event.flags.formUnion(RequestEnd.upstreamClosed.flags)
    exchange.pointee.event.code = code
    leave(exchange)
    finishRecord(client, exchange)
    return endClient(slot, .serverReset, code: code)
  }
}

extension PeerStores {
  func carryLength(from upstream: Slot, to client: Slot) {
    guard let announced = streams.pointer(upstream)?.pointee.encoder.announced else { return }
    streams.pointer(client)?.pointee.encoder.announced = announced
  }

  func carryCode(from upstream: Slot, to client: Slot) -> Bool {
    guard let code = streams.pointer(upstream)?.pointee.code else { return false }
    setCode(of: client, code)
    return true
  }

  /// The answer is whole, and nobody has the stream any more: what is left of the request is refused when the answer has gone
  /// out.
  func resetLater(_ stream: UnsafeMutablePointer<PeerStream>, _ connection: UnsafeMutablePointer<PeerConnection>) {
    stream.pointee.isLeft = true
    stream.pointee.owner = nil
    stream.pointee.owesReset = true
    connection.pointee.owesResets = true
    mustSend(connection, stream.pointee.connection)
  }

  /// All that was said has gone out: the resets that waited for it follow.
  func settleResets(_ connection: UnsafeMutablePointer<PeerConnection>) {
    connection.pointee.owesResets = false
    var index = connection.pointee.firstStream
    while index != .max, let slot = streams.tenant(index), let stream = streams.pointer(slot) {
      index = stream.pointee.next
      if stream.pointee.owesReset { drop(stream, slot, connection) }
    }
  }

  /// How a stream is reset where it must be.
  func setCode(of slot: Slot, _ code: ErrorCode) { streams.pointer(slot)?.pointee.code = code }
}

extension PeerStream {
  /// What its end is told by where it is told by a reset.
  var codeOfReset: ErrorCode {
    guard isServer else { return .cancel }
    guard !isTunnel else { return isStanding ? .cancel : code ?? .connectError }
    // The answer is whole, and no more of the request is needed (RFC 9113 section 8.1).
    if hasSentEnd, !mustReset { return .noError }
    return code ?? .internalError
  }
}
