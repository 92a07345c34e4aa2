internal import Kernel
internal import MeshModel
internal import Reactor

/// What a worker asks the kernel about sockets of programs in its pod: one question, one answer, no wait.
struct ClientInquiry: ~Copyable {
  /// What the kernel says of a socket.
  enum Answer {
    /// A program has it open.
    case held
    /// The program closed it, or ended; the kernel still minds the connection's end.
    case closed
    /// There is no such socket in this network namespace.
    case absent
    /// The kernel does not say.
    case unknown
    /// Too many questions in this second.
    case notNow
  }

  private let diagnostics = try? SocketDiagnostics(waits: false)
  private var allowance = TokenBucket(burst: InquiryLimit.perSecond, perSecond: InquiryLimit.perSecond)
  private var searches = TokenBucket(burst: InquiryLimit.searchesPerSecond, perSecond: InquiryLimit.searchesPerSecond)

  /// Who has the socket from which `source` dialled `destination`, the original one.
  mutating func ask(source: SocketAddress, destination: SocketAddress, now_ns: UInt64) -> Answer {
    guard let diagnostics else { return .unknown }
    guard allowance.take(now_ns: now_ns) else { return .notNow }
    do {
      guard let owner = try diagnostics.lookup(source: source, destination: destination) else { return .absent }
      return owner.isOrphan ? .closed : .held
    } catch { return .unknown }
  }

  /// What is known of a client whose FIN has come and whose own port is not known. Whichever of its host's half-closed
  /// sockets to that destination it has: where none is held any more, it has closed.
  mutating func search(source: IPAddress, destination: SocketAddress, now_ns: UInt64) -> Answer {
    guard searches.take(now_ns: now_ns) else { return .notNow }
    guard let found = try? HalfClosedSockets(from: source, to: destination) else { return .unknown }
    return found.areHeld ? .held : found.areOrphaned ? .closed : .absent
  }
}

/// Bounds on asking for clients whose FIN has come.
enum InquiryLimit {
  /// From the FIN, or from the request's begin where that is later, to the first question. A close that is under way has
  /// ended by then, and so have most answers: nobody is asked for those.
  static let first_ns: UInt64 = 250_000_000
  /// From one question to the next: a client that still reads may close later, and sends nothing when it does.
  static let next_ns: UInt64 = 5_000_000_000
  /// Questions a second and worker: at some 5 µs each a millisecond, should a program with thousands of open requests end.
  static let perSecond: UInt32 = 200
  /// Searches a second and worker, each of which walks the host's whole table of connections.
  static let searchesPerSecond: UInt32 = 10
  /// Until those are asked for that found no allowance.
  static let postponed_ns: UInt64 = 1_000_000_000
}
