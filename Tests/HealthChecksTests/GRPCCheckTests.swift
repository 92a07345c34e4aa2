import HealthChecks
import MeshModel
import Registry
import Testing
import WeftTestKit

@testable import HealthChecks

@Suite("gRPC checks")
struct GRPCCheckTests {
  /// Google's own server, whose answer for a service is its name: a number, or a way to fail.
  static let server = """
    import sys, time
    from concurrent import futures
    import grpc

    def check(request, context):
        name = request[2:].decode() if request else ""
        if name == "missing": context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        if name == "sleep": time.sleep(20)
        if name == "junk": return b"\\xff\\xff"
        if name == "more": return b"\\x1a\\x03abc\\x08\\x01\\x15\\x00\\x00\\x00\\x00"
        if name == "long": return b"\\x1a\\x80\\x80\\x04" + b"x" * 65536
        number = int(name) if name else 1
        return bytes([8, number]) if number else b""

    class Health(grpc.GenericRpcHandler):
        def service(self, call):
            if call.method == "/grpc.health.v1.Health/Check": return grpc.unary_unary_rpc_method_handler(check)

    server = grpc.server(futures.ThreadPoolExecutor(8), handlers=[Health()] if len(sys.argv) < 3 else [])
    address = "[::1]" if ":" in sys.argv[1] else sys.argv[1]
    print(server.add_insecure_port(address + ":0"), flush=True)
    server.start()
    time.sleep(60)
    """

  @Test("pass on SERVING alone", arguments: ["127.0.0.1", "::1"])
  func statuses(ip: String) async throws {
    let server = try PythonServer(Self.server, on: ip)
    let whole = try await checked(.grpc(port: nil, service: ""), at: server.address)
    #expect(whole.outcome == .passing && whole.output == "grpc \(server.address): SERVING")
    for (service, outcome, text) in [
      ("1", CheckOutcome.passing, "SERVING"), ("more", .passing, "SERVING"),
      ("0", .failing, "UNKNOWN, wanted SERVING"), ("2", .failing, "NOT_SERVING, wanted SERVING"),
      ("3", .failing, "SERVICE_UNKNOWN, wanted SERVING"), ("9", .failing, "status 9, wanted SERVING"),
    ] {
      let result = try await checked(.grpc(port: nil, service: service), at: server.address)
      #expect(result.outcome == outcome && result.output == "grpc \(server.address) \(service): \(text)")
    }
  }

  @Test("fail in one line where there is no such service, or no such answer")
  func errors() async throws {
    let server = try PythonServer(Self.server)
    for (service, reason) in [
      ("missing", "notFound: unknown service"), ("junk", "internalError: the answer is no HealthCheckResponse"),
      ("long", "internalError"),
    ] {
      let result = try await checked(.grpc(port: nil, service: service), at: server.address)
      #expect(result.outcome == .failing && !result.output.contains("\n"))
      #expect(result.output.hasPrefix("grpc \(server.address) \(service): \(reason)"))
    }
    let other = try PythonServer(Self.server, ["none"])
    let result = try await checked(.grpc(port: nil, service: ""), at: other.address)
    #expect(result.output.hasPrefix("grpc \(other.address): unimplemented"))
  }

  @Test("fail at once where nobody listens")
  func refused() async throws {
    let address = try PythonServer.closedPort()
    let (result, time) = try await timed {
      try await checked(.grpc(port: nil, service: ""), at: address, timeout_ms: 20_000)
    }
    #expect(result.outcome == .failing && result.output == "grpc \(address): connection refused")
    #expect(time < lateLimit)
  }

  @Test(
    "fail in time where no answer comes, or none of gRPC",
    arguments: [
      "time.sleep(60)", "while True:\n    stream.sendall(b'\\0')\n    time.sleep(0.05)",
      "stream.sendall(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))\ntime.sleep(60)",
      "stream.sendall(b'HTTP/1.1 400 Bad Request\\r\\n\\r\\n')\ntime.sleep(60)", "stream.close()",
      "stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\nstream.close()",
    ]
  )
  func late(manner: String) async throws {
    let server = try PythonServer.tcp(manner)
    let (result, time) = try await timed {
      try await checked(.grpc(port: nil, service: ""), at: server.address, timeout_ms: 500)
    }
    #expect(result.outcome == .failing && time < lateLimit)
    #expect(result.output.hasPrefix("grpc \(server.address): ") && !result.output.contains("\n"))
  }

  @Test("fail in time where the service is slow")
  func slow() async throws {
    let server = try PythonServer(Self.server)
    let (result, time) = try await timed {
      try await checked(.grpc(port: nil, service: "sleep"), at: server.address, timeout_ms: 500)
    }
    #expect(result.outcome == .failing && time < lateLimit)
  }

  @Test("read answers strictly", arguments: 0..<10 as Range<UInt64>)
  func junk(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<1_000 {
      let bytes = random.mutated([0x1a, 3, 1, 2, 3, 0x15, 0, 0, 0, 0, 0x11, 1, 2, 3, 4, 5, 6, 7, 8, 8, 1])
      _ = HealthResponseDeserializer.status(bytes)
    }
    #expect(HealthResponseDeserializer.status([8, 1]) == .serving)
    #expect(HealthResponseDeserializer.status([8, 1, 8, 2]) == .notServing)
    #expect(HealthResponseDeserializer.status([]) == .unknown)
    for broken in [[8], [0], [8, 0x80], [0x1a, 9, 1], [0x0b], [8] + Array(repeating: 0xff, count: 10)] as [[UInt8]] {
      #expect(HealthResponseDeserializer.status(broken) == nil)
    }
  }
}
