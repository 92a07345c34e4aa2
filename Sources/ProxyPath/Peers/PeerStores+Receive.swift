internal import Glibc
internal import HTTP1
internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Reactor
internal import Transcoding

extension PeerStores {
  /// Hands opened bytes to a connection's session, and takes up what they bring. A session that refuses them wants no input any
  /// more, which is seen when it is flushed.
  func take(
    _ bytes: UnsafeRawBufferPointer,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ slot: Slot,
    now_ms: UInt64
  ) {
    takeEvents(connection, slot, UnsafeRawBufferPointer(start: nil, count: 0))
    var rest = bytes
    while true {
      let received = connection.pointee.session.receive(rest, now_ms: now_ms, events)
      takeEvents(connection, slot, rest)
      rest = UnsafeRawBufferPointer(rebasing: rest[received.taken...])
      if rest.isEmpty, !received.isPaused { return }
    }
  }

  /// Takes up what waits in `events`; those of bodies point into `bytes`.
  func takeEvents(
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ slot: Slot,
    _ bytes: UnsafeRawBufferPointer
  ) {
    while let event = events.next() {
      if event.stream.number == 0 {
        switch event.kind {
        case .goAway:
          connection.pointee.phase = .leaving
          failUnbegun(connection)
        case .settings(let settings):
          connection.pointee.streamLimit = min(PeerLimit.session.streams, Int(settings.streams))
        default: break
        }
        continue
      }
      let place = event.user == 0 ? newcomer(event.stream, slot) : Slot(packed: event.user)
      if let stream = streams.pointer(place) {
        take(event.kind, stream, place, connection, bytes)
      } else if case .head(let range, let endsStream) = event.kind, connection.pointee.isServer {
        begin(event.stream, events.fields(range), endsStream: endsStream, connection, slot)
      } else if case .data(_, let count) = event.kind {
        // Whoever it was for has gone.
        connection.pointee.session.consume(Int(count), of: event.stream)
      }
    }
  }

  /// The place of a stream that began among these events, so that those behind its head do not carry it yet. It is mostly the
  /// last one.
  private func newcomer(_ id: StreamID, _ connection: Slot) -> Slot {
    for place in arrivals.reversed() {
      guard let stream = streams.pointer(place), stream.pointee.connection == connection else { continue }
      if stream.pointee.id == id { return place }
    }
    return .nowhere
  }

  /// A peer's request begins.
  private func begin(
    _ id: StreamID,
    _ fields: PathFieldList,
    endsStream: Bool,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ slot: Slot
  ) {
    var decoder = MessageDecoder()
    var writer = HeadWriter(text)
    let program = connection.pointee.program
    // A program's CONNECT is a request that is refused as one.
    let isTunnel = program == nil && fields[":protocol"] == nil && Method.of(fields) == .connect
    guard isTunnel || decoder.request(fields, endsStream: endsStream, into: &writer), !writer.isOverflown,
      !streams.isFull
    else {
      connection.pointee.session.reset(id, streams.isFull ? .refusedStream : .protocolError)
      return mustSend(connection, slot)
    }
    var stream = PeerStream(
      on: slot,
      id: id,
      decoder: isTunnel ? .opaque : decoder,
      encoder: isTunnel ? .opaque : .response(to: Method.of(fields), upgrade: decoder.upgrade),
      isServer: true,
      isTunnel: isTunnel,
      port: program?.destination.port ?? PeerDestination.port(of: fields)
    )
    if program != nil || NativeMarker.isSet(in: fields) { stream.speech = .native }
    if !isTunnel { stream.incoming.append(writer.written, &pool) }
    stream.hasFinished = endsStream
    let place = file(stream, on: connection)
    connection.pointee.session.setUser(place.packed, of: id)
    arrivals.append(place)
  }

