internal import Glibc
internal import Kernel
internal import MeshModel

/// What a probe connection met.
public enum ProbeResult: Equatable, Sendable {
  /// It went to the proxy's port, where a proxy answered.
  case reachedProxy
  /// It went to the proxy's port, where nothing listens yet.
  case noProxyListens
  /// It was refused, as it should be in a family that is not captured.
  case refused
  /// It got past the proxy.
  case leaked
  /// It got nowhere: neither past the proxy nor to it.
  case lost(String)
  /// It could not be made; the rules alone were compared.
  case notMade(String)
}

/// One connection to somewhere that only capture can turn away from, and a listener there that knows if it failed to.
struct Probe: ~Copyable {
  private let listener: FileDescriptor
  private let client: SocketAddress?
  private let outcome: Int32

  /// A local handshake takes microseconds; a machine under heavy load gets this long.
  static let connectTimeoutMilliseconds: Int32 = 2000
  /// How long a connection that was answered may take to show up at the listener it should not have reached.
  static let arrivalTimeoutMilliseconds: Int32 = 100

  /// From this namespace as an ordinary program, to `target` outside, where we listen.
  static func outbound(
    _ target: SocketAddress,
    as owner: FileOwner,
    _ world: borrowing ProbeNamespace
  ) throws(SystemError) -> Probe {
    let listener = try world.outside { () throws(SystemError) in try FileDescriptor.listener(on: target) }
    return Probe(listening: listener, from: owner.own { dial(target) })
  }

  /// From outside to a port of this namespace where we listen.
  static func inbound(_ target: SocketAddress, _ world: borrowing ProbeNamespace) throws(SystemError) -> Probe {
    let listener = try FileDescriptor.listener(on: target)
    let bound = listener.localAddress() ?? target
    return Probe(
      listening: listener,
      from: try world.outside { () throws(SystemError) -> DialOutcome in dial(bound) }
    )
  }

  private init(listening listener: consuming FileDescriptor, from dialled: consuming DialOutcome) {
    switch consume dialled {
    case .failed(let code):
      (client, outcome) = (nil, code)
    case .connecting(let socket):
      client = socket.localAddress()
      outcome = Self.wait(socket.raw, POLLOUT, Self.connectTimeoutMilliseconds) ? socket.takeError() : ETIMEDOUT
      // Where the handshake ended well, the other side must have it before we hang up.
      if outcome == 0 { _ = Self.wait(listener.raw, POLLIN, Self.arrivalTimeoutMilliseconds) }
    }
    self.listener = listener
  }

  /// What came of it, where the family is in `mode`.
  func result(_ mode: FamilyPlan.Mode) -> ProbeResult {
    if arrived() { return .leaked }
    switch (outcome, mode) {
    // A proxy that cannot go on may reset what it had accepted; a refusal would have come instead of the handshake.
    case (0, .capture), (ECONNRESET, .capture): return .reachedProxy
    case (ECONNREFUSED, .capture): return .noProxyListens
    case (ECONNREFUSED, .refuse): return .refused
    case (0, .refuse): return .lost("something answered a connection that should be refused")
    case (EADDRNOTAVAIL, _), (ENETUNREACH, _), (EAFNOSUPPORT, _):
      return .notMade("the probe's interface has no address of this family: \(text(outcome))")
    default: return .lost(text(outcome))
    }
  }

  /// Whether our own connection, and not one that the proxy made on its behalf, is at the listener.
  private func arrived() -> Bool {
    while true {
      guard case .connection(_, let source) = listener.acceptConnection() else { return false }
      if source.port == client?.port, source.ip == client?.ip { return true }
    }
  }

  private func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func wait(_ descriptor: Int32, _ events: Int32, _ milliseconds: Int32) -> Bool {
    var watched = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&watched, 1, milliseconds) > 0
  }
}
