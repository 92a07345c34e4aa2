internal import Balancing
internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// How a connection becomes one whose requests are streams: its first bytes are HTTP/2's preface (RFC 9113 section 3.4).
extension Worker {
  /// From here on a program's streams are served one by one. The connection that was dialled for it is used for them, where
  /// there is none to that endpoint yet.
  func serveAsHTTP2(_ slot: Slot) {
    guard !peers.connections.isFull, let session = try? PathSession(role: .server, limits: ProgramLimit.session),
      var connection = connections.take(slot)
    else { return close(slot, .overloaded, code: 0) }
    timers.cancel(slot.index)
    let (bytes, greeting) = (connection.request.pending, connection.response.pending)
    (connection.request.pending, connection.response.pending) = (nil, nil)
    var program = DiallingProgram(
      id: connection.id,
      direction: connection.direction,
      destination: connection.destination,
      verdict: connection.verdict,
      entry: connection.entry,
      isTrusted: connection.direction == .outbound || isTrusted(connection.source.ip),
      isMarked: connection.loopMark?.isSuspect ?? false,
      isAnnounced: connection.isAnnounced
    )
    program.series = connection.series.source
    let (source, opened_ns, series) = (connection.source, connection.opened_ns, connection.series)
    // What could not be connected to serves nobody, and in TLS of a rule's own nothing was said of HTTP/2.
    let connected_ns = connection.connected_ns
    var isUsed = false
    if connection.dialError == 0, !connection.upstream.isStream {
      isUsed = use(
        connection.upstream,
        to: connection.upstreamAddress,
        connection.loopMark,
        greeting,
        program.direction,
        series.destination,
        dialled: connected_ns > 0 ? nil : opened_ns
      )
    }
    if !isUsed { countLeft(program.direction, series, since: connected_ns) }
    if let greeting { pool.giveBack(greeting) }
    serve(
      program,
      connection.downstream,
      from: source,
      session,
      opened_ns: opened_ns,
      bytes.map { UnsafeRawBufferPointer($0) }
    )
    if let bytes { pool.giveBack(bytes) }
  }

  /// A client that was to begin a request of HTTP/1 begins as HTTP/2 does; nil where it does not.
  func takePreface(
    _ bytes: UnsafeRawBufferPointer,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot
  ) -> ClientStep? {
    guard !client.pointee.side.isStream else { return nil }
    switch matchPreface(bytes) {
    case .no: return nil
    case .prefix:
      if client.pointee.held.isEmpty { client.pointee.held.append(bytes, &pool) }
      // Its last bytes are looked at again: the preface has an empty line in its midst.
      client.pointee.searched = bytes.count
      noteBegun(client, slot)
      return .again
    case .whole: break
    }
    guard !peers.connections.isFull, let session = try? PathSession(role: .server, limits: ProgramLimit.session),
      var taken = http.clients.take(slot)
    else { return endClient(slot, .overloaded, code: 0) }
    http.clientTimers.cancel(slot.index)
    if taken.target != .max { http.targets.release(taken.target) }
    var held = taken.held.take()
    taken.backlog.release(to: &pool)
    var program = DiallingProgram(
      id: taken.id,
      direction: taken.direction,
      destination: taken.destination,
      verdict: taken.verdict,
      entry: taken.entry,
      isTrusted: taken.isTrusted,
      isMarked: taken.isMarked,
      isAnnounced: taken.isAnnounced
    )
    program.series = taken.series
    let (source, opened_ns) = (taken.source, taken.opened_ns)
    serve(program, taken.side, from: source, session, opened_ns: opened_ns, bytes)
    held.release(to: &pool)
    return .ended
  }

  private func serve(
    _ program: DiallingProgram,
    _ side: consuming Side,
    from source: SocketAddress,
    _ session: consuming PathSession,
    opened_ns: UInt64,
    _ bytes: UnsafeRawBufferPointer?
  ) {
    var connection = PeerConnection(
      side: side,
      phase: .open,
      tls: nil,
      session: session,
      isServer: true,
      peer: source,
      local: program.destination,
      key: nil,
      direction: program.direction,
      opened_ns: opened_ns,
      expires: .max,
      idleTicks: limits.idleTimeout_ticks,
      lastActive: tick,
      streamLimit: ProgramLimit.session.streams,
      loopMark: nil
    )
    connection.program = program
    let slot = file(connection, isWatched: true)
    guard let filed = peers.connections.pointer(slot) else { return }
    open(filed, slot)
    if isDraining {
      filed.pointee.session.announceShutdown()
      dismissSoon(filed, slot)
    }
    if let bytes { takePlain(bytes, filed, slot) }
  }

  /// A connection that was dialled before anyone knew what would be spoken becomes the one for the endpoint's streams; with the
  /// first words of the server, where it was quicker. One that is not needed ends. `dialled` is when it was, where it does not stand
  /// yet.
  private func use(
    _ side: consuming Side,
    to address: SocketAddress,
    _ mark: consuming LoopMark?,
    _ greeting: UnsafeMutableRawBufferPointer?,
    _ direction: Direction,
    _ series: UInt16,
    dialled: UInt64?
  ) -> Bool {
    let key = PeerKey(program: address)
    guard takingConnection(key) == nil, !peers.connections.isFull, let local = side.socket.localAddress(),
      let session = try? PathSession(role: .client, limits: PeerLimit.toProgram)
    else { return false }
    let slot = file(
      PeerConnection(
        side: side,
        phase: dialled == nil ? .open : .connecting,
        tls: nil,
        session: session,
        isServer: false,
        peer: address,
        local: local,
        key: key,
        direction: direction,
        opened_ns: dialled ?? now_ns,
        expires: tick &+ UpstreamLimit.ageTicks &+ http.random.below(UpstreamLimit.ageJitterTicks),
        idleTicks: UpstreamLimit.idleTicks,
        lastActive: tick,
        streamLimit: PeerLimit.streamsAtFirst,
        loopMark: mark
      ),
      isWatched: true
    )
    peers.remember(slot, for: key)
    guard let filed = peers.connections.pointer(slot) else { return false }
    filed.pointee.series = series
    if dialled == nil { open(filed, slot) }
    if let greeting { takePlain(UnsafeRawBufferPointer(greeting), filed, slot) }
    return true
  }

  /// Documents say that the program behind an inbound connection speaks HTTP/2.
  func isServedByHTTP2(_ destination: SocketAddress) -> Bool {
    let table = keeper.rules.table
    return table.port(servedAt: destination).map { table.ports[$0].appProtocol.isHTTP2 } ?? false
  }
}

extension Connection {
  /// What is spoken is known, and its requests can be served one by one. HTTP/2 in a connection that another proxy carries is
  /// left as it is: proxies of the mesh give such a connection up, and carry the requests.
  var isOfRequests: Bool {
    switch detection.result {
    case .http1: true
    case .http2: !downstream.isStream
    default: false
    }
  }
}
