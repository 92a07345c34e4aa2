import Foundation
import HealthChecks
import MeshModel
import Registry
import WeftTestKit

/// Runs one check against `target`, as the registry asks for it.
func checked(
  _ kind: HealthCheck.Kind,
  at target: SocketAddress = SocketAddress(IPAddress(v4: 0x7f00_0001), port: 1),
  timeout_ms: UInt32 = 5_000
) async throws -> CheckResult {
  await CheckRunner().run(try run(kind, at: target, timeout_ms: timeout_ms))
}

/// What the registry asks for: the first run of an instance that has the check.
func run(_ kind: HealthCheck.Kind, at target: SocketAddress, timeout_ms: UInt32) throws -> CheckRun {
  var registry = RegistryState(RegistryState.Options(hostAddresses: [target.ip]))
  var random = SplitMix64(seed: 1)
  let check = HealthCheck(name: "alive", kind, interval_ms: 60_000, timeout_ms: timeout_ms)
  let key = Registration.Key(name: "web")
  let registration = Registration(key, ports: [Registration.Port(port: target.port)], checks: [check])
  _ = try registry.register(registration, owner: .user(0), now_ms: 0, using: &random)
  for case .runCheck(let run) in registry.tick(now_ms: 0, using: &random) { return run }
  throw TestKitError("the registry runs no check")
}

/// A server that is a Python program: `source` binds to a port that is free on `sys.argv[1]`, and prints it.
final class PythonServer: Sendable {
  let address: SocketAddress
  let program: RunningProgram

  init(_ source: String, on ip: String = "127.0.0.1", _ arguments: [String] = []) throws {
    program = try Command("/usr/bin/python3", ["-c", source, ip] + arguments).start()
    let port = try program.output.await("its port") { text in
      text.split(separator: "\n").first.flatMap { UInt16($0) }
    }
    guard let address = IPAddress(ip) else { throw TestKitError("\(ip) is no address") }
    self.address = SocketAddress(address, port: port)
  }

  /// A TCP server that does `what` with each connection, called `stream`.
  static func tcp(_ what: String, on ip: String = "127.0.0.1") throws -> PythonServer {
    let lines = what.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(
      separator: "\n"
    )
    let source = """
      import socket, struct, sys, threading, time
      def serve(stream):
      \(lines)
      listener = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
      listener.bind((sys.argv[1], 0))
      listener.listen(64)
      print(listener.getsockname()[1], flush=True)
      while True:
          stream, _ = listener.accept()
          threading.Thread(target=serve, args=(stream,), daemon=True).start()
      """
    return try PythonServer(source, on: ip)
  }

  /// A TCP server that reads one request head, and then does `what`; the request's lines are printed.
  static func http(_ what: String, on ip: String = "127.0.0.1") throws -> PythonServer {
    try tcp(
      """
      head = b""
      while b"\\r\\n\\r\\n" not in head:
          more = stream.recv(4096)
          if not more: return
          head += more
      print(head.decode(), flush=True)
      \(what)
      """,
      on: ip
    )
  }

  /// A port that nobody listens on: one that was given back a moment ago.
  static func closedPort(on ip: String = "127.0.0.1") throws -> SocketAddress { try tcp("pass", on: ip).address }
}

/// How long `body` took.
func timed<Value>(_ body: () async throws -> Value) async rethrows -> (Value, Duration) {
  let start = ContinuousClock.now
  let value = try await body()
  return (value, ContinuousClock.now - start)
}

/// What a deadline of two seconds may take on a machine under load; far below the servers' own waits.
let lateLimit: Duration = .seconds(8)
