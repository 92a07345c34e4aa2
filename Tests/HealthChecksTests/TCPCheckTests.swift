import HealthChecks
import MeshModel
import Registry
import Testing

@Suite("TCP checks")
struct TCPCheckTests {
  @Test("pass on a connection, also one that the server resets or never answers", arguments: ["127.0.0.1", "::1"])
  func passes(ip: String) async throws {
    let reset = "stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\nstream.close()"
    for manner in ["stream.close()", "time.sleep(60)", reset] {
      let server = try PythonServer.tcp(manner, on: ip)
      let result = try await checked(.tcp(port: nil), at: server.address)
      #expect(result.output == "connect \(server.address): connected" && result.outcome == .passing)
      #expect(result.id.check == "alive" && result.id.key.name == "web")
    }
  }

  @Test("fail where nobody listens", arguments: ["127.0.0.1", "::1"])
  func refused(ip: String) async throws {
    let address = try PythonServer.closedPort(on: ip)
    let result = try await checked(.tcp(port: nil), at: address)
    #expect(result.outcome == .failing && result.output == "connect \(address): connection refused")
  }

  @Test("fail in time where no answer comes")
  func late() async throws {
    // A backlog of none that is full: the kernel drops what comes then.
    let source = """
      import socket, sys, time
      listener = socket.socket()
      listener.bind((sys.argv[1], 0))
      listener.listen(0)
      held = []
      for _ in range(8):
          client = socket.socket()
          client.setblocking(False)
          client.connect_ex(listener.getsockname())
          held.append(client)
      time.sleep(0.2)
      print(listener.getsockname()[1], flush=True)
      time.sleep(60)
      """
    let server = try PythonServer(source)
    let (result, time) = try await timed { try await checked(.tcp(port: nil), at: server.address, timeout_ms: 300) }
    #expect(result.outcome == .failing && result.output == "connect \(server.address): no answer in 300 ms")
    #expect(time < lateLimit)
  }
}
