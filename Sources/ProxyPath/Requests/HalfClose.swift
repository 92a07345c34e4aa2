internal import Kernel
internal import MeshModel
internal import Reactor

/// A FIN in the midst of an exchange says that the client sends no more, and not whether it still reads: `nc -N` does, a
/// program that has closed does not, and the proxy would learn that only by writing. Programs of this pod have their
/// sockets in our own network namespace, so the kernel knows (docs/decisions/0056). A client elsewhere cannot be asked.
extension Worker {
  /// A client's FIN has come. Told of it again and again, with whatever else becomes of the socket.
  func noteFIN(_ client: UnsafeMutablePointer<HTTPClient>) {
    guard !client.pointee.hasSentFIN, client.pointee.direction == .outbound else { return }
    client.pointee.hasSentFIN = true
    if let exchange = http.exchanges.pointer(client.pointee.exchange) { inquireLater(client, exchange) }
  }

  /// An exchange is open whose client has sent its FIN.
  func inquireLater(_ client: UnsafeMutablePointer<HTTPClient>, _ exchange: UnsafeMutablePointer<Exchange>) {
    exchange.pointee.inquiry_ns = now_ns &+ InquiryLimit.first_ns
    arm(client.pointee.exchange, exchange)
  }

  /// Asks whether the client has closed its socket. Where it has not, or cannot be asked now, the next question is set.
  func hasClosed(_ client: UnsafeMutablePointer<HTTPClient>, _ exchange: UnsafeMutablePointer<Exchange>) -> Bool {
    switch inquiry.ask(source: client.pointee.source, destination: client.pointee.destination, now_ns: now_ns) {
    case .closed: return true
    case .held:
      client.pointee.isKnownHeld = true
      exchange.pointee.inquiry_ns = now_ns &+ InquiryLimit.next_ns
    // A closed socket leaves the kernel's table in time. One that was never found may not be of this namespace.
    case .absent where client.pointee.isKnownHeld: return true
    case .absent, .unknown: exchange.pointee.inquiry_ns = 0
    case .notNow: exchange.pointee.inquiry_ns = now_ns &+ InquiryLimit.postponed_ns
    }
    return false
  }
}

/// What a worker asks the kernel about sockets of programs in its pod: one question, one answer, no wait.
struct ClientInquiry: ~Copyable {
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

  /// Who has the socket from which `source` dialled `destination`, the original one.
  mutating func ask(source: SocketAddress, destination: SocketAddress, now_ns: UInt64) -> Answer {
    guard let diagnostics else { return .unknown }
    guard allowance.take(now_ns: now_ns) else { return .notNow }
    do {
      guard let owner = try diagnostics.lookup(source: source, destination: destination) else { return .absent }
      return owner.isOrphan ? .closed : .held
    } catch { return .unknown }
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
  /// Until those are asked for that found no allowance.
  static let postponed_ns: UInt64 = 1_000_000_000
}
