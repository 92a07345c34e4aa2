internal import HTTP2
internal import Kernel
internal import Reactor
internal import TransportSecurity

/// What the other side of a connection has begun to say and not ended. Until it goes on nobody can say anything more on that
/// connection, so it is not idle, whatever the idle limit is.
struct Unfinished: BitwiseCopyable {
  enum Kind: UInt8, Sendable, BitwiseCopyable {
    case nothing
    /// Who dialled has not sent its preface and its settings.
    case beginning
    /// Who was dialled has not sent its settings.
    case greeting
    /// A header list of who dialled.
    case list
    /// A frame, or a record of TLS.
    case frame

    /// Ticks that it may take: a beginning, a greeting and a list altogether, a frame since its last byte.
    var limit: UInt32 {
      switch self {
      case .nothing: .max
      case .beginning, .greeting: UnfinishedLimit.beginningTicks
      case .list: RequestLimit.headTicks
      case .frame: UnfinishedLimit.frameTicks
      }
    }
  }

  var kind = Kind.nothing
  /// The tick at which it began; of a frame, at which more of it came.
  var since: UInt32 = 0
  /// Header lists that were whole when this one began.
  var lists: UInt32 = 0
  /// Whether the connection's timer looks after it, and at which tick.
  var isTimed = false
  var lookAt: UInt32 = 0
}

/// Bounds on what is begun on a connection of HTTP/2.
enum UnfinishedLimit {
  /// Ticks (250 ms) that who dialled has to say its preface and its settings, which every client sends unasked and at once, and
  /// who was dialled to say its own, which every server does once it has those at the latest (RFC 9113 section 3.4): as long as
  /// the handshake before it may take. Requests that wait for it go elsewhere sooner, by the connect timeout.
  static let beginningTicks: UInt32 = 4 * 10
  /// Ticks without a byte of a frame that has begun. nginx waited as long for a frame to go on (http2_recv_timeout), nghttpx
  /// waits a minute; Envoy leaves it to the streams' limits, by which the connection would stay. A frame is 16 KiB at most, and
  /// its bytes are sent together: a network that is away for longer has lost the connection.
  static let frameTicks: UInt32 = 4 * 30
  /// Ticks between two looks: on a busy connection something is always half here, and no read shall set a timer for it.
  static let lookTicks: UInt32 = 4 * 10
}

extension Worker {
  /// Bytes came on a connection: notes what they left unfinished.
  func noteUnfinished(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    let kind = unfinishedKind(connection)
    guard kind != .nothing else { return connection.pointee.unfinished.kind = .nothing }
    let lists = connection.pointee.session.headerLists
    switch kind {
    case .frame: connection.pointee.unfinished.since = tick
    case .list where connection.pointee.unfinished.kind != .list || connection.pointee.unfinished.lists != lists:
      connection.pointee.unfinished.since = tick
      connection.pointee.unfinished.lists = lists
    default: break
    }
    connection.pointee.unfinished.kind = kind
    guard !connection.pointee.unfinished.isTimed else { return }
    connection.pointee.unfinished.isTimed = true
    connection.pointee.unfinished.lookAt = tick &+ UnfinishedLimit.lookTicks
    setTimer(connection, slot)
  }

  private func unfinishedKind(_ connection: UnsafeMutablePointer<PeerConnection>) -> Unfinished.Kind {
    guard connection.pointee.session.hasHeard else { return beginning(connection) }
    if connection.pointee.isServer, connection.pointee.session.isHeaderListOpen { return .list }
    return connection.pointee.session.isAmidst || connection.pointee.tls?.isAmidst == true
      || secure.isAmidst(connection.pointee.side) ? .frame : .nothing
  }

  /// What is missing of a connection of which no frame has come.
  private func beginning(_ connection: UnsafeMutablePointer<PeerConnection>) -> Unfinished.Kind {
    connection.pointee.isServer ? .beginning : .greeting
  }

  /// The other side can begin now, and has so long for it.
  func awaitBeginning(_ connection: UnsafeMutablePointer<PeerConnection>) {
    guard !connection.pointee.session.hasHeard else { return }
    connection.pointee.unfinished = Unfinished(
      kind: beginning(connection),
      since: tick,
      isTimed: true,
      lookAt: tick &+ UnfinishedLimit.beginningTicks
    )
  }

  /// Who was dialled may have said its settings: then what waits for them goes out. Before, nobody can tell a server that is slow
  /// from one that never reads, and what it was told could not be told to another one.
  func hearGreeting(_ connection: UnsafeMutablePointer<PeerConnection>) {
    guard connection.pointee.phase == .greeting, connection.pointee.session.hasHeard else { return }
    connection.pointee.phase = .open
    peers.wakeStreams(connection)
  }

  /// Looks after what is unfinished, where it is time to: what has taken too long; nil where nothing has.
  func overdue(_ connection: UnsafeMutablePointer<PeerConnection>) -> Unfinished.Kind? {
    guard connection.pointee.unfinished.isTimed, hasCome(connection.pointee.unfinished.lookAt) else { return nil }
    let kind = connection.pointee.unfinished.kind
    guard kind != .nothing else {
      connection.pointee.unfinished.isTimed = false
      return nil
    }
    let due = connection.pointee.unfinished.since &+ kind.limit
    guard hasCome(due) else {
      connection.pointee.unfinished.lookAt = earlier(due, tick &+ UnfinishedLimit.lookTicks)
      return nil
    }
    // This side was late, and not the other: the bytes are there.
    if connection.pointee.side.hasUnreadBytes() {
      connection.pointee.unfinished.lookAt = tick &+ 1
      return nil
    }
    return kind
  }

  /// Whether that tick has come.
  func hasCome(_ due: UInt32) -> Bool { Int32(bitPattern: due &- tick) <= 0 }

  /// The earlier of two ticks.
  func earlier(_ one: UInt32, _ other: UInt32) -> UInt32 { Int32(bitPattern: one &- other) < 0 ? one : other }

  /// Sets the timer of a connection that is open to what comes first.
  func setTimer(_ connection: UnsafeMutablePointer<PeerConnection>, _ slot: Slot) {
    let idleEnd = connection.pointee.lastActive &+ connection.pointee.idleTicks
    var due = hasCome(idleEnd) ? tick &+ connection.pointee.idleTicks : idleEnd
    if connection.pointee.unfinished.isTimed { due = earlier(due, connection.pointee.unfinished.lookAt) }
    if let endsAt = connection.pointee.endsAt { due = earlier(due, endsAt) }
    if connection.pointee.phase == .open {
      if connection.pointee.hasAge { due = earlier(due, connection.pointee.expires) }
      if let leavesAt = connection.pointee.leavesAt { due = earlier(due, leavesAt) }
      if let goodbyeAt = connection.pointee.program?.goodbyeAt { due = earlier(due, goodbyeAt) }
    }
    peerTimers.set(slot.index, deadline: due)
  }
}
