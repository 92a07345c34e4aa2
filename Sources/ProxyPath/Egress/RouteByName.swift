internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Connections of TLS clients go to whom they name (RFC 6066 section 3), as requests do, with not a byte changed.
///
/// The server may be the one that speaks first, so where the client meant to go is dialled at once. When its hello is whole and
/// names a service, an endpoint of that is dialled instead: nothing has been passed on by then. What names nobody, and what
/// nobody can read (Encrypted ClientHello names a server for all of its owner's), goes where it meant to.
extension Worker {
  // MARK: What a hello leads to

  /// Acts on the hello of a connection that leaves the pod, if it is there by now; true where the connection does not go on
  /// as it was, because another endpoint is dialled, the agent is asked, or it is refused.
  func followHello(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) -> Bool {
    guard connection.pointee.detection.isSettled, connection.pointee.detection.result == .tls else { return false }
    switch namedPort(connection) {
    case .port(let port): return follow(connection, slot, to: port)
    case .nameless: return followDialled(connection, slot)
    case .unreadable: if followDialled(connection, slot) { return true }
    case .unknown(let lookup):
      if let lookup, isUntold(connection) {
        hold(connection, slot, for: lookup)
        return true
      }
      if followDialled(connection, slot) { return true }
    }
    guard mustNameWhatIsKnown(connection) else { return false }
    close(slot, .unknownName, code: 0)
    return true
  }

  private enum NamedPort {
    case port(Int)
    /// With what the agent is asked about it, where it is.
    case unknown(LookupFingerprint?)
    /// The client says no name.
    case nameless
    /// The hello breaks the rules or is larger than any that is read.
    case unreadable
  }

  private func namedPort(_ connection: UnsafeMutablePointer<Connection>) -> NamedPort {
    guard let hello = connection.pointee.detection.hello else { return .unreadable }
    guard hello.pointee.nameCount > 0 else { return .nameless }
    let dialled = connection.pointee.destination.port
    return hello.pointee.withName { name in
      if let port = keeper.rules.table.port(serverName: name, dialled) { return .port(port) }
      return .unknown(unanswered(host: name))
    }
  }

  /// Dials an endpoint of the service that the client names, unless it is on its way there already.
  func lead(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot, to port: Int) -> Bool {
    guard Int32(port) != connection.pointee.servicePort, isUntold(connection) else { return false }
    countLeft(connection.pointee.direction, connection.pointee.series, since: connection.pointee.connected_ns)
    connection.pointee.connected_ns = 0
    connection.pointee.servicePort = Int32(port)
    connection.pointee.isWithholding = false
    connection.pointee.dialError = 0
    connection.pointee.triesLeft = RequestLimit.connectRetries
    connection.pointee.earlierTry = .max
    switch dialEndpoint(port, asking: connection.pointee.serverName) {
    case .dialled(let upstream, let address, let way, let verdict):
      connection.pointee.phase = .connecting
      connection.pointee.way = way
      redial(connection, slot, upstream, at: address, verdict)
    case .none(let verdict):
      if let verdict { connection.pointee.verdict = verdict }
      close(slot, verdict?.isAllowed == false ? .denied : .noEndpoint, code: 0)
    }
    return true
  }

  /// Whether nobody has been told a byte of what the client said, nor the client one of a server's.
  func isUntold(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    guard let pending = connection.pointee.request.pending else { return false }
    return connection.pointee.request.bytes == UInt64(pending.count) && connection.pointee.request.pendingOffset == 0
      && connection.pointee.response.bytes == 0
  }

  /// Whether only names of the mesh may be reached, the connection is of a TLS client, and it leads to no service.
  func mustNameWhatIsKnown(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    guard connection.pointee.servicePort < 0, keeper.rules.table.outboundMode == .registryOnly else { return false }
    return connection.pointee.detection.isHello
      || connection.pointee.detection.isSettled && connection.pointee.detection.result == .tls
  }

  // MARK: While nothing is connected

  /// A client reported whose upstream does not stand: one that has left gets none, and what others say may name a service.
  func serveUnconnected(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    if connection.pointee.downstream.isBroken {
      return close(slot, .clientReset, code: connection.pointee.downstream.takeError())
    }
    if connection.pointee.awaitsTunnel { return hearBeforeTunnel(connection, slot) }
    guard mayLeadElsewhere(connection) else { return }
    _ = takeFirstBytes(connection, slot)
    guard connections.contains(slot), !followHello(connection, slot) else { return }
    followRequest(connection, slot)
  }

