internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// What is known of a program that has dialled, and speaks HTTP/2: what an `HTTPClient` has of one that speaks HTTP/1. Its
/// requests are `HTTPClient`s of their own, one for each stream.
struct DiallingProgram: BitwiseCopyable {
  let id: ConnectionID
  let direction: Direction
  let destination: SocketAddress
  /// By the NetworkPolicies in force.
  var verdict: Verdict
  /// By PeerAuthentication; nil where it dialled from within the pod.
  var entry: PeerVerdict?
  let isTrusted: Bool
  /// It looks like a connection that the proxy has dialled (`LoopGuard`).
  let isMarked: Bool
  /// The recorder was asked to look up the program behind it.
  let isAnnounced: Bool
  /// Bytes read from and written to it.
  var bytesReceived: UInt64 = 0
  var bytesSent: UInt64 = 0
  /// Requests begun.
  var requests: UInt32 = 0
  /// What its connection is counted under.
  var series: UInt16 = 0
  /// It was told that the proxy is about to end, and is told at this tick that this is the end.
  var goodbyeAt: UInt32?
}

/// Bounds on connections of programs that speak HTTP/2.
enum ProgramLimit {
  /// The threat list's: a program is no more trusted than a client of HTTP/1.1. WebSocket in a stream (RFC 8441) is not offered,
  /// so that a client asks for it by HTTP/1.1.
  static let session = SessionLimits.path
  /// Ticks (250 ms) between the announcement of an end and the end: a round trip, in which what is on its way still comes (RFC
  /// 9113 section 6.8).
  static let goodbyeTicks: UInt32 = 4
}
