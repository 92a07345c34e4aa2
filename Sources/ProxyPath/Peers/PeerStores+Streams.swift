internal import Glibc
internal import HTTP1
internal import HTTP2
internal import Kernel
internal import Reactor
internal import Transcoding

/// What the path does with a stream, as with a socket.
extension PeerStores {
  func receive(_ slot: Slot, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    guard let stream = streams.pointer(slot) else { return .endOfStream }
    guard stream.pointee.unread > 0 else {
      if stream.pointee.failure != 0 { return .failed(stream.pointee.failure) }
      return stream.pointee.hasFinished ? .endOfStream : .wouldBlock
    }
    let count = min(stream.pointee.unread, buffer.count)
    let start = stream.pointee.offset
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: stream.pointee.incoming.bytes[start..<start + count]))
    stream.pointee.offset += count
    if stream.pointee.unread == 0 {
      stream.pointee.incoming.release(to: &pool)
      stream.pointee.offset = 0
    }
    giveRoom(stream, count)
    return .bytes(count)
  }

  /// What was read makes room for more: so a slow reader slows the program at the other end, and not the mesh.
  private func giveRoom(_ stream: UnsafeMutablePointer<PeerStream>, _ read: Int) {
    let count = stream.pointee.unread == 0 ? stream.pointee.owed : min(read, stream.pointee.owed)
    guard count > 0, let id = stream.pointee.id, let connection = connections.pointer(stream.pointee.connection) else {
      return
    }
    stream.pointee.owed -= count
    connection.pointee.session.consume(count, of: id)
    mustSend(connection, stream.pointee.connection)
  }

  func transmit(_ slot: Slot, _ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    guard let stream = streams.pointer(slot) else { return .failed(EPIPE) }
    let place = stream.pointee.connection
    guard stream.pointee.failure == 0, !stream.pointee.isClosed, let connection = connections.pointer(place) else {
      return .failed(stream.pointee.failure != 0 ? stream.pointee.failure : EPIPE)
    }
    guard connection.pointee.phase == .open || connection.pointee.phase == .leaving, !stream.pointee.isBlocked,
      !stream.pointee.isTunnel || stream.pointee.isStanding
    else { return .wouldBlock }
    var at = 0
    while at < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
      let before = stream.pointee.encoder
      switch stream.pointee.encoder.next(rest, in: room) {
      case .head(let consumed, let endsStream):
        guard sendHead(stream, slot, connection, endsStream: endsStream) else { return .failed(EPIPE) }
        at += consumed
      case .informational(let consumed):
        guard let id = stream.pointee.id else { return .failed(EPROTO) }
        do {
          try room.withList { list throws(PathRefusal) in
            try connection.pointee.session.submitInformational(list, on: id, events)
          }
        } catch {
          return .failed(EPIPE)
        }
        at += consumed
      case .data(let offset, let count, let consumed, let isLast):
        let run = UnsafeRawBufferPointer(rebasing: rest[offset..<offset + count])
        let sent = send(run, isLast: isLast, stream, connection, place)
        guard sent >= 0 else { return .failed(EPIPE) }
        at += consumed - (count - sent)
        if sent < count {
          stream.pointee.encoder.giveBack(count - sent)
          stream.pointee.isBlocked = true
          mustSend(connection, place)
          return at > 0 ? .bytes(at) : .wouldBlock
        }
        if isLast { stream.pointee.hasSentEnd = true }
      case .trailers(let consumed):
        guard let id = stream.pointee.id else { return .failed(EPROTO) }
        guard hasGoneOut(id, connection, place) else {
          stream.pointee.encoder = before
          stream.pointee.isBlocked = true
          mustSend(connection, place)
          return at > 0 ? .bytes(at) : .wouldBlock
        }
        do {
          try room.withList { list throws(PathRefusal) in
            try connection.pointee.session.submitTrailers(list, on: id, events)
          }
        } catch { return .failed(EPIPE) }
        stream.pointee.hasSentEnd = true
        at += consumed
      case .end(let consumed):
        guard send(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, stream, connection, place) == 0 else {
          return .failed(EPIPE)
        }
        stream.pointee.hasSentEnd = true
        at += consumed
      case .nothing: at = bytes.count
      case .malformed: return .failed(EPROTO)
      }
    }
    mustSend(connection, place)
    return .bytes(at)
  }

  /// Whether a stream's head has gone out, without which nothing can be said behind it: bodies see to it themselves, and
  /// trailers may come without one.
  private func hasGoneOut(
    _ id: StreamID,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ place: Slot
  ) -> Bool {
    if connection.pointee.session.isBegun(id) { return true }
    guard prepareOutput(connection), var output = connection.pointee.output else { return false }
    connection.pointee.session.takeOutput(into: &output, events)
    connection.pointee.output = output
    takeEvents(connection, place, UnsafeRawBufferPointer(start: nil, count: 0))
    return connection.pointee.session.isBegun(id)
  }

  /// Begins the request, or the answer to one.
  private func sendHead(
    _ stream: UnsafeMutablePointer<PeerStream>,
    _ slot: Slot,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    endsStream: Bool
  ) -> Bool {
    do {
      if let id = stream.pointee.id {
        try room.withList { list throws(PathRefusal) in
          try connection.pointee.session.submitResponse(list, on: id, endsStream: endsStream, events)
        }
      } else {
        if connection.pointee.tls != nil {
          guard room.append(PeerDestination.field, decimal: UInt64(stream.pointee.port)),
            stream.pointee.speech == .http1 || NativeMarker.append(to: room)
          else { return false }
        }
        stream.pointee.decoder = MessageDecoder(upgrade: stream.pointee.encoder.upgrade)
        stream.pointee.id = try room.withList { list throws(PathRefusal) in
          try connection.pointee.session.submitRequest(list, user: slot.packed, endsStream: endsStream, events)
        }
      }
    } catch { return false }
    if endsStream { stream.pointee.hasSentEnd = true }
    return true
  }

  /// Sends a run of a body, as much as windows and room allow; how much that was, or -1 where the stream is gone.
  private func send(
    _ run: UnsafeRawBufferPointer,
    isLast: Bool,
    _ stream: UnsafeMutablePointer<PeerStream>,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ place: Slot
  ) -> Int {
    guard let id = stream.pointee.id else { return -1 }
    var sent = 0
    while true {
      guard prepareOutput(connection) else { break }
      let rest = UnsafeRawBufferPointer(rebasing: run[sent...])
      guard var output = connection.pointee.output else { break }
      let step = connection.pointee.session.send(rest, on: id, isLast: isLast, into: &output, events)
      connection.pointee.output = output
      sent += step.taken
      switch step.next {
      case .done:
        stream.pointee.owesEnd = false
        return sent
      case .output where flushOutput(connection, place): continue
      case .output, .window: break
      case .gone: return -1
      case .events:
        takeEvents(connection, place, UnsafeRawBufferPointer(start: nil, count: 0))
        continue
      }
      break
    }
    // The end goes out when there is room again: see `settleEnd`.
    if isLast, sent == run.count { stream.pointee.owesEnd = true }
    return sent
  }

  /// There is room again: what is left to say of a stream is its end. Where nobody has it any more, it goes with that.
  func settleEnd(
    _ stream: UnsafeMutablePointer<PeerStream>,
    _ slot: Slot,
    _ connection: UnsafeMutablePointer<PeerConnection>
  ) {
    guard stream.pointee.owesEnd else { return }
    let place = stream.pointee.connection
    isSettling = true
    _ = send(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, stream, connection, place)
    isSettling = false
    mustSend(connection, place)
    if stream.pointee.isLeft, !stream.pointee.owesEnd || stream.pointee.isClosed { drop(stream, slot, connection) }
  }

  /// This side says no more: of a message that is said already, of opaque bytes it is said now.
  func finishWriting(_ slot: Slot) {
    guard let stream = streams.pointer(slot), !stream.pointee.hasSentEnd, !stream.pointee.isClosed,
      let connection = connections.pointer(stream.pointee.connection)
    else { return }
    stream.pointee.hasSentEnd = true
    _ = send(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, stream, connection, stream.pointee.connection)
    mustSend(connection, stream.pointee.connection)
  }
}
