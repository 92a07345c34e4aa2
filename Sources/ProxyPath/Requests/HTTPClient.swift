internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// A connection whose client speaks HTTP/1: it asks one request after the other, and each finds its own way.
///
/// Between two requests it owns no buffer and no upstream; what a request needs lives in its `Exchange`.
struct HTTPClient: ~Copyable {
  /// What it waits for.
  enum Phase: UInt8 {
    /// For the head of a request, perhaps with a part of it here already.
    case awaiting
    /// A whole head is here, and the agent is asked about what it names; the bytes are in `held`.
    case lookingUp
    /// A request is under way.
    case exchanging
    /// The last answer is being sent; then the client is told that it was the last.
    case closing
    /// All is sent and the client knows: what it may still send is read and forgotten for a moment, since closing with
    /// unread bytes would reset the connection and could take the answer with it.
    case lingering
  }

  /// How the kernel last knew its socket in a program's hands.
  enum Sighting: UInt8 {
    case never
    /// By its two addresses.
    case itself
    /// As one of several that may be it.
    case amongOthers
  }

  let id: ConnectionID
  let direction: Direction
  let source: SocketAddress
  let destination: SocketAddress
  /// Who it has proved to be; nil: it came without mutual TLS.
  var peer: ProvenPeer?
  /// Why it was let in, without an identity or with one; nil for what leaves the pod.
  var entry: PeerVerdict?
  /// By the NetworkPolicies in force, as every connection has it.
  var verdict: Verdict
  let opened_ns: UInt64
  var side: Side
  var phase = Phase.awaiting
  /// Answers that the client has not taken yet.
  var backlog = Backlog()
  /// Bytes of the next head, or behind the request under way.
  var held = HeldBytes()
  /// How many of `held` have been searched for a head's end.
  var searched = 0
  /// The request under way.
  var exchange = Slot.nowhere
  /// The place among what waits for the agent's answers, where its request does.
  var lookup = Slot.nowhere
  /// Requests begun.
  var requests: UInt32 = 0
  /// Bytes read from and written to the client, for the connection's own record.
  var bytesReceived: UInt64 = 0
  var bytesSent: UInt64 = 0
  /// The wheel's tick when bytes last moved.
  var lastActive: UInt32
  /// The tick at which the head under way began, and the time; 0 where none is.
  var headSince: UInt32 = 0
  var headStarted_ns: UInt64 = 0
  /// What it is counted under as a connection.
  var series: UInt16 = 0
  /// Bytes read and forgotten while lingering.
  var forgotten: UInt32 = 0
  /// The worker's entry for `destination`, where it was needed; a reference is held on it.
  var target = UInt32.max
  /// The connection that is being made since before it said what it wants, until its first request is sent; see
  /// `FollowRequest.swift`.
  var dialled = Slot.nowhere
  var readSize = ReadSize.smallest
  /// Its answer goes out at the end of the turn.
  var isPosted = false
  /// It is one request of another proxy's connection, or of a program's that speaks HTTP/2.
  var isMessage = false
  /// The latter.
  var isOfProgram = false
  /// How endpoints are spoken to for it: by HTTP/2 where it speaks that itself.
  var speech = UpstreamSpeech.http1
  /// It waits in the worker's list of clients with work left over.
  var isQueued = false
  /// The recorder was asked to look up the program behind it.
  var isAnnounced: Bool
  /// The answer under way is the last: the client asked for it, or what it sends next could not be told apart.
  var endsAfterAnswer = false
  /// Its end-of-stream was read: it says no more, and may still be answered.
  var hasFinished = false
  /// Its FIN has come, perhaps behind bytes that are not read yet; see `HalfClose.swift`.
  var hasSentFIN = false
  /// The kernel was asked since, and found its socket in a program's hands.
  var seen = Sighting.never
  /// Documents say that HTTP is spoken here: what is not is answered as a bad request. Else whoever begins with something
  /// else, to a service without endpoints, is reset.
  var mustSpeakHTTP = true
  /// It looks like a connection that the proxy has dialled (`LoopGuard`).
  var isMarked = false
  /// Headers that say who asks, and through whom, go on: the peer belongs to the mesh, or to the pod itself. Whether they
  /// are believed is another question (`RequestTable.client`).
  var isTrusted: Bool

  init(
    id: ConnectionID,
    direction: Direction,
    source: SocketAddress,
    destination: SocketAddress,
    verdict: Verdict,
    opened_ns: UInt64,
    side: consuming Side,
    isAnnounced: Bool,
    isTrusted: Bool,
    tick: UInt32
  ) {
    self.id = id
    self.direction = direction
    self.source = source
    self.destination = destination
    self.verdict = verdict
    self.opened_ns = opened_ns
    self.side = side
    self.isAnnounced = isAnnounced
    self.isTrusted = isTrusted
    lastActive = tick
  }
}

extension Slot {
  /// Refers to nothing: generation 0 is never occupied.
  static let nowhere = Slot(index: .max, generation: 0)
}
