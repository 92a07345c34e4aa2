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
