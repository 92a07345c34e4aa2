internal import Balancing
internal import HTTP1
internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import Transcoding
internal import TransportSecurity

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

  /// The proxy at an address that a program dialled itself, instead of a service's: it is asked where its identity is known and
  /// this one has one to show. The proxy's own doors are nobody's program.
  func directPeer(at destination: SocketAddress) -> PeerKey? {
    guard identity != nil, !OwnPorts.isUsual(destination.port),
      let id = keeper.rules.table.meshIdentity(at: destination)
    else { return nil }
    return PeerKey(address: destination.withPort(ProxySettings.transportPort), identity: id)
  }

  /// A stream to an endpoint's proxy, or to the endpoint itself, over the connection that leads there, or over one that is
  /// being made. `carrier` is the connection that the last one went over, where that is known.
  func openStream(
    to key: PeerKey,
    near carrier: Slot = .nowhere,
    port: UInt16,
    isTunnel: Bool,
    _ speech: UpstreamSpeech = .http1,
    _ direction: Direction = .outbound
  ) -> PeerDial {
    let place: Slot
    if let known = takingConnection(key, near: carrier) {
      place = known
    } else {
      switch dialPeer(key, direction) {
      case .opened(let slot): place = slot
      case .failed(let code): return .failed(code)
      }
    }
    guard let connection = peers.connections.pointer(place), !peers.streams.isFull else {
      return .failed(DialError.tooManyOpen)
    }
    connection.pointee.lastActive = tick
    var stream = PeerStream(
      on: place,
      id: nil,
      decoder: isTunnel ? .opaque : MessageDecoder(),
      encoder: isTunnel ? .opaque : .request,
      isServer: false,
      isTunnel: isTunnel,
      port: port
    )
    stream.speech = speech
    stream.encoder.isOverTLS = key.server != nil
    let slot = peers.file(stream, on: connection)
    guard connection.pointee.phase == .open else { return .opened(slot, isUp: false) }
    guard isTunnel else { return .opened(slot, isUp: true) }
    if let filed = peers.streams.pointer(slot) { peers.requestTunnel(filed, slot, connection) }
    return .opened(slot, isUp: false)
  }

  enum PeerDial {
    /// With `isUp` it can be written to at once.
    case opened(Slot, isUp: Bool)
    case failed(Int32)
  }

  private func dialPeer(_ key: PeerKey, _ direction: Direction) -> DialResult {
    guard !peers.connections.isFull else { return .failed(DialError.unreachable) }
    if let server = key.server { return dialServer(key, server, direction) }
    var tls: TLSSession?
    if let expected = key.identity {
      guard let context = identity?.client else { return .failed(DialError.unreachable) }
      tls = try? TLSSession(context, with: .identity(expected))
      if tls == nil { return .failed(DialError.tooManyOpen) }
    }
    let isPlain = key.identity == nil
    guard let session = try? PathSession(role: .client, limits: isPlain ? PeerLimit.toProgram : PeerLimit.session)
    else { return .failed(DialError.tooManyOpen) }
    switch dial(key.address) {
    case .failed(let code): return .failed(code)
    case .connecting(let socket):
      guard let local = socket.localAddress() else { return .failed(DialError.unreachable) }
      socket.setUserTimeout(ms: PeerLimit.unacknowledged_ms)
      let age =
        isPlain
        ? UpstreamLimit.ageTicks &+ http.random.below(UpstreamLimit.ageJitterTicks)
        : PeerLimit.ageTicks &+ http.random.below(PeerLimit.ageJitterTicks)
      let slot = file(
        PeerConnection(
          side: Side(socket),
          phase: .connecting,
          tls: tls,
          session: session,
          isServer: false,
          peer: key.address,
          local: local,
          key: key,
          direction: direction,
          opened_ns: now_ns,
          expires: tick &+ age,
          idleTicks: isPlain ? UpstreamLimit.idleTicks : PeerLimit.idleTicks,
          lastActive: tick,
          streamLimit: isPlain ? PeerLimit.streamsAtFirst : PeerLimit.session.streams,
          loopMark: keeper.loopGuard.remember(from: local, to: key.address)
        )
      )
      peers.remember(slot, for: key)
      return .opened(slot)
    }
  }

  /// Files a connection, and watches it; it has so long to be open.
  @discardableResult
  func file(_ connection: consuming PeerConnection, isWatched: Bool = false) -> Slot {
    let slot = peers.connections.insert(connection)
    peerTimers.set(slot.index, deadline: tick &+ PeerLimit.handshakeTicks)
    if let filed = peers.connections.pointer(slot) {
      watch(filed.pointee.side, Token(.peer, slot: slot), isWatched: isWatched)
    }
    return slot
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
