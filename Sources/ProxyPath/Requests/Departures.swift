internal import Balancing
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// What becomes of connections to endpoints that are their service's no more.
///
/// An endpoint leaves because it was deregistered, and then finishes what it has; or because its host is dead, and then
/// nobody who waits for it would be told. What is pushed does not say which. So the host is asked: while it answers, at
/// least with its kernel, requests are left to it. Where it is silent their connections are given up.
extension Worker {
  /// Acts on endpoints that have left with the rules just taken into use.
  func noteDepartures() {
    guard http.targets.takeDepartures() else { return }
    for index in 0..<http.upstreams.extent {
      guard let slot = http.upstreams.tenant(index), let upstream = http.upstreams.pointer(slot),
        http.targets[upstream.pointee.target].hasLeft
      else { continue }
      switch upstream.pointee.phase {
      case .idle: closeUpstream(slot, code: 0)
      case .connecting:
        if isForNobody(upstream) || hasAnother(upstream) { failConnecting(slot, code: DialError.timedOut) }
      case .busy where upstream.pointee.isMirror: break  // nobody waits for it, and its time is short
      case .busy: doubt(upstream, slot)
      }
    }
    for index in 0..<connections.extent {
      guard let slot = connections.tenant(index), let connection = connections.pointer(slot),
        connection.pointee.phase == .connecting, connection.pointee.triesLeft > 0, dialsDeparted(connection)
      else { continue }
      failConnecting(connection, slot, code: DialError.timedOut)
    }
  }

  /// Looks again whether the host of a departed endpoint answers; each second until the request is over.
  func lookAgain(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) {
    guard http.targets[upstream.pointee.target].hasLeft else {
      // The endpoint is back.
      upstream.pointee.isDoubted = false
      upstream.pointee.side.socket.setStreamOptions()
      return http.upstreamTimers.set(slot.index, deadline: tick &+ UpstreamLimit.idleTicks)
    }
    guard upstream.pointee.side.socket.unansweredTimeouts >= DepartureLimit.unanswered,
      // What came before the host fell silent is the client's, however slowly it reads.
      !upstream.pointee.side.hasUnreadBytes()
    else { return http.upstreamTimers.set(slot.index, deadline: tick &+ DepartureLimit.lookTicks) }
    upstream.pointee.side.resetOnClose()
    let owner = upstream.pointee.client
    guard let client = http.clients.pointer(owner), let exchange = http.exchanges.pointer(client.pointee.exchange),
      exchange.pointee.upstream == slot
    else { return closeUpstream(slot, code: DialError.timedOut) }
    if case .again = loseUpstream(client, owner, exchange, code: DialError.timedOut) { serveClient(owner) }
  }

  /// Whether the endpoint that an exchange asks is its service's no more.
  func asksDeparted(_ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
    exchange.pointee.event.backend >= 0 && http.targets[exchange.pointee.target].hasLeft
  }

  /// Sends a request once more that a departed endpoint will not answer, though no route asks for other tries: an endpoint
  /// that has left is not one that is slow, and gets no load several times over.
  func askAnother(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    code: Int32
  ) -> ClientStep {
    guard exchange.pointee.interimAnswers == 0, exchange.pointee.triesLeft > 0, http.retries.withdraw(now_ns: now_ns)
    else { return fail(client, slot, exchange, .upstreamClosed, code: code) }
    return trySoon(client, slot, exchange)
  }

  /// From now on the kernel asks whether the endpoint's host is there.
  private func doubt(_ upstream: UnsafeMutablePointer<HTTPUpstream>, _ slot: Slot) {
    // A stream's connection is asked for all of its streams.
    guard !upstream.pointee.isDoubted, !upstream.pointee.side.isStream else { return }
    upstream.pointee.isDoubted = true
    upstream.pointee.side.socket.probePeer()
    lookAgain(upstream, slot)
  }

  private func isForNobody(_ upstream: UnsafeMutablePointer<HTTPUpstream>) -> Bool {
    !http.clients.contains(upstream.pointee.client)
  }

  /// Whether the service whose endpoint is being dialled has one left that could be asked instead.
  private func hasAnother(_ upstream: UnsafeMutablePointer<HTTPUpstream>) -> Bool {
    guard let client = http.clients.pointer(upstream.pointee.client),
      let exchange = http.exchanges.pointer(client.pointee.exchange), let port = backendInForce(exchange)
    else { return false }
    return !members(ofPort: port).isEmpty
  }

  /// Whether a connection dials an endpoint that is its service's no more, while others are.
  private func dialsDeparted(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    let port = Int(connection.pointee.servicePort)
    guard port >= 0 else { return false }
    let members = members(ofPort: port)
    let dialled = http.targets.find(connection.pointee.upstreamAddress, connection.pointee.way)
    return !members.isEmpty && !members.contains { $0 == dialled }
  }

  /// The ready endpoints of a service's port, by its index in the rules in force.
  private func members(ofPort port: Int) -> [UInt32] {
    let cluster = http.clusters.cluster(of: port, keeper.rules.table, &http.targets, now_ns: now_ns)
    return http.clusters.clusters[cluster].targets
  }
}

/// Bounds on waiting for endpoints that have left.
enum DepartureLimit {
  /// Timeouts in a row after which a host is taken for dead whose endpoint has left: at least 1.4 s of retransmissions, or
  /// 3 s of probes. Fewer may be lost segments.
  static let unanswered = 3
  /// Ticks (250 ms) between two looks: as often as the kernel asks.
  static let lookTicks: UInt32 = 4
}
