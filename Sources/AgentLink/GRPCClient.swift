internal import HTTP2

/// The client's side of gRPC on one connection (grpc/doc/PROTOCOL-HTTP2.md): bytes in, messages and ends of calls out, and
/// bytes out. No descriptor, thread or clock; no compression.
public struct GRPCClient: ~Copyable {
  var session: ClientSession
  let limits: GRPCLimits
  var calls: [GRPCCall: MessageAssembler] = [:]
  var events: [GRPCEvent] = []
  /// Why there will be no further calls; nil while there may.
  var lost: GRPCStatus?
  /// The other side showed that it speaks HTTP/2.
  var isGreeted = false

  /// A client whose first bytes wait to be taken.
  public init(limits: GRPCLimits = GRPCLimits()) throws(GRPCError) {
    var session = limits.session
    session.pendingBytes = max(session.pendingBytes, MessageAssembler.prefixBytes)
    do {
      self.session = try ClientSession(limits: session)
    } catch {
      throw GRPCError(error)
    }
    self.limits = limits
  }

  /// Calls that have not ended.
  public var openCalls: Int { calls.count }

  /// What takes further calls: neither is the connection over, nor did the server say goodbye.
  public var takesCalls: Bool { lost == nil }

  /// Begins a call. The server hears `timeout_ms` and gives up after it; to give up here, `cancel`. `metadata` is further
  /// fields, in small letters.
  public mutating func start(
    _ method: GRPCMethod,
    timeout_ms: UInt64? = nil,
    metadata: [(name: String, value: String)] = []
  ) throws(GRPCError) -> GRPCCall {
    var fields = HeaderFields([
      (":method", "POST"), (":scheme", "http"), (":path", method.path),
      // A Unix socket has no host; this is what gRPC's own clients say there.
      (":authority", "localhost"), ("te", "trailers"), ("content-type", "application/grpc"), ("user-agent", "weft"),
    ])
    if let timeout_ms { fields.append("grpc-timeout", GRPCTimeout.text(timeout_ms: timeout_ms)) }
    for (name, value) in metadata { fields.append(name, value) }
    guard lost == nil else { throw .session(.noMoreRequests) }
    let stream: StreamID
    do {
      stream = try session.request(fields, endsStream: false)
    } catch {
      throw GRPCError(error)
    }
    let call = GRPCCall(number: stream.number)
    calls[call] = MessageAssembler(limit_bytes: limits.message_bytes)
    return call
  }

  /// Sends a message, whole or not at all.
  public mutating func send(_ call: GRPCCall, _ message: [UInt8]) throws(GRPCError) {
    guard calls[call] != nil else { throw .notOpen }
    guard message.count <= limits.message_bytes else {
      throw .messageTooLarge(message.count, limit: limits.message_bytes)
    }
    let length = UInt32(message.count)
    // One piece, since the session takes all of a piece or nothing.
    var framed: [UInt8] = [0]
    framed.reserveCapacity(MessageAssembler.prefixBytes + message.count)
    for shift in [24, 16, 8, 0] { framed.append(UInt8(truncatingIfNeeded: length >> UInt32(shift))) }
    framed += message
    let outcome = framed.withUnsafeBytes { bytes in
      Result { () throws(SessionError) in try session.send(bytes, on: StreamID(call.number)) }
    }
    if case .failure(let error) = outcome { throw GRPCError(error) }
  }

  /// Says that no further message comes; the server may still send.
  public mutating func finish(_ call: GRPCCall) throws(GRPCError) {
    guard calls[call] != nil else { throw .notOpen }
    do {
      try session.send(UnsafeRawBufferPointer(start: nil, count: 0), on: StreamID(call.number), endsStream: true)
    } catch {
      throw GRPCError(error)
    }
  }

  /// Gives a call up: it ends as cancelled, at once.
  public mutating func cancel(_ call: GRPCCall) {
    end(call, GRPCStatus(.cancelled, "the call was given up"), reset: .cancel)
  }

  /// Bytes of the call that the server has not had room for.
  public func pendingBytes(_ call: GRPCCall) -> Int { session.pendingBytes(on: StreamID(call.number)) }

  /// What happened since the last call of this, in order.
  public mutating func takeEvents() -> [GRPCEvent] {
    let taken = events
    events = []
    return taken
  }

  /// Ends a call that is open.
  mutating func end(_ call: GRPCCall, _ status: GRPCStatus, reset code: ErrorCode?) {
    guard calls.removeValue(forKey: call) != nil else { return }
    events.append(.ended(call, status))
    if let code { session.reset(StreamID(call.number), code) }
  }
}
