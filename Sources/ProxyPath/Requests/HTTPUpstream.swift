internal import Kernel
internal import MeshModel
internal import Reactor

/// A connection to an endpoint: it serves one request after the other, of whatever client, and waits in between.
struct HTTPUpstream: ~Copyable {
  /// Whether it carries a request.
  enum Phase: UInt8 { case connecting, idle, busy }

  var side: Side
  /// The endpoint, by its place in the worker's table; a reference is held on it.
  let target: UInt32
  var phase: Phase
  /// Whose request it serves; nobody's while idle.
  var client = Slot.nowhere
  /// Request bytes that the endpoint has not taken yet.
  var backlog = Backlog()
  /// Bytes of an answer's head or of a chunk's line that is not whole yet.
  var held = HeldBytes()
  var searched = 0
  var readSize = ReadSize.smallest
  /// Ends with the connection, as in a relayed one.
  let loopMark: LoopMark?
  let direction: Direction
  /// What it is counted under: that of the connection that it was dialled for; 0 where that was requests alone.
  var series: UInt16 = 0
  let opened_ns: UInt64
  /// The request goes out at the end of the turn.
  var isPosted = false
  /// It carries a copy of a request whose answer nobody waits for.
  var isMirror = false
  /// Its endpoint has left, and the host is asked whether it is there; see `Departures.swift`.
  var isDoubted = false
  /// Requests begun on it.
  var requests: UInt32 = 0
  /// When it last became idle.
  var idleSince_ns: UInt64 = 0
  /// After this tick it takes no more requests: connections are renewed, so that balancing and DNS changes come to bear.
  let expires: UInt32
  /// Neighbours among the target's idle connections, newest first; `.max` for none.
  var newer = UInt32.max
  var older = UInt32.max
}

/// Bounds on connections to endpoints.
enum UpstreamLimit {
  /// Idle connections kept for one endpoint and worker: as many as were in use together, up to this.
  static let idlePerTarget: UInt32 = 256
  /// Ticks (250 ms) a connection may be idle: under the 60 s and more of most servers' keep-alive. Servers with less
  /// close it themselves, and it is then taken out.
  static let idleTicks: UInt32 = 4 * 55
  /// Ticks after which a connection is renewed, and the part of it that is drawn by lot, so that they do not all end at
  /// once: 10 to 12 minutes.
  static let ageTicks: UInt32 = 4 * 600
  static let ageJitterTicks: UInt32 = 4 * 120
  /// A request that may not be sent twice goes only to a connection that was in use so recently that the endpoint is
  /// hardly closing it: Node's servers close after 5 s, gunicorn's after 2 s.
  static let freshIdle_ns: UInt64 = 1_000_000_000
}
