internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Dials and files the connection; both sockets are watched once, for the connection's whole life.
  func start(_ arrival: consuming Arrival, to destination: SocketAddress, _ verdict: Verdict) {
    if arrival.direction == .outbound, let key = directPeer(at: destination) {
      return startThroughPeer(arrival, key, to: destination, verdict)
    }
    switch dial(destination) {
    case .failed(let code): refuse(arrival, to: destination, verdict, CloseReason(dialError: code), code: code)
    case .connecting(let upstream): file(arrival, Side(upstream), to: destination, at: destination, verdict)
    }
  }

  /// An endpoint was dialled by its own address: what it has a proxy for goes through that, as when its service is asked.
  private func startThroughPeer(
    _ arrival: consuming Arrival,
    _ key: PeerKey,
    to destination: SocketAddress,
    _ verdict: Verdict
  ) {
    switch openStream(to: key, port: destination.port, isTunnel: true) {
    case .failed(let code): refuse(arrival, to: destination, verdict, CloseReason(dialError: code), code: code)
    case .opened(let stream, _):
      file(arrival, Side(StreamEnd(peers, stream), isWritable: false), to: destination, at: destination, verdict)
    }
  }

  /// Files a connection that is being dialled.
  @discardableResult
  func file(
    _ arrival: consuming Arrival,
    _ upstream: consuming Side,
    to destination: SocketAddress,
    at address: SocketAddress,
    _ verdict: Verdict,
    servicePort: Int32 = -1
  ) -> Slot {
    let (direction, isWatched, peer, entry) = (arrival.direction, arrival.isWatched, arrival.peer, arrival.entry)
    var mark: LoopMark?
    if direction == .outbound, !upstream.isStream, let local = upstream.socket.localAddress() {
      mark = keeper.loopGuard.remember(from: local, to: address, isSuspect: arrival.isMarked)
    }
    let slot = connections.insert(
      Connection(
        id: nextID(),
        direction: direction,
        verdict: verdict,
        source: arrival.source,
        destination: destination,
        upstreamAddress: address,
        loopMark: mark,
        downstream: arrival.side,
        upstream: upstream,
        opened_ns: arrival.accepted_ns,
        tick: tick
      )
    )
    timers.set(slot.index, deadline: tick &+ limits.connectTimeout_ticks)
    let series = sourceSeries(direction, to: destination, servicePort, isProven: peer != nil)
    counters.opened(direction, series)
    guard let connection = connections.pointer(slot) else { return slot }
    connection.pointee.servicePort = servicePort
    connection.pointee.series.source = series
    connection.pointee.peer = peer
    connection.pointee.entry = entry
    if let peer { connection.pointee.proof = peer.proof }
    watch(connection.pointee.upstream, Token(.upstream, slot: slot), isWatched: false)
    watch(connection.pointee.downstream, Token(.downstream, slot: slot), isWatched: isWatched)
    announce(connection)
    return slot
  }

  /// The upstream socket reported for the first time: the handshake ended, one way or the other.
  func finishConnecting(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot, _ readiness: Readiness) {
    if !readiness.isDisjoint(with: [.error, .hangUp]) {
      let code = connection.pointee.upstream.takeError()
      if code != 0 { return failConnecting(connection, slot, code: code) }
    }
    guard readiness.contains(.writable) else { return }
    NearLeg.adapt(connection.pointee.upstream, seen_ns: now_ns &- connection.pointee.opened_ns)
    if connection.pointee.downstream.isPeerStream { peers.acceptTunnel(connection.pointee.downstream.stream.slot) }
    if connection.pointee.upstream.isPeerStream {
      connection.pointee.proof = peers.proof(of: connection.pointee.upstream.stream.slot)
    }
    connection.pointee.phase = .relaying
    connection.pointee.connected_ns = now_ns
    connection.pointee.lastActive = tick
    connection.pointee.series.destination = destinationSeries(of: connection)
    counters.connected(
      connection.pointee.direction,
      connection.pointee.series.destination,
      after_ns: now_ns &- connection.pointee.opened_ns
    )
    timers.set(slot.index, deadline: tick &+ limits.idleTimeout_ticks)
    // What the client said while it was dialled waits.
    if connection.pointee.request.pending != nil { takeUpEarlyWords(connection, slot) }
  }

  /// What was dialled for a client is used for nothing, and was counted when it was connected; 0 for what never was.
  func countLeft(_ direction: Direction, _ series: TCPEnds, since connected_ns: UInt64) {
    guard connected_ns > 0 else { return }
    counters.upstreamClosed(direction, series.destination, code: 0, duration_ms: (now_ns &- connected_ns) / 1_000_000)
  }
}

extension CloseReason {
  /// What an `errno` of connect(2) means to a reader of records.
  init(dialError code: Int32) {
    self =
      switch code {
      case DialError.refused: .upstreamRefused
      case DialError.reset: .serverReset
      case DialError.timedOut: .connectTimeout
      case DialError.tooManyOpen, DialError.tooManyOpenInSystem: .overloaded
      default: .upstreamUnreachable
      }
  }
}
