internal import Balancing
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Begins a connection to a service: an endpoint is dialled at once, for what will be spoken is not known. Where documents
  /// say that it is HTTP, or nobody could be dialled, the first request decides.
  func startService(_ arrival: consuming Arrival, to destination: SocketAddress, _ port: Int) {
    let isDeclaredHTTP = keeper.rules.table.ports[port].appProtocol == .http
    let awaitsRequest = isDeclaredHTTP || awaitsRequests(port)
    switch awaitsRequest ? EndpointDial.none(nil) : dialEndpoint(port, asking: nil) {
    case .dialled(let upstream, let address, let way, let verdict):
      let slot = file(arrival, upstream, to: destination, at: address, verdict, servicePort: Int32(port))
      connections.pointer(slot)?.pointee.way = way
    case .none(let verdict):
      if let verdict, !verdict.isAllowed {
        return refuse(arrival, to: destination, verdict, .denied, code: 0)
      }
      startRequests(arrival, to: destination, port, isDeclared: isDeclaredHTTP)
    }
  }

  /// What dialling a service came to.
  enum EndpointDial: ~Copyable {
    case dialled(Side, SocketAddress, TargetWay, Verdict)
    /// No endpoint could be dialled; the verdict on the one that policy forbids, where that is why.
    case none(Verdict?)
  }

  /// Dials an endpoint of a service that policy allows.
  func dialEndpoint(_ port: Int, notTo tried: TriedTargets = TriedTargets(), asking name: String?) -> EndpointDial {
    let cluster = http.clusters.cluster(of: port, keeper.rules.table, &http.targets, now_ns: now_ns)
    guard let target = http.clusters.pick(cluster, &http.targets, &http.random, now_ns: now_ns, excluding: tried)
    else {
      return .none(nil)
    }
    let verdict = egressVerdict(target)
    guard verdict.isAllowed else { return .none(verdict) }
    let address = http.targets[target].address
    let way = http.targets[target].way
    if way != .usual, let dialled = dialOtherwise(target, port, asking: name, verdict) { return dialled }
    if let key = http.targets.peer(of: target) {
      guard
        case .opened(let stream, _) = openStream(
          to: key,
          near: http.targets[target].carrier,
          port: address.port,
          isTunnel: true
        )
      else {
        http.targets[target].health.failed(now_ns: now_ns, random: &http.random)
        return .none(nil)
      }
      return .dialled(Side(StreamEnd(peers, stream), isWritable: false), address, way, verdict)
    }
    switch dial(address) {
    case .connecting(let upstream): return .dialled(Side(upstream), address, way, verdict)
    case .failed:
      http.targets[target].health.failed(now_ns: now_ns, random: &http.random)
      return .none(nil)
    }
  }

  /// What the NetworkPolicies say of an endpoint, asked once a snapshot and endpoint: policies can be many.
  func egressVerdict(_ target: UInt32) -> Verdict {
    if http.targets[target].verdictVersion == keeper.policyVersion, let known = http.targets[target].verdict {
      return known
    }
    let address = http.targets[target].address
    let verdict = keeper.policy.decide(.outbound, peer: address.ip, port: address.port, transport: .tcp)
    http.targets[target].verdict = verdict
    http.targets[target].verdictVersion = keeper.policyVersion
    return verdict
  }

  /// The handshake with an endpoint failed: another one is tried where the destination is a service; else the client learns it.
  func failConnecting(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot, code: Int32) {
    let mayBeNamed = mayStillBeNamed(connection)
    let port = Int(connection.pointee.servicePort)
    guard port >= 0, connection.pointee.triesLeft > 0 else {
      if mayBeNamed { return awaitName(connection, slot, code: code) }
      return close(slot, CloseReason(dialError: code), code: code)
    }
    let failed = http.targets.retain(connection.pointee.upstreamAddress, connection.pointee.way, now_ns: now_ns)
    http.targets[failed].health.failed(now_ns: now_ns, random: &http.random)
    connection.pointee.triesLeft -= 1
    let tried = TriedTargets(failed, earlier: connection.pointee.earlierTry)
    connection.pointee.earlierTry = failed
    let next = dialEndpoint(port, notTo: tried, asking: connection.pointee.serverName)
    http.targets.release(failed)
    switch consume next {
    case .none where mayBeNamed: awaitName(connection, slot, code: code)
    case .none: close(slot, CloseReason(dialError: code), code: code)
    case .dialled(let upstream, let address, let way, let verdict):
      connection.pointee.way = way
      redial(connection, slot, upstream, at: address, verdict)
    }
  }

  /// Another endpoint is being dialled in the place of the one before.
  func redial(
    _ connection: UnsafeMutablePointer<Connection>,
    _ slot: Slot,
    _ upstream: consuming Side,
    at address: SocketAddress,
    _ verdict: Verdict
  ) {
    let isSuspect = connection.pointee.loopMark?.isSuspect ?? false
    var mark: LoopMark?
    if !upstream.isStream, let local = upstream.socket.localAddress() {
      mark = keeper.loopGuard.remember(from: local, to: address, isSuspect: isSuspect)
    }
    connection.pointee.loopMark = mark
    connection.pointee.upstream = upstream
    connection.pointee.upstreamAddress = address
    connection.pointee.verdict = verdict
    timers.set(slot.index, deadline: tick &+ limits.connectTimeout_ticks)
    watch(connection.pointee.upstream, Token(.upstream, slot: slot), isWatched: false)
  }

  /// Begins a connection whose requests are served one by one, with nothing dialled for it.
  func startRequests(_ arrival: consuming Arrival, to destination: SocketAddress, _ port: Int, isDeclared: Bool) {
    let (isWatched, isMarked) = (arrival.isWatched, arrival.isMarked)
    let series = sourceSeries(.outbound, to: destination, Int32(port), isProven: false)
    counters.opened(.outbound, series)
    let slot = http.clients.insert(
      HTTPClient(
        id: nextID(),
        direction: .outbound,
        source: arrival.source,
        destination: destination,
        verdict: .unasked,
        opened_ns: arrival.accepted_ns,
        side: arrival.side,
        isAnnounced: false,
        isTrusted: true,
        tick: tick
      )
    )
    guard let client = http.clients.pointer(slot) else { return }
    client.pointee.series = series
    client.pointee.mustSpeakHTTP = isDeclared
    client.pointee.isMarked = isMarked
    http.clientTimers.set(slot.index, deadline: tick &+ limits.idleTimeout_ticks)
    watch(client.pointee.side, Token(.httpClient, slot: slot), isWatched: isWatched)
    client.pointee.isAnnounced = outbox.announce(
      PathEvent(opening: &client.pointee, keeper.policyVersion),
      now_ns: now_ns
    )
  }
}
