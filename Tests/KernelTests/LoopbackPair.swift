import Glibc
import Kernel
import MeshModel
import Testing

/// A listener on loopback, at a port of the kernel's choice, and what it takes to connect to it.
struct LoopbackListener: ~Copyable {
  let socket: FileDescriptor
  let address: SocketAddress

  init(_ text: String = "127.0.0.1:0", shared: Bool = true) throws {
    let wanted = try #require(SocketAddress(text))
    self.init(try FileDescriptor.listener(on: wanted, shared: shared))
  }

  private init(_ socket: consuming FileDescriptor) {
    address = socket.localAddress() ?? SocketAddress(IPAddress(v4: 0), port: 0)
    self.socket = socket
  }

  /// The next connection and who opened it; waits for it.
  func accept() throws -> Accepted {
    for _ in 0..<100 {
      switch socket.acceptConnection() {
      case .connection(let connection, let source): return Accepted(socket: connection, source: source)
      case .wouldBlock: guard socket.waitReadable(timeout_ms: 10_000) else { throw SystemError("accept", code: EAGAIN) }
      case .aborted: continue
      case .exhausted(let code): throw SystemError("accept", code: code)
      }
    }
    throw SystemError("accept", code: EAGAIN)
  }

  struct Accepted: ~Copyable {
    let socket: FileDescriptor
    let source: SocketAddress
  }

  /// A connection to it, both ends.
  func connect() throws -> LoopbackPair {
    let client = try dialled(address)
    let accepted = try accept()
    _ = Readable.wait(client, POLLOUT)
    return LoopbackPair(client: client, server: accepted.socket, source: accepted.source)
  }
}

/// The two ends of one TCP connection over loopback.
struct LoopbackPair: ~Copyable {
  let client: FileDescriptor
  let server: FileDescriptor
  /// The client as its server sees it.
  let source: SocketAddress

  init(client: consuming FileDescriptor, server: consuming FileDescriptor, source: SocketAddress) {
    self.client = client
    self.server = server
    self.source = source
  }

  init() throws { self = try LoopbackListener().connect() }
}

/// A started dial; throws where the kernel refused at once.
func dialled(_ address: SocketAddress) throws -> FileDescriptor {
  switch dial(address) {
  case .connecting(let socket): return socket
  case .failed(let code): throw SystemError("connect", "\(address)", code: code)
  }
}

/// Waits for a descriptor's events; the limit is for what never happens.
enum Readable {
  static func wait(_ socket: borrowing FileDescriptor, _ events: Int32 = POLLIN) -> Int32 {
    var watched = pollfd(fd: socket.raw, events: Int16(events), revents: 0)
    return poll(&watched, 1, 10_000) == 1 ? Int32(watched.revents) : 0
  }
}

extension FileDescriptor {
  /// What one read finds, after waiting for something to be there.
  borrowing func awaitBytes(_ limit: Int = 4096) -> (bytes: [UInt8], outcome: ReadOutcome) {
    _ = Readable.wait(self)
    return receiveNow(limit)
  }

  /// What one read finds now.
  borrowing func receiveNow(_ limit: Int = 4096) -> (bytes: [UInt8], outcome: ReadOutcome) {
    var bytes = [UInt8](repeating: 0, count: limit)
    let outcome = bytes.withUnsafeMutableBytes { receive(into: $0) }
    if case .bytes(let count) = outcome { return (Array(bytes[..<count]), outcome) }
    return ([], outcome)
  }

  /// Sends all of a short text, which fits any socket buffer.
  borrowing func say(_ text: String) {
    let outcome = Array(text.utf8).withUnsafeBytes { transmit($0) }
    guard case .bytes(text.utf8.count) = outcome else {
      Issue.record("\(text.utf8.count) bytes were not taken: \(outcome)")
      return
    }
  }
}

/// `#require` for an expression whose parts cannot be copied, which its expansion would need.
func required<Value>(_ value: Value?, sourceLocation: SourceLocation = #_sourceLocation) throws -> Value {
  try #require(value, sourceLocation: sourceLocation)
}
