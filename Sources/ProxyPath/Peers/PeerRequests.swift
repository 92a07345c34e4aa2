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
      let mark = keeper.loopGuard.remember(from: local, to: key.address)
      return .opened(fileDialled(Side(socket), from: local, tls: tls, session, key, direction, loopMark: mark))
    }
  }

  /// Files a connection that is being dialled: from now on it is the first to be asked for whom it leads to. Proxies are believed
  /// for longer than servers.
  func fileDialled(
    _ side: consuming Side,
    from local: SocketAddress,
    tls: consuming TLSSession?,
    _ session: consuming PathSession,
    _ key: PeerKey,
    _ direction: Direction,
    loopMark: consuming LoopMark?
  ) -> Slot {
    let isProxy = key.identity != nil
    let age =
      isProxy
      ? PeerLimit.ageTicks &+ http.random.below(PeerLimit.ageJitterTicks)
      : UpstreamLimit.ageTicks &+ http.random.below(UpstreamLimit.ageJitterTicks)
    let slot = file(
      PeerConnection(
        side: side,
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
        idleTicks: isProxy ? PeerLimit.idleTicks : UpstreamLimit.idleTicks,
        lastActive: tick,
        streamLimit: isProxy ? PeerLimit.session.streams : PeerLimit.streamsAtFirst,
        loopMark: loopMark
      )
    )
    peers.remember(slot, for: key)
    return slot
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
}
