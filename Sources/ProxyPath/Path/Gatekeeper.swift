internal import Kernel
internal import MeshModel
internal import Policy

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

  /// Where a redirected connection was meant to go.
  enum Destination {
    case original(SocketAddress)
    /// Nothing was redirected: someone dialled the listener itself.
    case unknown
  }
}
