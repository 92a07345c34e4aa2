internal import Kernel
internal import MeshModel
internal import Policy

/// One relayed connection: the two sockets, what is on its way between them, and what its record will say.
///
/// About 250 bytes, all that an idle connection costs in user space; it owns no buffer unless a reader is slow.
struct Connection: ~Copyable {
  /// How far it has come.
  enum Phase: UInt8 {
    case connecting, relaying
    /// It could not be connected to where it meant to go, and the client may still name a service; see `RouteByName.swift`.
    case naming
    /// What the client names is asked of the agent; connected or not.
    case asking
  }

  let id: ConnectionID
  let direction: Direction
  var phase = Phase.connecting
  /// By the policy in force now: it is made anew when policy changes.
  var verdict: Verdict
  /// What AuthorizationPolicies said of it, where they denied it.
  var requestVerdict: RequestVerdict?
  let source: SocketAddress
  let destination: SocketAddress
  /// Who the client has proved to be; nil: it came without mutual TLS.
  var peer: ProvenPeer?
  /// Why it was let in, without an identity or with one; nil for what leaves the pod.
  var entry: PeerVerdict?
  /// Who is at both ends of the mesh's part of it.
  var proof = PeerProof.none
  /// Where the proxy dialled: the destination itself, or an endpoint of the service that it names.
  var upstreamAddress: SocketAddress
  /// The port of the service that was dialled; -1 where the destination is none.
  var servicePort: Int32 = -1
  /// The rule of a TLSRoute that led it there, an index of `RequestTable.rules`; -1 where none did.
  var rule: Int32 = -1
  /// `errno` of the dial that failed, while it is `naming`; 0 else.
  var dialError: Int32 = 0
  /// What its two ends are counted under.
  var series = TCPEnds()
  /// How that endpoint is spoken to.
  var way = TargetWay.usual
  /// Endpoints of the service that may still be tried.
  var triesLeft = RequestLimit.connectRetries
  /// The endpoint that was tried before this one, by its place in the worker's table; `.max` for none.
  var earlierTry = UInt32.max
  /// Ends with the connection; nil where it cannot come back as one of ours.
  var loopMark: LoopMark?
  var downstream: Side
  var upstream: Side
  /// Client to server.
  var request = Flow()
  /// Server to client.
  var response = Flow()
  var detection = Detection()
  let opened_ns: UInt64
  /// When the upstream handshake ended; 0 before.
  var connected_ns: UInt64 = 0
  /// The wheel's tick when bytes last moved.
  var lastActive: UInt32
  /// The client's first words may become a request: they are kept from the endpoint until that is known, or until
  /// `Detection.patience_ticks` have passed.
  var isWithholding = false
  /// The server's first words are how HTTP/2 begins: they are kept from the client until it has said that it speaks it, too.
  var isAwaitingClient = false
  /// It waits in the worker's list of connections with work left over from the last turn.
  var isQueued = false
  /// It was counted among the edges; see `CountEdges.swift`.
  var isEdgeCounted = false
  /// The recorder was asked to look up the program behind it.
  var isAnnounced = false

  init(
    id: ConnectionID,
    direction: Direction,
    verdict: Verdict,
    source: SocketAddress,
    destination: SocketAddress,
    upstreamAddress: SocketAddress,
    loopMark: consuming LoopMark?,
    downstream: consuming Side,
    upstream: consuming Side,
    opened_ns: UInt64,
    tick: UInt32
  ) {
    self.id = id
    self.direction = direction
    self.verdict = verdict
    self.source = source
    self.destination = destination
    self.upstreamAddress = upstreamAddress
    self.loopMark = loopMark
    self.downstream = downstream
    self.upstream = upstream
    self.opened_ns = opened_ns
    self.lastActive = tick
  }

  /// Both ends have said all they had to, and both have been told.
  var isFinished: Bool { request.isForwarded && response.isForwarded }
}
