internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// A client that was accepted, until it becomes a connection, a client of requests, or is refused.
struct Arrival: ~Copyable {
  var side: Side
  let source: SocketAddress
  let direction: Direction
  let accepted_ns: UInt64
  /// Who it has proved to be, where it came over another proxy's connection.
  var peer: ProvenPeer?
  /// Why it was let in, or not, without or with an identity; nil for what leaves the pod.
  var entry: PeerVerdict?
  /// It was held for an answer of the agent, and the loop watches it already.
  var isWatched = false
  /// It looks like a connection that the proxy has dialled (`LoopGuard`).
  var isMarked = false

  init(_ socket: consuming FileDescriptor, from source: SocketAddress, _ direction: Direction, now_ns: UInt64) {
    self.init(Side(socket), from: source, direction, now_ns: now_ns)
  }

  init(_ side: consuming Side, from source: SocketAddress, _ direction: Direction, now_ns: UInt64) {
    self.side = side
    self.source = source
    self.direction = direction
    accepted_ns = now_ns
  }
}

extension Worker {
  /// Watches one end of a connection under its new name, the first one or another: what it is ready for is reported then.
  func watch(_ side: borrowing Side, _ token: Token, isWatched: Bool) {
    if side.isStream {
      side.stream.belong(to: token)
    } else if isWatched {
      loop.rename(side.socket, .stream, token: token.rawValue)
    } else {
      loop.add(side.socket, .stream, token: token.rawValue)
    }
  }
}
