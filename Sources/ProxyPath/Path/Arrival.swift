internal import Kernel
internal import MeshModel
internal import Reactor

/// A client that was accepted, until it becomes a connection, a client of requests, or is refused.
struct Arrival: ~Copyable {
  var side: Side
  let source: SocketAddress
  let direction: Direction
  let accepted_ns: UInt64
  /// It was held for an answer of the agent, and the loop watches it already.
  var isWatched = false
  /// It looks like a connection that the proxy has dialled (`LoopGuard`).
  var isMarked = false

  init(_ socket: consuming FileDescriptor, from source: SocketAddress, _ direction: Direction, now_ns: UInt64) {
    side = Side(socket)
    self.source = source
    self.direction = direction
    accepted_ns = now_ns
  }
}

extension Worker {
  /// Watches a client's socket under its new name, the first one or another: what it is ready for is reported then.
  func watch(_ socket: borrowing FileDescriptor, _ token: Token, isWatched: Bool) {
    if isWatched {
      loop.rename(socket, .stream, token: token.rawValue)
    } else {
      loop.add(socket, .stream, token: token.rawValue)
    }
  }
}
