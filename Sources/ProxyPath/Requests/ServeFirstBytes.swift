internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Serves a connection of which it is not known yet what is spoken.
  ///
  /// The server is never waited for, and what it says is passed on at once. The client's first words are looked at before
  /// they are: where they begin a request, the connection is served request by request from here on; where they still may,
  /// they wait for more, though not for long.
  func serveAndDetect(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    if servesOnlyHTTP(connection) { return serveDeclared(connection, slot) }
    if connection.pointee.direction == .inbound, let verdict = verdictOnOpaque(connection), !verdict.isAllowed {
      return serveOnlyRequests(connection, slot, verdict)
    }
    if connection.pointee.request.pending == nil || connection.pointee.isWithholding {
      if takeFirstBytes(connection, slot) { return serveAsHTTP(slot) }
      guard connections.contains(slot) else { return }
      if connection.pointee.direction == .outbound, followHello(connection, slot) { return }
      // What a TLS client asks for is known only now, and policies may speak of it.
      if connection.pointee.direction == .inbound, connection.pointee.detection.hello != nil,
        let verdict = verdictOnOpaque(connection), !verdict.isAllowed
      {
        connection.pointee.requestVerdict = verdict
        return close(slot, .denied, code: 0)
      }
    }
    if awaitsClient(connection, slot) { return }
    let received = connection.pointee.response.bytes
    let down = relay(
      from: &connection.pointee.upstream,
      to: &connection.pointee.downstream,
      &connection.pointee.response,
      through: scratch,
      pool: &pool
    )
    if connection.pointee.response.bytes > 0 {
      connection.pointee.detection.serverSpoke()
      // A hello is for whoever has begun to answer it.
      if connection.pointee.detection.isSettled || connection.pointee.detection.awaitsHello {
        connection.pointee.isWithholding = false
      }
    }
    var up = RelayOutcome.waiting
    if !connection.pointee.isWithholding {
      // What was read waits as pending bytes and goes first; nothing more is read before it is known what is spoken.
      let steps = connection.pointee.detection.isSettled ? RelayLimit.stepsPerTurn : 0
      up = relay(
        from: &connection.pointee.downstream,
        to: &connection.pointee.upstream,
        &connection.pointee.request,
        through: scratch,
        pool: &pool,
        steps: steps
      )
      // Without an allowance there is nothing to go on with until the client says more.
      if steps == 0, case .unfinished = up { up = .waiting }
    }
    counters.moved(
      connection.pointee.direction,
      connection.pointee.series,
      up: 0,
      down: connection.pointee.response.bytes &- received
    )
    conclude(connection, slot, up, down)
  }

  /// Documents say that the program behind an inbound connection speaks HTTP: then nothing else is passed on, however it
  /// begins or how slowly. Servers forgive what a strict parser does not, an empty line or a small letter at the start, and
  /// what is taken for another protocol keeps whatever it says of its sender.
  private func servesOnlyHTTP(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    guard connection.pointee.direction == .inbound else { return false }
    let table = keeper.rules.table
    return table.port(servedAt: connection.pointee.destination).map { table.ports[$0].appProtocol == .http } ?? false
  }

  private func serveDeclared(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    _ = takeFirstBytes(connection, slot)
    guard connections.contains(slot) else { return }
    if connection.pointee.request.pending != nil { return serveAsHTTP(slot) }
    if connection.pointee.request.isEnded { close(slot, .finished, code: 0) }
  }

  /// The client's first words have waited long enough to become a request: whatever they are, the server is told them.
  func passOnWithheld(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    if connection.pointee.direction == .inbound, let verdict = verdictOnOpaque(connection), !verdict.isAllowed {
      connection.pointee.requestVerdict = verdict
      return close(slot, .denied, code: 0)
    }
    if connection.pointee.direction == .outbound, mustNameWhatIsKnown(connection) {
      return close(slot, .unknownName, code: 0)
    }
    connection.pointee.isWithholding = false
    connection.pointee.detection.serverSpoke()
    timers.set(slot.index, deadline: tick &+ limits.idleTimeout_ticks)
    serve(connection, slot)
  }

  /// Policies let nothing but requests in: nothing passes either way before the client has begun one.
  private func serveOnlyRequests(
    _ connection: UnsafeMutablePointer<Connection>,
    _ slot: Slot,
    _ verdict: RequestVerdict
  ) {
    if takeFirstBytes(connection, slot) { return serveAsHTTP(slot) }
    guard connections.contains(slot) else { return }
    // A server that speaks first speaks no HTTP, and a client that has settled on something else does not either. Of TLS
    // it is not known before the hello is whole, since policies may speak of the name in it.
    let isOpaque =
      connection.pointee.detection.isSettled || connection.pointee.request.isEnded
      || !connection.pointee.isWithholding && !connection.pointee.detection.awaitsHello
        && (connection.pointee.request.bytes > 0
          || connection.pointee.upstream.isReadable && !awaitsClient(connection, slot))
    guard isOpaque else { return }
    if connection.pointee.detection.hello != nil, verdictOnOpaque(connection)?.isAllowed != false {
      return serveAndDetect(connection, slot)
    }
    connection.pointee.requestVerdict = verdict
    close(slot, .denied, code: 0)
  }

  /// What AuthorizationPolicies say of an inbound connection of which no request can be seen; nil where none apply.
  func verdictOnOpaque(_ connection: UnsafeMutablePointer<Connection>) -> RequestVerdict? {
    let authorization = keeper.rules.authorization
    guard !authorization.isEmpty else { return nil }
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    var facts = RequestFacts(
      source: connection.pointee.source.ip,
      destination: connection.pointee.destination,
      path: nothing,
      host: nothing
    )
    facts.identify(connection.pointee.peer?.name)
    guard let hello = connection.pointee.detection.hello, hello.pointee.nameCount > 0 else {
      return authorization.decide(connection: facts)
    }
    return hello.pointee.withName { name in
      facts.serverName = name
      return authorization.decide(connection: facts)
    }
  }

  /// Reads once and looks; true where it is a request that has begun.
  func takeFirstBytes(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) -> Bool {
    guard connection.pointee.downstream.isReadable, !connection.pointee.request.isEnded else { return false }
    let window = UnsafeMutableRawBufferPointer(rebasing: scratch[..<Int(ReadSize.smallest.bytes)])
    switch connection.pointee.downstream.receive(into: window) {
    case .bytes(let count):
      if count < window.count, !connection.pointee.downstream.mayHoldMore {
        connection.pointee.downstream.isReadable = false
      }
      connection.pointee.request.bytes &+= UInt64(count)
      counters.moved(connection.pointee.direction, connection.pointee.series, up: UInt64(count), down: 0)
      let fresh = UnsafeRawBufferPointer(rebasing: window[..<count])
      connection.pointee.detection.clientSpoke(fresh)
      connection.pointee.request.withhold(fresh, &pool)
      if connection.pointee.detection.isSettled {
        connection.pointee.isWithholding = false
        return connection.pointee.isOfRequests
      }
      withhold(connection, slot)
      return false
    case .wouldBlock:
      connection.pointee.downstream.isReadable = false
      return false
    case .endOfStream:
      connection.pointee.downstream.isReadable = false
      connection.pointee.request.isEnded = true
      // It says no more, so this is no request, and no hello.
      connection.pointee.isWithholding = false
      if connection.pointee.direction == .outbound, mustNameWhatIsKnown(connection) {
        close(slot, .unknownName, code: 0)
        return false
      }
      if connection.pointee.detection.mayBecomeRequest { connection.pointee.detection.serverSpoke() }
      return false
    case .failed(let code):
      close(slot, .clientReset, code: code)
      return false
    }
  }
}

extension Flow {
  /// Keeps bytes that were read but are not to be passed on yet, behind those that are kept already.
  mutating func withhold(_ fresh: UnsafeRawBufferPointer, _ pool: inout BufferPool) {
    guard let old = pending else {
      pending = pool.keep(fresh)
      pendingOffset = 0
      return
    }
    let joined = pool.room(for: old.count + fresh.count)
    joined.copyMemory(from: UnsafeRawBufferPointer(old))
    UnsafeMutableRawBufferPointer(rebasing: joined[old.count...]).copyMemory(from: fresh)
    pool.giveBack(old)
    pending = joined
  }
}
