internal import Balancing
internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import TransportSecurity

/// What connections of HTTP/2 in TLS of a rule's own are told apart by, beside the server's address.
struct ServerKey: Hashable {
  /// The rule's TLS.
  let way: TargetWay
  /// The name that the server is asked for, where clients say it; nil where the rule does, or nobody.
  let name: String?
  /// What is offered: HTTP/2, or HTTP/1.1 as well.
  let inside: ServerContext.Inside
}

/// Servers outside the mesh that HTTP/2 is spoken with. What serves streams sees a `PeerConnection` without TLS: that is its
/// side's affair, which is a `SecureConnection`.
extension Worker {
  /// Whom a stream to a target leads to: its proxy, or the endpoint itself, in plain text or in TLS of a rule's own; nil where it
  /// is spoken to by HTTP/1.
  func streamKey(
    _ target: UInt32,
    _ direction: Direction,
    _ speech: UpstreamSpeech,
    _ exchange: UnsafeMutablePointer<Exchange>,
    isMirror: Bool = false
  ) -> PeerKey? {
    if direction == .outbound, let proxy = http.targets.peer(of: target) { return proxy }
    guard speech != .http1 else { return nil }
    let (address, way) = (http.targets[target].address, http.targets[target].way)
    guard way.number != nil else { return PeerKey(program: address) }
    // Mirrored requests name nobody.
    let name = way.asksName && !isMirror ? exchange.pointee.event.hostName : nil
    // Calls of gRPC are nothing without HTTP/2, and on a port that is declared so documents have chosen.
    let isChosen = exchange.pointee.isGRPC || http.targets[target].speaksHTTP2
    let server = ServerKey(way: way, name: name, inside: isChosen ? .http2 : .either)
    return PeerKey(address: address, identity: nil, server: server)
  }

  /// Dials a server; what waits for it is told when it has proved who it is and agreed to HTTP/2.
  func dialServer(_ key: PeerKey, _ server: ServerKey, _ direction: Direction) -> DialResult {
    guard let settings = http.targets.settings(of: server.way),
      let session = try? PathSession(role: .client, limits: PeerLimit.toProgram)
    else { return .failed(DialError.tooManyOpen) }
    if server.name != nil { endLongestIdle() }
    switch dialSecure(key.address, settings, asking: server.name, inside: server.inside, isSuspect: false) {
    case .failed(let code): return .failed(code)
    case .dialled(let side):
      // The kernel gives it up as soon as those of the mesh: many will share it.
      guard let local = secure.shareSocket(of: side) else { return .failed(DialError.unreachable) }
      return .opened(fileDialled(side, from: local, tls: nil, session, key, direction, loopMark: nil))
    }
  }

  /// Ends the connection that was idle for longest, where there are as many as may be that clients have chosen the names of.
  private func endLongestIdle() {
    var count = 0
    var oldest: (slot: Slot, idle: UInt32)?
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        connection.pointee.key?.server?.name != nil
      else { continue }
      count += 1
      let idle = tick &- connection.pointee.lastActive
      guard connection.pointee.phase == .open, connection.pointee.streamCount == 0, idle >= oldest?.idle ?? 0 else {
        continue
      }
      oldest = (slot, idle)
    }
    if count >= SecureLimit.namedSessions, let oldest { endPeer(oldest.slot, .idle) }
  }

  /// The files of these rules have changed: connections that were made of older ones take nothing new, and those that serve nobody
  /// end.
  func leaveServers(_ changed: Set<ClusterTLS>) {
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        let server = connection.pointee.key?.server, let settings = http.targets.settings(of: server.way),
        changed.contains(settings)
      else { continue }
      switch connection.pointee.phase {
      case .open where connection.pointee.streamCount == 0: endPeer(slot, .idle)
      case .open: connection.pointee.phase = .leaving
      // What waits for it goes on.
      case .connecting, .shaking, .greeting: connection.pointee.expires = tick
      case .leaving: break
      }
    }
  }
}

extension SecureStores {
  /// Many will share a connection that is being dialled: the kernel gives it up as soon as those of the mesh. This side's address;
  /// nil where it is gone already.
  fileprivate func shareSocket(of side: borrowing Side) -> SocketAddress? {
    guard let connection = connections.pointer(side.stream.slot) else { return nil }
    connection.pointee.side.socket.setUserTimeout(ms: PeerLimit.unacknowledged_ms)
    return connection.pointee.side.socket.localAddress()
  }
}
