internal import Kernel
internal import MeshModel
internal import Policy

/// What is decided of a captured connection before anything is dialled.
enum Admission {
  case dial(SocketAddress, Verdict)
  /// A service's virtual address was dialled: one of its endpoints is to be chosen, and policy is asked about that one.
  case choose(port: Int, SocketAddress)
  case refuse(CloseReason, SocketAddress, Verdict?)
  /// Of who comes to the pod in plain text: he may.
  case enter(PeerVerdict, SocketAddress, Verdict)
  /// He may as far as is known, but the agent may know who it is.
  case ask(PeerVerdict, SocketAddress, Verdict)
  /// He must show an identity.
  case turnAway(PeerVerdict, SocketAddress, Verdict)

  /// The destination, where it is judged by its address alone, since the rules know no service there.
  var unlisted: SocketAddress? {
    switch self {
    case .dial(let destination, _), .refuse(.denied, let destination, _): destination
    case .choose, .refuse, .enter, .ask, .turnAway: nil
    }
  }
}

/// What both directions ask, and who answers. Values and shared tables only: no state of a connection.
struct Gatekeeper {
  let ownPorts: OwnPorts
  let loopGuard: LoopGuard
  var policy: PolicyTable
  /// Counts the policy tables this proxy has had: verdicts are kept as small numbers that only their table can name.
  var policyVersion: UInt32
  /// What documents say of services and requests.
  var rules: RequestRules

  /// The original destination, unless it is one of this proxy's own listeners.
  func destination(of socket: borrowing FileDescriptor, family: Int32) -> Destination {
    guard let original = socket.originalDestination(family: family) else { return .unknown }
    // Only a destination with one of our ports is worth a second system call.
    guard ownPorts.contains(original.port), let local = socket.localAddress(), local == original else {
      return .original(original)
    }
    return .unknown
  }

  /// What the NetworkPolicies say of a flow: inbound the peer is who dials, outbound who is dialled.
  func verdict(_ direction: Direction, from source: SocketAddress, to destination: SocketAddress) -> Verdict {
    let peer = direction == .inbound ? source.ip : destination.ip
    return policy.decide(direction, peer: peer, port: destination.port, transport: .tcp)
  }

  enum Destination {
    case original(SocketAddress)
    /// Nothing was redirected: someone dialled the listener itself.
    case unknown
  }
}

/// The ports this proxy listens on, as one range check each.
struct OwnPorts: BitwiseCopyable, Sendable {
  let outbound: UInt16
  let inboundFirst: UInt16
  let inboundLast: UInt16
  let metrics: UInt16
  let health: UInt16

  init(_ settings: ProxySettings) {
    outbound = settings.outboundPort
    inboundFirst = settings.inboundPorts.lowerBound
    inboundLast = settings.inboundPorts.upperBound
    metrics = settings.metricsPort ?? ProxySettings.usualMetricsPort
    health = settings.healthPort ?? ProxySettings.usualHealthPort
  }

  func contains(_ port: UInt16) -> Bool { port == outbound || (port >= inboundFirst && port <= inboundLast) }

  /// Whether a port is the proxy's own affair in a pod, which nobody may ask for through a proxy: those of this one, and those
  /// that every proxy of the mesh has where nobody says otherwise. A program that listens there can be reached by nobody.
  static func isUsual(_ port: UInt16) -> Bool {
    switch port {
    case ProxySettings.usualOutboundPort, ProxySettings.usualInboundPort, ProxySettings.transportPort: true
    case ProxySettings.usualMetricsPort, ProxySettings.usualHealthPort, ProxySettings.namesPort: true
    default: false
    }
  }

  /// Whether a peer that asks for this port is turned away.
  func isReserved(_ port: UInt16) -> Bool {
    contains(port) || port == metrics || port == health || Self.isUsual(port)
  }
}