  private func take(
    _ kind: HTTP2.PathEvent.Kind,
    _ stream: UnsafeMutablePointer<PeerStream>,
    _ slot: Slot,
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ bytes: UnsafeRawBufferPointer
  ) {
    var writer = HeadWriter(text)
    switch kind {
    case .head(let range, let endsStream):
      let fields = events.fields(range)
      if stream.pointee.isTunnel {
        if endsStream { stream.pointee.hasFinished = true }
        return takeTunnelAnswer(stream, slot, fields)
      }
      let keepsTrailers = stream.pointee.speech == .native
      if keepsTrailers { stream.pointee.encoder.announced = AnnouncedLength(fields) }
      guard
        stream.pointee.decoder.response(
          fields,
          answering: stream.pointee.encoder.method,
          endsStream: endsStream,
          keepsTrailers: keepsTrailers,
          into: &writer
        )
      else { return fail(stream, slot, code: EPROTO) }
      if endsStream { stream.pointee.hasFinished = true }
    case .informational(let range):
      guard stream.pointee.decoder.informational(events.fields(range), into: &writer) else {
        return fail(stream, slot, code: EPROTO)
      }
    case .data(let start, let count):
      stream.pointee.owed += Int(count)
      let run = UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(start) + Int(count)])
      // Straight to where it waits: a body is most of what comes.
      var behind = HeadWriter(stream.pointee.incoming.room(for: MessageDecoder.mostBytes(of: run.count), &pool))
      stream.pointee.decoder.data(run, into: &behind)
      stream.pointee.incoming.fill(behind.count)
      return tell(stream, slot, .readable)
    case .trailers(let range):
      stream.pointee.decoder.end(events.fields(range), into: &writer)
      stream.pointee.hasFinished = true
    case .bodyEnded:
      stream.pointee.decoder.end(nil, into: &writer)
      stream.pointee.hasFinished = true
    case .writable:
      stream.pointee.isBlocked = false
      // A connection that is asked for does not stand because the asking went out.
      if stream.pointee.isTunnel, !stream.pointee.isStanding { return }
      if stream.pointee.owesEnd { return settleEnd(stream, slot, connection) }
      return tell(stream, slot, .writable)
    case .refused: return
    case .closed(let code, let end):
      stream.pointee.isClosed = true
      if end == .resetByPeer { stream.pointee.code = code }
      // A server says by REFUSED_STREAM that it did nothing (RFC 9113 section 8.7).
      stream.pointee.isUntouched =
        end == .notBegun || end == .resetByPeer && code == .refusedStream && !stream.pointee.isServer
      if stream.pointee.isLeft { return isSettling ? () : drop(stream, slot, connection) }
      // A peer that needs no more of a request says so by NO_ERROR, its answer being whole (RFC 9113 section 8.1).
      let isOrderly = end == .complete || code == .noError && stream.pointee.hasFinished
      if isOrderly { return tell(stream, slot, .writable) }
      // How a peer says that the connection could not be made (RFC 9113 section 7).
      return fail(stream, slot, code: code == .connectError ? ECONNREFUSED : ECONNRESET)
    case .goAway, .settings: return
    }
    guard !writer.isOverflown else { return fail(stream, slot, code: EMSGSIZE) }
    stream.pointee.incoming.append(writer.written, &pool)
    tell(stream, slot, stream.pointee.hasFinished ? [.readable, .peerFinished] : .readable)
  }

  /// The stream is of no more use; what came before can still be read, unless it is a reset that overtakes it.
  func fail(_ stream: UnsafeMutablePointer<PeerStream>, _ slot: Slot, code: Int32) {
    if stream.pointee.failure == 0 { stream.pointee.failure = code }
    tell(stream, slot, [.readable, .writable, .error, .hangUp])
  }
}

extension Method {
  fileprivate static func of(_ fields: PathFieldList) -> Method {
    guard fields[":protocol"] == nil, let text = fields[":method"] else { return .get }
    return Method(text)
  }
}
