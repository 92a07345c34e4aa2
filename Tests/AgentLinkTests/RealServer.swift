import AgentLink
import Foundation
import Kernel
import WeftTestKit

/// Programs/grpc_server.py, gRPC's C core behind Python, on a Unix socket of its own.
final class RealServer {
  let directory: TemporaryDirectory
  let program: RunningProgram
  var path: String { directory.file("agent.sock") }

  init() throws {
    directory = try TemporaryDirectory()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Programs/grpc_server.py").path
    program = try Command("/usr/bin/python3", [script, directory.file("agent.sock")])
      .with(\.keepsInputOpen, true).start()
    _ = try program.output.await("ready") { $0.contains("ready") ? () : nil }
  }

  static func method(_ name: String) -> GRPCMethod { GRPCMethod(service: "weft.test.Peer", name: name) }
}

/// An `AgentConnection` in an epoll loop of the test's own, as the proxy's control thread has it.
final class Loop {
  private var connection: AgentConnection
  private let epoll: Epoll
  private var events: [GRPCEvent] = []

  init(_ path: String, limits: GRPCLimits = GRPCLimits()) throws {
    connection = try AgentConnection(path: path, limits: limits)
    epoll = try Epoll()
  }

  var isOver: Bool { connection.isOver }
  var takesCalls: Bool { connection.takesCalls }
  var reason: String? { connection.reason }
  var isGreeted: Bool { connection.isGreeted }

  func start(
    _ method: String,
    timeout_ms: UInt64? = nil,
    metadata: [(name: String, value: String)] = []
  ) throws -> GRPCCall {
    try connection.start(RealServer.method(method), timeout_ms: timeout_ms, metadata: metadata)
  }

  func send(_ call: GRPCCall, _ text: String) throws { try send(call, Array(text.utf8)) }
  func send(_ call: GRPCCall, _ bytes: [UInt8]) throws { try connection.send(call, bytes) }
  func finish(_ call: GRPCCall) throws { try connection.finish(call) }
  func cancel(_ call: GRPCCall) { connection.cancel(call) }

  /// Begins a call with one message.
  func ask(_ method: String, _ message: [UInt8], timeout_ms: UInt64? = nil) throws -> GRPCCall {
    let call = try start(method, timeout_ms: timeout_ms)
    try connection.send(call, message)
    try connection.finish(call)
    return call
  }

  func ask(_ method: String, _ text: String, timeout_ms: UInt64? = nil) throws -> GRPCCall {
    try ask(method, Array(text.utf8), timeout_ms: timeout_ms)
  }

  /// One turn: sends, waits, reads. Returns what happened.
  func turn(_ deadline: Deadline) throws -> [GRPCEvent] {
    connection.flush()
    connection.watch(by: epoll, token: 7)
    guard epoll.wait(timeout_ms: deadline.millisecondsLeft) > 0 else { throw TestKitError("nothing came in time") }
    connection.ready(now_ms: UInt64(ProcessInfo.processInfo.systemUptime * 1000))
    return connection.takeEvents()
  }

  /// What was sent so far goes out, as far as the kernel takes it.
  func flush() { connection.flush() }

  /// Turns until `call` has ended; its messages and its status.
  func end(of call: GRPCCall) throws -> (messages: [[UInt8]], status: GRPCStatus) {
    let deadline = Deadline()
    var messages: [[UInt8]] = []
    while true {
      for event in try turn(deadline) {
        switch event {
        case .message(call, let bytes): messages.append(bytes)
        case .ended(call, let status): return (messages, status)
        default: break
        }
      }
    }
  }
}

extension [UInt8] {
  var text: String { String(decoding: self, as: UTF8.self) }
}
