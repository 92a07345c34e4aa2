internal import Kernel
internal import MeshModel
internal import Policy

/// Life of a connection that comes to the pod (15006). In order:
///
/// 1. `Accept.swift`      the kernel hands over a redirected connection
/// 2. here                which of the pod's ports it is for, ingress policy for who asks, and whether he may without having
///                        shown an identity, which nobody has who comes here: `Peers/PeerAdmission.swift`
/// 3. `Connect.swift`     dial the program at that address: the rules let the proxy's own connections pass
/// 4. `Relay.swift`       bytes both ways; `Detect.swift` looks at the first ones. Where they are HTTP/1, each request
///                        is judged by itself from there: `Requests/BeginRequest.swift`
/// 5. `Record.swift`      the one record it gets
struct Inbound {
  let keeper: Gatekeeper
  /// In seconds since 1970.
  let now_s: Int64

  /// Where a client goes, and whether it may, before anything is dialled.
  func admit(_ socket: borrowing FileDescriptor, from source: SocketAddress) -> Admission {
    switch keeper.destination(of: socket, family: source.kernelFamily) {
    case .unknown:
      return .refuse(.notCaptured, SocketAddress(IPAddress(v4: 0), port: 0), nil)
    case .original(let destination): return judge(destination, from: source)
    }
  }

  /// What the rules in force say of who comes in plain text.
  func judge(_ destination: SocketAddress, from source: SocketAddress) -> Admission {
    let verdict = keeper.policy.decide(.inbound, peer: source.ip, port: destination.port, transport: .tcp)
    guard verdict.isAllowed else { return .refuse(.denied, destination, verdict) }
    let entry = keeper.rules.judgePeer(from: source.ip, to: destination, isIdentified: false, now_s: now_s)
    guard entry.isAllowed else { return .turnAway(entry, destination, verdict) }
    if keeper.rules.mustKnow(source.ip, to: destination, now_s: now_s) { return .ask(entry, destination, verdict) }
    return .enter(entry, destination, verdict)
  }
}