  /// Whether the client's first words can lead it elsewhere than where it is being dialled. Where no service has such a
  /// port, no name does.
  func mayStillBeNamed(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    connection.pointee.direction == .outbound && (connection.pointee.servicePort < 0 || mayStillBeRouted(connection))
      && (!connection.pointee.detection.isSettled || connection.pointee.detection.result == .http1)
      && connection.pointee.phase != .asking
      && keeper.rules.table.hasPort(connection.pointee.destination.port)
  }

  /// Nobody answers where the client meant to go: it may say for whom it is.
  func awaitName(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot, code: Int32) {
    guard connection.pointee.phase != .naming else { return giveUpNaming(connection, slot) }
    connection.pointee.phase = .naming
    connection.pointee.dialError = code
    timers.set(slot.index, deadline: tick &+ NamingLimit.firstWord_ticks)
    serveUnconnected(connection, slot)
  }

  /// It has named nobody, and where it meant to go cannot be reached.
  func giveUpNaming(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    let code = connection.pointee.dialError
    close(slot, CloseReason(dialError: code), code: code)
  }

  /// What the client said while its destination was dialled, now that it is connected.
  func takeUpEarlyWords(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    if connection.pointee.detection.isSettled {
      if connection.pointee.isOfRequests { serveAsHTTP(slot) }
    } else {
      connection.pointee.isWithholding = false
      withhold(connection, slot)
    }
  }

  /// Keeps the client's first words from the server while they may become a request, or a hello that leads elsewhere.
  func withhold(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    let isHello =
      connection.pointee.direction == .outbound && connection.pointee.response.bytes == 0
      && connection.pointee.detection.awaitsHello && mayMatter(connection.pointee.destination)
    let mustWait = connection.pointee.detection.mayBecomeRequest || isHello
    let patience = connection.pointee.detection.isHello ? NamingLimit.hello_ticks : Detection.patience_ticks
    // A hello that is known for one has longer from then on, once.
    let hasBecomeHello = isHello && connection.pointee.detection.hasBecomeHello()
    let hasChanged = hasBecomeHello || !connection.pointee.isWithholding
    if mustWait, hasChanged, connection.pointee.phase == .relaying {
      timers.set(slot.index, deadline: tick &+ patience)
    }
    connection.pointee.isWithholding = mustWait
  }

  /// Whether it may make a difference what a client of this destination names.
  func mayMatter(_ destination: SocketAddress) -> Bool {
    keeper.rules.table.hasPort(destination.port) || keeper.rules.table.outboundMode == .registryOnly || lookups.isLive
  }

  // MARK: Names that the agent may know

  /// Keeps a connection until it is known whether the mesh has the name in its hello, or in its first request.
  func hold(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot, for lookup: LookupFingerprint) {
    connection.pointee.phase = .asking
    _ = lookups.hellos.insert(HeldHello(connection: slot, lookup: lookup))
  }

  /// A connection goes on as it would have if the rules had known from the start what they know now.
  func resume(hello place: Slot) {
    guard let held = lookups.hellos.take(place), let connection = connections.pointer(held.connection) else { return }
    let slot = held.connection
    let wasConnected = connection.pointee.connected_ns > 0
    connection.pointee.phase =
      wasConnected ? .relaying : connection.pointee.dialError != 0 ? .naming : .connecting
    if followHello(connection, slot) || followAnswered(connection, slot) { return }
    switch connection.pointee.phase {
    case .naming: giveUpNaming(connection, slot)
    case .connecting:
      var news = Readiness(rawValue: 0)
      if connection.pointee.upstream.isBroken { news.formUnion(.error) }
      if connection.pointee.upstream.isWritable { news.formUnion(.writable) }
      timers.set(slot.index, deadline: tick &+ limits.connectTimeout_ticks)
      finishConnecting(connection, slot, news)
      if connections.contains(slot) { serve(connection, slot) }
    case .relaying, .asking:
      timers.set(slot.index, deadline: tick &+ limits.idleTimeout_ticks)
      serve(connection, slot)
    }
  }
}

/// Bounds on waiting for the names of TLS clients.
enum NamingLimit {
  /// Ticks (250 ms) from a hello's first bytes to its last, as long as a request's head may take: its server would wait as
  /// well, and have nothing to say before.
  static let hello_ticks: UInt32 = 4 * 10
  /// Ticks for the first word of a client whose destination cannot be reached: clients that speak first do it at once, and
  /// others learn that much later that nobody is there.
  static let firstWord_ticks: UInt32 = 4
}
