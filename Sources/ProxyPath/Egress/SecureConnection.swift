internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import TransportSecurity

/// TLS to a server outside the mesh, over a socket of its own. To the path it is a stream: a `Side` that can be read and written,
/// and that becomes writable when the server has proved who it is.
struct SecureConnection: ~Copyable {
  enum Phase: UInt8 {
    /// The server is being dialled.
    case connecting
    /// TLS is not up yet.
    case shaking
    case open
    /// `failure` says why.
    case failed
  }

  var side: Side
  var tls: TLSSession
  var phase = Phase.connecting
  /// What the server was told will be spoken inside.
  let inside: ServerContext.Inside
  let server: SocketAddress
  /// The name that it was dialled for; nil where there was none.
  let name: String?
  let opened_ns: UInt64
  let loopMark: LoopMark?
  /// Whom its events are told: nobody before there is one.
  var owner: Token?
  /// What the owner has not been told yet, and whether it waits in the list of those with news.
  var news = Readiness(rawValue: 0)
  var isListed = false

  /// Sealed bytes that came and are not opened yet.
  var held = HeldBytes()
  /// Sealed bytes that the socket has not taken.
  var backlog = Backlog()
  /// `errno` by which it failed; 0 where it did not.
  var failure: Int32 = 0
  /// The server says no more (close_notify).
  var hasFinished = false
  /// This side says no more, and its FIN waits for what is sealed.
  var hasSentEnd = false
  /// It is to end by a reset.
  var isReset = false
  /// Ticks since the owner left it with sealed bytes that the socket has not taken.
  var leavingTicks: UInt32 = 0

  init(
    _ socket: consuming FileDescriptor,
    _ tls: consuming TLSSession,
    _ inside: ServerContext.Inside,
    to server: SocketAddress,
    asking name: String?,
    loopMark: consuming LoopMark?,
    now_ns: UInt64
  ) {
    side = Side(socket)
    self.tls = tls
    self.inside = inside
    self.server = server
    self.name = name
    self.loopMark = loopMark
    opened_ns = now_ns
  }
}

/// What the path is told where TLS fails, as an error of the socket (asm-generic/errno.h).
enum SecureError {
  /// The server is not believed, or believes us not.
  static let refused: Int32 = 129  // EKEYREJECTED
  /// What is spoken is no TLS that is spoken here.
  static let violation: Int32 = 71  // EPROTO
  /// The server does not speak what is to be spoken inside TLS.
  static let otherProtocol: Int32 = 93  // EPROTONOSUPPORT
  /// Offered HTTP/2 and HTTP/1.1 the server has not chosen HTTP/2. It is no failure, but nothing of HTTP/2 may be said to it.
  static let choseHTTP1: Int32 = 91  // EPROTOTYPE
  /// A file that the rule names cannot be used.
  static let noMaterial: Int32 = 126  // ENOKEY
}

/// Bounds on TLS to servers outside the mesh.
enum SecureLimit {
  /// One read of sealed bytes: four records.
  static let readBytes = 64 << 10
  /// Such reads for one of the path's, which has room for one or two: a server whose records carry nothing, and come as fast as
  /// they are opened, keeps nobody else waiting.
  static let readsPerTurn = 4
  /// Sealed bytes that may wait for a server who has TLS itself answer him, as by asking for new keys (RFC 8446 section 4.6.3),
  /// and reads none of it. Of the path's own bytes no more than one output waits.
  static let unreadAnswerBytes = 256 << 10
  /// Ticks (250 ms) that a server may take to read what was said last, after whoever said it has gone.
  static let leavingTicks: UInt32 = 4 * 10
  /// Connections that wait for that at once; further ones are reset.
  static let leaving = 256
  /// Connections of HTTP/2 to servers that were asked for by a name which a client chose: as many as are kept of HTTP/1.1 for
  /// one endpoint. Before a further one is dialled the one that was idle for longest ends, since a rule may leave clients any
  /// number of names (`*.example.com`).
  static let namedSessions = 256
  /// Failures that are told a second and worker: a server that nobody believes is asked again by every request.
  static let notesPerSecond: UInt32 = 10
}

extension Token.Kind {
  static let secure = Token.Kind(9)
}
