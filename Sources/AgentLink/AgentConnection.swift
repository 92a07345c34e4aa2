public import Kernel

/// One connection to the agent's socket, for a thread that waits in epoll: nothing here blocks. The caller makes a new one
/// when this is over, as `ReconnectBackoff` says.
///
/// One turn: `ready` when the descriptor is, `takeEvents`, then whatever is to be asked or answered, and `flush`, which
/// also says by `interest` what to wait for next.
public struct AgentConnection: ~Copyable {
  /// Read at once. A buffer of this size is borrowed for the turn; one that would be kept were the largest part of an idle
  /// connection.
  static let readBytes = 16 << 10
  /// Reads in one turn, 256 KiB: what a stream's window lets in. Then others have their turn; epoll reports the rest again.
  static let readsPerTurn = 16
  /// Output that is taken from the session at once; what the kernel does not take of it is kept.
  static let outputBytes = 64 << 10

  /// Where the agent was reached.
  public let path: String
  /// The socket, for who waits for it otherwise than by `watch`.
  public let socket: FileDescriptor
  private var client: GRPCClient
  private var output: [UInt8] = []
  private var written = 0
  private var isWritable = true
  private var watched: Readiness?

  /// Connects to the agent at `path`. The agent's first word is awaited by no one: requests may follow at once.
  public init(path: String, limits: GRPCLimits = GRPCLimits()) throws(AgentConnectionError) {
    // All that may fail comes before the parts are there, so that half a connection never exists.
    let socket = try Self.connect(path)
    let client = try Self.makeClient(limits)
    self.socket = socket
    self.client = client
    self.path = path
  }

  private static func makeClient(_ limits: GRPCLimits) throws(AgentConnectionError) -> GRPCClient {
    do {
      return try GRPCClient(limits: limits)
    } catch {
      throw .client(error)
    }
  }

  private static func connect(_ path: String) throws(AgentConnectionError) -> FileDescriptor {
    do {
      return try UnixSocket.connectWithoutWaiting(to: path)
    } catch {
      throw .unreachable(AgentUnreachable(error, path: path))
    }
  }

  /// Begins a call; see `GRPCClient.start`.
  public mutating func start(
    _ method: GRPCMethod,
    timeout_ms: UInt64? = nil,
    metadata: [(name: String, value: String)] = []
  ) throws(GRPCError) -> GRPCCall {
    try client.start(method, timeout_ms: timeout_ms, metadata: metadata)
  }

  /// Sends a message, whole or not at all; it goes out with the next `flush`.
  public mutating func send(_ call: GRPCCall, _ message: [UInt8]) throws(GRPCError) { try client.send(call, message) }

  /// Says that no further message comes.
  public mutating func finish(_ call: GRPCCall) throws(GRPCError) { try client.finish(call) }

  /// Gives a call up: it ends as cancelled.
  public mutating func cancel(_ call: GRPCCall) { client.cancel(call) }

  /// Bytes of a call that the agent has not had room for.
  public func pendingBytes(_ call: GRPCCall) -> Int { client.pendingBytes(call) }

  /// What happened to calls since the last call of this, in order.
  public mutating func takeEvents() -> [GRPCEvent] { client.takeEvents() }

  /// Whether the connection still carries calls. Once false, every call has ended, or will when the agent has finished it
  /// (`isOver`); new ones need a new connection.
  public var takesCalls: Bool { client.takesCalls }

  /// Whether everything was said: let go of the connection.
  public var isOver: Bool { client.isOver }

  /// Whether the agent showed that it speaks HTTP/2, so that this connection counts as made.
  public var isGreeted: Bool { client.isGreeted }

  /// Why it is over, or will be; nil while it is not.
  public var reason: String? { client.lost?.message }

  /// Reads what came, and sends what that called for; `now_ms` is any clock that does not go back. What it did is told by
  /// `takeEvents`, also where the connection is over after it.
  public mutating func ready(now_ms: UInt64) {
    read(now_ms: now_ms)
    // A server that breaks the protocol is done with once the goodbye to it has gone out.
    flush()
  }

  private mutating func read(now_ms: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: Self.readBytes, alignment: 16) { buffer in
      for _ in 0..<Self.readsPerTurn where !client.isOver {
        switch socket.receive(into: buffer) {
        case .bytes(let count):
          client.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), now_ms: now_ms)
          // A short read found all there was.
          if count < buffer.count { return }
        case .wouldBlock: return
        case .endOfStream: return client.disconnect("the agent closed the connection; was it stopped?")
        case .failed(let code):
          return client.disconnect("the connection to the agent broke: \(SystemError("recv", path, code: code))")
        }
      }
    }
  }

  /// Writes what is to be sent, as far as the kernel takes it.
  public mutating func flush() {
    while isWritable {
      if written == output.count {
        // An idle connection keeps no buffer.
        output = []
        written = 0
        guard client.wantsOutput else { return }
        client.takeOutput(into: &output, limit_bytes: Self.outputBytes)
        if output.isEmpty { return }
      }
      let outcome = output.withUnsafeBytes { socket.transmit(UnsafeRawBufferPointer(rebasing: $0[written...])) }
      switch outcome {
      case .bytes(let count): written += count
      case .wouldBlock: return
      case .failed:
        // What the agent said before it went is still to be read; the end is found by reading.
        isWritable = false
        output = []
        written = 0
      }
    }
  }

  /// What to wait for: always bytes to read, and room to write while something waits for it.
  public var interest: Readiness { written < output.count ? [.readable, .writable] : .readable }

  /// Has `loop` watch the socket for what is to be waited for, or changes that; level-triggered. Call it after `flush`.
  public mutating func watch(by loop: borrowing Epoll, token: UInt64) {
    let wanted = interest
    guard watched != wanted else { return }
    if watched == nil { loop.add(socket, wanted, token: token) } else { loop.rename(socket, wanted, token: token) }
    watched = wanted
  }
}
