internal import Glibc
internal import Kernel
internal import MeshModel

/// One question to a name server outside, where we listen: only capture can keep it from getting there.
struct NameProbe: ~Copyable {
  private let isLeaked: Bool
  private let answer: Answer

  private enum Answer {
    case came
    /// The proxy's own: there is no agent.
    case serverFailure
    case failed(Int32)
    /// Nothing came by UDP, and dialled by TCP the port said this: 0 where it is listened on.
    case none(Int32)
  }

  /// The mesh's server answers what it knows itself at once; a machine under heavy load gets this long.
  static let timeoutMilliseconds: Int32 = 2000

  /// Asks `server`, an address outside, as an ordinary program.
  init(_ server: IPAddress, as owner: FileOwner, _ world: borrowing ProbeNamespace) throws(SystemError) {
    let address = SocketAddress(server, port: PortRange.dns.first)
    let listener = try world.outside { () throws(SystemError) in try FileDescriptor.datagrams(on: address) }
    let client = try owner.own { Result { () throws(SystemError) in Socket(try .datagrams(to: address)) } }.get()
    if case .failed(let code) = Self.question.withUnsafeBytes({ client.descriptor.transmit($0) }) {
      (isLeaked, answer) = (false, .failed(code))
      return
    }
    var watched = [client.descriptor.raw, listener.raw].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    _ = poll(&watched, nfds_t(watched.count), Self.timeoutMilliseconds)
    isLeaked = watched[1].revents != 0
    // What UDP does not tell, TCP may: an agent that holds the port and does not answer.
    answer =
      watched[0].revents == 0
      ? .none(isLeaked ? 0 : owner.own { Self.dialOutcome(address) }) : Self.read(client.descriptor)
  }

  private static func read(_ client: borrowing FileDescriptor) -> Answer {
    withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
      switch client.receive(into: buffer) {
      case .bytes(let count): count > 3 && buffer[3] & 0x0f == 2 ? .serverFailure : .came
      case .failed(let code): .failed(code)
      case .endOfStream, .wouldBlock: .failed(EAGAIN)
      }
    }
  }

  private static func dialOutcome(_ address: SocketAddress) -> Int32 {
    switch dial(address) {
    case .failed(let code): code
    case .connecting(let socket):
      socket.wait(.writable, timeout_ms: timeoutMilliseconds) ? socket.takeError() : ETIMEDOUT
    }
  }

  /// What came of it, where the family is in `mode`.
  func result(_ mode: FamilyPlan.Mode) -> ProbeResult {
    if isLeaked { return .leaked }
    switch (answer, mode) {
    case (.came, .capture): return .reachedProxy
    case (.failed(ECONNREFUSED), .capture), (.none(ECONNREFUSED), .capture): return .noProxyListens
    // REJECT in OUTPUT fails the send itself.
    case (.failed(EPERM), .refuse), (.failed(ECONNREFUSED), .refuse): return .refused
    case (.serverFailure, .capture):
      return .lost("the proxy holds the port, and no agent answers; see `weft check`")
    case (.came, .refuse), (.serverFailure, .refuse):
      return .lost("something answered a question that should be refused")
    case (.failed(let code), _): return .lost(String(cString: strerror(code)))
    case (.none(0), _): return .lost("the port is held, and nobody answers there; see `weft check`")
    case (.none(let code), _): return .lost("no answer, and by TCP: \(String(cString: strerror(code)))")
    }
  }

  /// Who is the zone `mesh`'s authority (SOA, RFC 1035 section 4.1): the mesh's server knows that by itself.
  private static let question: [UInt8] =
    [0x77, 0x66, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 4] + Array("mesh".utf8) + [0, 0, 6, 0, 1]

  /// A result cannot hold what is not copyable.
  private final class Socket {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }
}
