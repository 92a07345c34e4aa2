internal import Glibc
internal import Kernel
public import SwiftProtobuf

/// Calls the agent and waits for what it says: for command lines, which have one thread and nothing else to do. One call at a
/// time: beginning another gives the one before up.
public struct AgentClient: ~Copyable {
  /// An agent answers from memory, or says itself what it waits for.
  public static let timeout_ms: UInt64 = 30_000
  /// The largest answer: all documents of a mesh with 10,000 services. A command is over soon, and no pod pays for it.
  public static let maxMessageBytes = 64 << 20

  private var connection: AgentConnection
  private var current: Current?

  /// The call that is under way.
  private struct Current {
    let call: GRPCCall
    let method: GRPCMethod
    var timeout_ms: UInt64
    /// When it must have ended, or for streams the next message have come.
    var deadline_ms: UInt64
    var messages: [[UInt8]] = []
    var given = 0
    var status: GRPCStatus?
  }

  /// Connects to the agent at `path`.
  public init(path: String) throws(AgentCallError) {
    var limits = GRPCLimits()
    limits.message_bytes = Self.maxMessageBytes
    do {
      connection = try AgentConnection(path: path, limits: limits)
    } catch {
      throw .unreachable(error)
    }
  }

  /// Calls a method that answers once.
  public mutating func call<Request: Message, Reply: Message>(
    _ method: GRPCMethod,
    _ request: Request,
    as reply: Reply.Type = Reply.self,
    timeout_ms: UInt64 = AgentClient.timeout_ms
  ) throws(AgentCallError) -> Reply {
    try begin(method, request, timeout_ms: timeout_ms, isStream: false)
    defer { current = nil }
    guard let bytes = try nextBytes() else { throw .unreadable(method, reason: "there is none") }
    guard try nextBytes() == nil else { throw .unreadable(method, reason: "there is more than one") }
    return try decode(bytes, method)
  }

  /// Calls a method that answers many times; `next` brings the answers, each within `timeout_ms`.
  public mutating func open<Request: Message>(
    _ method: GRPCMethod,
    _ request: Request,
    timeout_ms: UInt64 = AgentClient.timeout_ms,
    metadata: [(name: String, value: String)] = []
  ) throws(AgentCallError) {
    try begin(method, request, timeout_ms: timeout_ms, isStream: true, metadata)
  }

  /// From now on each answer may take so long, as where the next is news and may be none for days.
  public mutating func awaitNext(timeout_ms: UInt64) { current?.timeout_ms = timeout_ms }

  /// The next answer of what `open` began, nil after the last.
  public mutating func next<Reply: Message>(as reply: Reply.Type = Reply.self) throws(AgentCallError) -> Reply? {
    guard let method = current?.method, let timeout_ms = current?.timeout_ms else { return nil }
    current?.deadline_ms = Self.now_ms() + timeout_ms
    do {
      if let bytes = try nextBytes() { return try decode(bytes, method) }
    } catch {
      current = nil
      throw error
    }
    current = nil
    return nil
  }

  private mutating func begin<Request: Message>(
    _ method: GRPCMethod,
    _ request: Request,
    timeout_ms: UInt64,
    isStream: Bool,
    _ metadata: [(name: String, value: String)] = []
  ) throws(AgentCallError) {
    if let current { connection.cancel(current.call) }
    current = nil
    _ = connection.takeEvents()
    let bytes: [UInt8]
    do {
      bytes = try request.serializedBytes()
    } catch {
      throw .unsendable(method, reason: "it is not complete")
    }
    do {
      let call = try connection.start(method, timeout_ms: isStream ? nil : timeout_ms, metadata: metadata)
      try connection.send(call, bytes)
      try connection.finish(call)
      current = Current(
        call: call,
        method: method,
        timeout_ms: timeout_ms,
        deadline_ms: Self.now_ms() + timeout_ms
      )
    } catch {
      if case .session = error { throw .broken(path: connection.path, reason: connection.reason ?? error.description) }
      throw .unsendable(method, reason: error.description)
    }
  }

  private func decode<Reply: Message>(_ bytes: [UInt8], _ method: GRPCMethod) throws(AgentCallError) -> Reply {
    do {
      return try Reply(serializedBytes: bytes)
    } catch {
      throw .unreadable(method, reason: "it is malformed")
    }
  }
}

extension AgentClient {
  /// The current call's next message, nil where it ended well before another.
  private mutating func nextBytes() throws(AgentCallError) -> [UInt8]? {
    while true {
      guard var state = current else { return nil }
      if state.given < state.messages.count {
        state.given += 1
        defer { current = state }
        return state.messages[state.given - 1]
      }
      if let status = state.status {
        if status.isOK { return nil }
        throw failure(status, state)
      }
      try wait(state)
      for event in connection.takeEvents() { note(event) }
    }
  }

  /// Sends what is to be sent, and waits until something came.
  private mutating func wait(_ state: Current) throws(AgentCallError) {
    connection.flush()
    let now_ms = Self.now_ms()
    guard now_ms < state.deadline_ms else {
      connection.cancel(state.call)
      connection.flush()
      throw .timedOut(state.method, path: connection.path, timeout_ms: state.timeout_ms)
    }
    _ = connection.socket.wait(connection.interest, timeout_ms: Int32(clamping: state.deadline_ms - now_ms))
    connection.ready(now_ms: Self.now_ms())
  }

  private mutating func note(_ event: GRPCEvent) {
    guard let call = current?.call else { return }
    switch event {
    case .message(call, let bytes):
      if let given = current?.given, given > 0, given == current?.messages.count {
        current?.messages = []
        current?.given = 0
      }
      current?.messages.append(bytes)
    case .ended(call, let status): current?.status = status
    default: break
    }
  }

  private func failure(_ status: GRPCStatus, _ state: Current) -> AgentCallError {
    switch status.code {
    case .deadlineExceeded: .timedOut(state.method, path: connection.path, timeout_ms: state.timeout_ms)
    case .unavailable where !connection.takesCalls: .broken(path: connection.path, reason: status.message)
    default: .refused(state.method, status)
    }
  }

  private static func now_ms() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
  }
}
