internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import TransportSecurity

/// A connection to or from another proxy: mutual TLS, and HTTP/2 in it, whose streams are what the path deals with. Or one to
/// or from a program that speaks HTTP/2 itself, in plain text: then there is no TLS, and nobody has proved who he is. Or one to a
/// server outside the mesh, whose TLS is its `side`'s affair (`SecureConnection`).
struct PeerConnection: ~Copyable {
  enum Phase: UInt8 {
    /// The peer is being dialled.
    case connecting
    /// TLS is not up yet.
    case shaking
    /// It was dialled and stands, and the other side has not said its settings yet: nothing of any stream goes out before.
    case greeting
    case open
    /// It takes no new streams; those that are open go on.
    case leaving

    /// Frames go and come.
    var stands: Bool {
      switch self {
      case .connecting, .shaking: false
      case .greeting, .open, .leaving: true
      }
    }
  }

  var side: Side
  var phase: Phase
  /// The mesh's own; nil where the other side is no proxy.
  var tls: TLSSession?
  var session: PathSession
  let isServer: Bool
  /// The peer's address, and ours.
  let peer: SocketAddress
  let local: SocketAddress
  /// Whom it was dialled for: an entry in `PeerStores.dialled`; nil for those that came.
  let key: PeerKey?
  /// Of those that were dialled, which way the first request went.
  let direction: Direction
  /// What it is counted under: that of the connection that it was dialled for; 0 for all others.
  var series: UInt16 = 0
  let opened_ns: UInt64
  /// The tick after which it takes no new streams: connections are renewed.
  var expires: UInt32
  /// Whether it does: who was dialled leaves that to who dialled.
  var hasAge: Bool { key != nil }
  /// Ticks without a stream after which it is closed.
  let idleTicks: UInt32
  var lastActive: UInt32
  /// The tick at which it ends whatever it still carries; nil where nothing demands that.
  var endsAt: UInt32?
  /// The tick from which it takes no new streams, since who is at its other end is not believed any more; nil while he is.
  var leavesAt: UInt32?
  /// What the other side has begun to say and not ended.
  var unfinished = Unfinished()
  /// The program that dialled; nil for all other connections.
  var program: DiallingProgram?
  /// How many streams may be open at once: ours to say, or as few as the other side takes.
  var streamLimit: Int
  /// Another connection for the same key, made before this one was.
  var older = Slot.nowhere

  /// Who the peer has proved to be; nil before.
  var proven: ProvenPeer?
  /// What it holds by all its connections here; nil of those that were dialled, and of programs.
  var holding: PeerHolding?
  /// Frames that are to be sealed: memory of the pool while there are some.
  var output: PathOutput?
  var outputMemory: UnsafeMutableRawBufferPointer?
  /// Sealed bytes that the socket has not taken.
  var backlog = Backlog()
  /// Waits in the list of those with something to send.
  var isListed = false
  /// Streams wait to be reset when what was said on them has gone out.
  var owesResets = false
  /// Its streams, and how many.
  var firstStream = UInt32.max
  var streamCount = 0
  /// All that it ever had.
  var streamTotal: UInt64 = 0
  let loopMark: LoopMark?
}

/// What connections to peers are shared by: requests for one endpoint's proxy go over one connection.
struct PeerKey: Hashable {
  let address: SocketAddress
  /// Nil: the program itself listens there, and is spoken to in plain text.
  let identity: SPIFFEID?
  /// It is spoken to in TLS of a rule's own; nil else.
  var server: ServerKey?
}

extension PeerKey {
  /// The proxy of an endpoint; nil where it has none, or nobody says whose it is.
  init?(_ endpoint: Endpoint) {
    guard endpoint.isMeshed, let identity = endpoint.identity else { return nil }
    self.init(address: endpoint.address.withPort(ProxySettings.transportPort), identity: identity)
  }

  /// A program that listens at `address`.
  init(program address: SocketAddress) { self.init(address: address, identity: nil) }
}

/// Bounds on connections between proxies.
enum PeerLimit {
  /// Ticks (250 ms) from the connection to the end of the handshake.
  static let handshakeTicks: UInt32 = 4 * 10
  /// Milliseconds without an acknowledgement after which a peer is gone, as when its host lost power: many streams wait on one
  /// connection, and a network that is away for longer is as good as gone to them.
  static let unacknowledged_ms: Int32 = 10_000
  /// Ticks without a stream after which a connection is closed: as long as a proxy keeps any idle connection.
  static let idleTicks: UInt32 = 4 * 600
  /// Ticks after which it takes no new streams, and what is drawn by lot: certificates are judged anew at least so often.
  static let ageTicks: UInt32 = 4 * 3_000
  static let ageJitterTicks: UInt32 = 4 * 1_200
  /// Ticks until a connection ends whose peer is not believed any more, since a root has gone or a signer lost its role: what is
  /// under way may finish meanwhile.
  static let distrustTicks: UInt32 = 4 * 30
  /// Of these, ticks in which it still takes new streams where a signer is why: as long as agents give each other. By then all have heard, and who was
  /// signed for by somebody who has lost the role shows a certificate of another's.
  static let hearingTicks: UInt32 = 4 * 2
  /// Bytes read from one connection in one turn, so that a fast one cannot starve the others.
  static let stepsPerTurn = 4
  /// Rounds of news in one turn: what one stream's owner does is news to others', a request to its endpoint's stream and the
  /// answer back, and two or three rounds settle all of it. What goes on feeding itself waits for the next turn, behind the
  /// sockets, timers and output of everybody else.
  static let roundsPerTurn = 8
  /// HTTP/2's bounds, with as many streams as many clients of one pod need at once.
  static let session: SessionLimits = {
    var limits = SessionLimits.path
    limits.streams = 1_024
    limits.takesExtendedConnect = true
    // The peer has proved to be of the mesh, and gives streams up as programs give connections up: many at once, as when
    // hundreds connect and each turns out to speak HTTP. A flood ends at what a worker can turn away in a moment.
    limits.resets = 4_096
    limits.resetsPerSecond = 1_000
    return limits
  }()
  /// To programs: as many requests at once as a proxy's peers may have, for each of theirs becomes one of ours.
  static let toProgram: SessionLimits = {
    var limits = SessionLimits.path
    limits.streams = session.streams
    return limits
  }()
  /// Streams of a connection to a program before it has said how many it takes: what servers are advised to take at least (RFC
  /// 9113 section 6.5.2).
  static let streamsAtFirst = 100
  /// Connections for one key, where each has as many streams as it may: an endpoint that takes 100 on each is then asked for
  /// 6,400 at once by a worker. Beyond it requests wait for a stream to end.
  static let connectionsPerKey = 64
  /// Sealed bytes that may wait for a peer who has TLS itself answer him, as by asking for new keys (RFC 8446 section 4.6.3), and reads
  /// none of it. Frames wait for no more than one output, so that this much is never theirs.
  static let unreadAnswerBytes = 256 << 10
  /// One read of sealed bytes: four records.
  static let readBytes = 64 << 10
}

extension Token.Kind {
  static let peer = Token.Kind(8)
}
