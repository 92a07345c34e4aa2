internal import Kernel
internal import MeshModel
internal import Policy

/// Life of a connection that comes to the pod (15006). In order:
///
/// 1. `Accept.swift`      the kernel hands over a redirected connection
/// 2. here                which of the pod's ports it is for, ingress policy for who asks
/// 3. `Connect.swift`     dial the program at that address: the rules let the proxy's own connections pass
/// 4. `Relay.swift`       bytes both ways; `Detect.swift` looks at the first ones. Where they are HTTP/1, each request
///                        is judged by itself from there: `Requests/BeginRequest.swift`
/// 5. `Record.swift`      the one record it gets
struct Inbound {
  let keeper: Gatekeeper

  func admit(_ socket: borrowing FileDescriptor, from source: SocketAddress) -> Admission {
    switch keeper.destination(of: socket, family: source.kernelFamily) {
    case .unknown:
      return .refuse(.notCaptured, SocketAddress(IPAddress(v4: 0), port: 0), nil)
    case .original(let destination):
      let verdict = keeper.policy.decide(.inbound, peer: source.ip, port: destination.port, transport: .tcp)
      return verdict.isAllowed ? .dial(destination, verdict) : .refuse(.denied, destination, verdict)
    }
  }
}
