internal import Balancing
internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Sends a request that is composed, whole or its beginning, to an endpoint: the first try, or another one.
  func dispatch(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ bytes: UnsafeRawBufferPointer,
    onFresh: Bool = false
  ) -> ClientStep {
    guard let target = chooseTarget(client, exchange) else {
      return awaitEndpoint(client, slot, exchange)
    }
    exchange.pointee.event.upstream = http.targets[target].address
    if exchange.pointee.event.backend >= 0 {
      let verdict = egressVerdict(target)
      exchange.pointee.event.flowVerdict = verdict
      guard verdict.isAllowed else { return fail(client, slot, exchange, .denied, code: 0) }
    }
    return dispatch(client, slot, exchange, bytes, to: target, onFresh: onFresh)
  }

  /// The same to this endpoint.
  private func dispatch(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ bytes: UnsafeRawBufferPointer,
    to target: UInt32,
    onFresh: Bool
  ) -> ClientStep {
    let connection: Slot
    switch openConnection(for: client, exchange, to: target, onFresh: onFresh) {
    case .opened(let opened): connection = opened
    case .failed(let code):
      counters.upstreamFailed(client.pointee.direction, code: code)
      exchange.pointee.target = target
      if code == DialError.tooManyOpen || code == DialError.tooManyOpenInSystem {
        return fail(client, slot, exchange, .overloaded, code: code)
      }
      http.targets[target].health.failed(now_ns: now_ns, random: &http.random)
      return tryElsewhere(client, slot, exchange, .connectFailed, code: code)
    }
    return send(bytes, of: exchange, client, slot, to: target, by: connection)
  }

  /// Sends a request by the connection that was found for it, at once or with the turn's batch.
  @inline(__always)
  private func send(
    _ bytes: UnsafeRawBufferPointer,
    of exchange: UnsafeMutablePointer<Exchange>,
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    to target: UInt32,
    by connection: Slot
  ) -> ClientStep {
    guard let upstream = http.upstreams.pointer(connection) else { return .waiting }
    if upstream.pointee.phase == .idle { upstream.pointee.phase = .busy }
    upstream.pointee.client = slot
    upstream.pointee.requests &+= 1
    exchange.pointee.isOnReused = upstream.pointee.requests > 1
    exchange.pointee.upstream = connection
    exchange.pointee.target = target
    exchange.pointee.tried_ns = now_ns
    countEdge(of: client, to: target, isPeerStream: upstream.pointee.side.isPeerStream)
    http.targets.retain(target)
    http.targets[target].pending += 1
    http.targets[target].health.noteChosen(now_ns: now_ns)
    armTryDeadline(client, exchange)
    if exchange.pointee.isRequestDone, bytes.count <= SendBatch.largest, exchange.pointee.replay.isComplete,
      upstream.pointee.side.isWritable, upstream.pointee.backlog.isEmpty, http.batch.add(upstream: connection)
    {
      upstream.pointee.isPosted = true
      return .waiting
    }
    switch upstream.pointee.backlog.send(bytes, to: &upstream.pointee.side, &pool) {
    case .sent, .waiting: return .again
    case .failed(let code): return loseUpstream(client, slot, exchange, code: code)
    }
  }

  /// Sends a request as it is kept, after a pause or for another try.
  func dispatchAgain(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    onFresh: Bool = false
  ) -> ClientStep {
    if exchange.pointee.isGRPC { tellTimeLeft(exchange) }
    return dispatch(client, slot, exchange, exchange.pointee.replay.content, onFresh: onFresh)
  }

  /// The same to the endpoint that was asked, which has said meanwhile how it is to be spoken to. Nothing was sent, so it is no
  /// further try.
  func dispatchOtherwise(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    to target: UInt32
  ) -> ClientStep {
    if exchange.pointee.isGRPC { tellTimeLeft(exchange) }
    return dispatch(client, slot, exchange, exchange.pointee.replay.content, to: target, onFresh: false)
  }

  /// A connection for a request to an endpoint: one that waits for requests, or one that is being made.
  @inline(__always)
  private func openConnection(
    for client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    to target: UInt32,
    onFresh: Bool
  ) -> DialResult {
    let speech = speech(client.pointee.speech, exchange, to: target)
    if client.pointee.dialled != .nowhere, let dialled = takeDialled(client, for: target, speech) {
      return .opened(dialled)
    }
    // What goes through a proxy shares no connection with what this one takes to its own program, though the address is one.
    let isDirect = client.pointee.direction == .inbound || http.targets.peer(of: target) == nil
    let mayRepeat = exchange.pointee.event.method.isIdempotent
    // To those that speak HTTP/2 there is a stream for each request.
    if !onFresh, isDirect, speech == .http1,
      let idle = http.targets[target].way.asksName
        ? takeIdle(target, mayRepeat: mayRepeat, for: exchange) : takeIdle(target, mayRepeat: mayRepeat)
    {
      return .opened(idle)
    }
    return openUpstream(target, client.pointee.direction, isSuspect: client.pointee.isMarked, speech, for: exchange)
  }

  /// The endpoint to ask: the one that was dialled, or one of the service's.
  private func chooseTarget(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> UInt32? {
    guard exchange.pointee.event.backend >= 0 else {
      if client.pointee.target == .max {
        client.pointee.target = http.targets.retain(client.pointee.destination, now_ns: now_ns)
        if client.pointee.direction == .outbound {
          http.targets.lead(client.pointee.target, through: directPeer(at: client.pointee.destination))
        }
      }
      return client.pointee.target
    }
    guard let port = backendInForce(exchange), let rules = http.shelf.inForce else { return nil }
    let cluster = rules._withUnsafeGuaranteedRef {
      http.clusters.cluster(of: port, $0.table, &http.targets, now_ns: now_ns)
    }
    return http.clusters.pick(
      cluster,
      &http.targets,
      &http.random,
      now_ns: now_ns,
      excluding: exchange.pointee.tried
    )
  }

  /// The backend's port by its index in the rules in force, which number ports anew: those that drew it may be older. Nil
  /// where they know the service no more.
  @inline(__always)
  func backendInForce(_ exchange: UnsafeMutablePointer<Exchange>) -> Int? {
    guard exchange.pointee.event.backend >= 0 else { return nil }
    guard exchange.pointee.rules != http.shelf.current else { return Int(exchange.pointee.event.backend) }
    return findBackendAgain(exchange)
  }

  private func findBackendAgain(_ exchange: UnsafeMutablePointer<Exchange>) -> Int? {
    guard let rules = http.shelf.inForce,
      let drawn = http.shelf.rules(exchange.pointee.rules)?.table.ports[Int(exchange.pointee.event.backend)]
    else { return nil }
    var name = "\(drawn.service).\(drawn.namespace)"
    return rules._withUnsafeGuaranteedRef { rules in
      name.withUTF8 { rules.table.port(named: UnsafeRawBufferPointer($0), drawn.port) }
    }
  }

  /// Who is at both ends of a connection to an endpoint; nil where it is no stream of the mesh's.
  func proof(of upstream: Slot) -> PeerProof? {
    guard let upstream = http.upstreams.pointer(upstream), upstream.pointee.side.isPeerStream else { return nil }
    return peers.proof(of: upstream.pointee.side.stream.slot)
  }

  /// The exchange is done with the endpoint it asked.
  func leave(_ exchange: UnsafeMutablePointer<Exchange>) {
    guard exchange.pointee.upstream != .nowhere else { return }
    if let proof = proof(of: exchange.pointee.upstream) { exchange.pointee.event.proof = proof }
    exchange.pointee.upstream = .nowhere
    http.targets[exchange.pointee.target].pending -= 1
    http.targets.release(exchange.pointee.target)
  }

  /// Drops the connection of an exchange whose answer is not wanted any more, by a reset: a FIN says only that no more
  /// requests come, and whoever reads it, a proxy most of all, may still work on the answer.
  func dropUpstream(_ exchange: UnsafeMutablePointer<Exchange>, code: Int32) {
    http.upstreams.pointer(exchange.pointee.upstream)?.pointee.side.resetOnClose()
    forgetUpstream(exchange, code: code)
  }

  /// Closes the connection of an exchange, which the endpoint has ended itself.
  func forgetUpstream(_ exchange: UnsafeMutablePointer<Exchange>, code: Int32) {
    let upstream = exchange.pointee.upstream
    leave(exchange)
    closeUpstream(upstream, code: code)
  }
}
