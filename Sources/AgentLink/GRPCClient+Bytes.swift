internal import HTTP2

extension GRPCClient {
  /// Reads what the server sent, `now_ms` being any clock that does not go back. Hand over 64 KiB or less at once and take
  /// the events after each: they are bounded by what was read.
  public mutating func receive(_ bytes: UnsafeRawBufferPointer, now_ms: UInt64) {
    guard !isOver else { return }
    do {
      try session.receive(bytes, now_ms: now_ms)
    } catch {
      drain(bytes)
      return lose(error.description)
    }
    drain(bytes)
    checkEnd()
  }

  /// Appends what is to be sent to `bytes`, until that has about `limit_bytes`.
  public mutating func takeOutput(into bytes: inout [UInt8], limit_bytes: Int) {
    do {
      try session.takeOutput(into: &bytes, limit_bytes: limit_bytes)
    } catch {
      lose(error.description)
    }
    // Streams that were reset close when that has gone out.
    drain(UnsafeRawBufferPointer(start: nil, count: 0))
    checkEnd()
  }

  /// Whether there is something to send now.
  public var wantsOutput: Bool { session.wantsOutput }

  /// The connection is gone: every open call ends as unavailable, with `reason`.
  public mutating func disconnect(_ reason: String) { lose(reason) }

  /// Whether nothing more can come: the connection may be closed once there is no more output.
  public var isOver: Bool { lost != nil && calls.isEmpty }

  /// The session may have ended the connection, as it does by its goodbye to a server that breaks the protocol.
  private mutating func checkEnd() {
    guard !isOver, !session.wantsInput else { return }
    lose(session.fault?.description ?? "the server ended the connection")
  }

  private mutating func drain(_ bytes: UnsafeRawBufferPointer) {
    for event in session.takeEvents() { handle(event, bytes) }
  }

  private mutating func handle(_ event: SessionEvent, _ bytes: UnsafeRawBufferPointer) {
    switch event {
    case .headers(let stream, let fields, let endsStream):
      begin(GRPCCall(number: stream.number), fields, endsStream)
    case .data(let stream, let range):
      add(GRPCCall(number: stream.number), UnsafeRawBufferPointer(rebasing: bytes[range]))
    case .bodyEnded(let stream):
      let status = GRPCStatus(.internalError, "the server ended its answer without a status")
      end(GRPCCall(number: stream.number), status, reset: .cancel)
    case .trailers(let stream, let fields):
      finish(GRPCCall(number: stream.number), fields)
    case .streamClosed(let stream, let code):
      end(GRPCCall(number: stream.number), GRPCStatus(reset: code), reset: nil)
    case .goAway(_, let code):
      // Calls that the server did not look at are closed as refused by the session; the others go on.
      if lost == nil { lost = GRPCStatus(.unavailable, "the server ends the connection (HTTP/2 \(code))") }
    case .settings:
      isGreeted = true
    }
  }

  private mutating func begin(_ call: GRPCCall, _ fields: HeaderFields, _ endsStream: Bool) {
    // A response of one header list is all trailers; a status in it says more than what else may be wrong.
    if endsStream, fields["grpc-status"] != nil { return finish(call, fields) }
    if let refusal = GRPCStatus.refusal(of: fields) { return end(call, refusal, reset: .cancel) }
    guard endsStream else { return }
    end(call, GRPCStatus(.unknown, "the server ended its answer without a status"), reset: .cancel)
  }

  private mutating func add(_ call: GRPCCall, _ piece: UnsafeRawBufferPointer) {
    // Taken out while it is changed, so that its message is not copied with each piece.
    guard var assembler = calls.updateValue(MessageAssembler(limit_bytes: 0), forKey: call) else {
      calls[call] = nil
      return
    }
    do {
      try assembler.add(piece) { events.append(.message(call, $0)) }
      calls[call] = assembler
    } catch {
      end(call, error, reset: .cancel)
    }
  }

  private mutating func finish(_ call: GRPCCall, _ trailers: HeaderFields) {
    guard let assembler = calls[call] else { return }
    var status = GRPCStatus(trailers: trailers) ?? GRPCStatus(.unknown, "the server's trailers have no grpc-status")
    if status.isOK, !assembler.isBetweenMessages {
      status = GRPCStatus(.internalError, "the server ended its answer within a message")
    }
    // We may not have finished: then the stream is still open for us, and nobody would read what we send.
    end(call, status, reset: .noError)
  }

  /// No more calls: those that are open end as unavailable.
  private mutating func lose(_ reason: String) {
    let status = GRPCStatus(.unavailable, reason)
    lost = status
    for call in calls.keys.sorted(by: { $0.number < $1.number }) { end(call, status, reset: nil) }
  }
}
