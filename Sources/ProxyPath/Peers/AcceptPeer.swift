internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import TransportSecurity

/// What other proxies begin here: connections, and requests on them.
extension Worker {
  /// Takes a connection of another proxy. Without an identity of our own there is nothing to show it.
  func acceptPeer(_ socket: consuming FileDescriptor, from source: SocketAddress) {
    guard let context = identity?.server, !peers.connections.isFull, let local = socket.localAddress(),
      let tls = try? TLSSession(context, with: .member),
      let session = try? PathSession(role: .server, limits: PeerLimit.session)
    else { return socket.resetOnClose() }
    socket.setUserTimeout(ms: PeerLimit.unacknowledged_ms)
    let side = Side(socket)
    NearLeg.adapt(accepted: side)
    let connection = PeerConnection(
      side: side,
      phase: .shaking,
      tls: tls,
      session: session,
      isServer: true,
      peer: source,
      local: local,
      key: nil,
      direction: .inbound,
      opened_ns: now_ns,
      expires: .max,
      idleTicks: PeerLimit.idleTicks,
      lastActive: tick,
      streamLimit: PeerLimit.session.streams,
      loopMark: nil
    )
    file(connection)
  }

  /// A peer's request or connection begins: for the path it is one more client of the pod's.
  func startPeerRequest(_ place: Slot) {
    guard let stream = peers.streams.pointer(place),
      let connection = peers.connections.pointer(stream.pointee.connection)
    else { return }
    if connection.pointee.program != nil { return startProgramRequest(place, connection) }
    guard !isCrowding(connection) else {
      // Nobody has looked at it, so it may be asked elsewhere, whatever it is.
      peers.setCode(of: place, .refusedStream)
      return StreamEnd(peers, place).resetOnClose()
    }
    let (source, local, proven) = (connection.pointee.peer, connection.pointee.local, connection.pointee.proven)
    let destination = SocketAddress(local.ip, port: stream.pointee.port)
    let verdict = keeper.policy.decide(.inbound, peer: source.ip, port: destination.port, transport: .tcp)
    let isTunnel = stream.pointee.isTunnel
    let isNative = stream.pointee.speech == .native
    let entry = keeper.rules.judgePeer(
      from: source.ip,
      to: destination,
      isIdentified: proven != nil,
      now_s: Int64(Clock.realtime_us() / 1_000_000)
    )
    let end = StreamEnd(peers, place)
    let isFull = http.clients.isFull || isTunnel && (self.isFull || connections.isFull)
    let isOwnPort = isTunnel && keeper.ownPorts.isReserved(destination.port)
    guard verdict.isAllowed, entry.isAllowed, !isFull, !isOwnPort, !isTunnel else {
      var arrival = Arrival(Side(end, isWritable: false), from: source, .inbound, now_ns: now_ns)
      (arrival.peer, arrival.entry) = (proven, entry)
      guard verdict.isAllowed else { return refuse(arrival, to: destination, verdict, .denied, code: 0) }
      guard entry.isAllowed else { return refuse(arrival, to: destination, verdict, .unidentified, code: 0) }
      guard !isFull else { return refuse(arrival, to: destination, verdict, .overloaded, code: 0) }
      guard !isOwnPort else { return refuse(arrival, to: destination, verdict, .ownPort, code: 0) }
      return start(arrival, to: destination, verdict)
    }
    counters.streamOpened()
    let slot = http.clients.insert(
      HTTPClient(
        id: nextID(),
        direction: .inbound,
        source: source,
        destination: destination,
        verdict: verdict,
        opened_ns: now_ns,
        side: Side(end, isWritable: true),
        isAnnounced: false,
        isTrusted: true,
        tick: tick
      )
    )
    guard let client = http.clients.pointer(slot) else { return }
    client.pointee.isMessage = true
    client.pointee.peer = proven
    client.pointee.entry = entry
    if isNative { client.pointee.speech = .native }
    http.clientTimers.set(slot.index, deadline: tick &+ limits.idleTimeout_ticks)
    watch(client.pointee.side, Token(.httpClient, slot: slot), isWatched: false)
  }
}
