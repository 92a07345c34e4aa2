internal import Kernel
internal import MeshModel
internal import Policy

/// Life of a connection that a program in the pod opens (15001). In order:
///
/// 1. `Accept.swift`      the kernel hands over a redirected connection
/// 2. here                where it meant to go, loop guard, egress policy. What the rules do not know is asked of the agent,
///                        where there is one, and held meanwhile: `Lookups/HoldConnection.swift`
/// 3. `Connect.swift`     dial the original destination, or an endpoint of the service, at once: nobody waits for detection
/// 4. `Relay.swift`       bytes both ways; `Detect.swift` looks at the first ones. Where they are HTTP/1, each request
///                        finds its own way from there: `Requests/BeginRequest.swift`
/// 5. `Record.swift`      the one record it gets
struct Outbound {
  let keeper: Gatekeeper

  /// What is decided of a connection, and whether it came with a mark of the loop guard.
  func admit(_ socket: borrowing FileDescriptor, from source: SocketAddress) -> (Admission, isMarked: Bool) {
    switch keeper.destination(of: socket, family: source.kernelFamily) {
    case .unknown:
      return (.refuse(.notCaptured, SocketAddress(IPAddress(v4: 0), port: 0), nil), isMarked: false)
    case .original(let destination):
      switch keeper.loopGuard.sighting(from: source, to: destination) {
      case .stranger: return (judge(destination), isMarked: false)
      case .marked: return (judge(destination), isMarked: true)
      case .loop: return (.refuse(.loop, destination, nil), isMarked: true)
      }
    }
  }

  /// What the rules in force say of a destination that is not our own.
  func judge(_ destination: SocketAddress) -> Admission {
    if let port = keeper.rules.table.port(at: destination) { return .choose(port: port, destination) }
    let verdict = keeper.policy.decide(.outbound, peer: destination.ip, port: destination.port, transport: .tcp)
    return verdict.isAllowed ? .dial(destination, verdict) : .refuse(.denied, destination, verdict)
  }
}
