import HealthChecks
import MeshModel
import Registry
import Testing
import WeftTestKit

@Suite("HTTP checks")
struct HTTPCheckTests {
  static func answer(_ status: String, _ body: String = "", _ fields: String = "") -> String {
    let head = "HTTP/1.1 \(status)\\r\\n\(fields)Content-Length: %d\\r\\n\\r\\n"
    return "body = b\"\(body)\"\nstream.sendall(b\"\(head)\" % len(body) + body)\nstream.close()"
  }

  @Test("pass on the statuses of the check, and tell what the program said")
  func passes() async throws {
    let server = try PythonServer.http(Self.answer("204 No Content"))
    let result = try await checked(
      .http(HealthCheck.HTTP(path: "/ready?deep=1", host: "db.example", statuses: [200...200, 204...299])),
      at: server.address
    )
    #expect(result.outcome == .passing && result.output == "GET http://\(server.address)/ready?deep=1: status 204")
    let lines = server.program.output.text.split(whereSeparator: \.isNewline).map { $0.lowercased() }
    #expect(lines.contains("get /ready?deep=1 http/1.1") && lines.contains("host: db.example"))
    #expect(lines.contains("connection: close") && lines.contains("user-agent: weft-check"))
  }

  @Test("fail on other statuses, and follow no redirect")
  func fails() async throws {
    let failing = try PythonServer.http(Self.answer("503 Service Unavailable", "disk full"))
    let first = try await checked(.http(HealthCheck.HTTP(path: "/ready")), at: failing.address)
    #expect(first.outcome == .failing)
    #expect(first.output == "GET http://\(failing.address)/ready: status 503, wanted 200-399\ndisk full")
    let away = try PythonServer.http(Self.answer("302 Found", "", "Location: http://\(failing.address)/\\r\\n"))
    let second = try await checked(.http(HealthCheck.HTTP(statuses: [200...299, 304...304])), at: away.address)
    #expect(second.output == "GET http://\(away.address)/: status 302, wanted 200-299, 304")
    let third = try await checked(.http(HealthCheck.HTTP()), at: away.address)
    #expect(third.outcome == .passing && third.output.hasSuffix("status 302"))
  }

  @Test("ask over IPv6 and name the address as the host")
  func ipv6() async throws {
    let server = try PythonServer.http(Self.answer("200 OK", "well"), on: "::1")
    let result = try await checked(.http(HealthCheck.HTTP()), at: server.address)
    #expect(result.outcome == .passing && result.output == "GET http://\(server.address)/: status 200\nwell")
    #expect(server.program.output.text.lowercased().contains("host: \(server.address)"))
  }

  @Test("ask nginx on a new connection each time, so that one that ended is seen at once")
  func nginx() async throws {
    let directory = try TemporaryDirectory()
    let address = try PythonServer.closedPort()
    try directory.write("index.html", "hello from nginx")
    let configuration = try directory.write(
      "nginx.conf",
      """
      daemon off; master_process off; pid \(directory.path)/pid; error_log stderr; user root;
      events {}
      http { access_log off; server { listen \(address); root \(directory.path); } }
      """
    )
    let nginx = try Command("nginx", ["-c", configuration, "-p", directory.path, "-e", "stderr"]).start()
    try nginx.waitForListener(address.port)
    let check = HealthCheck.Kind.http(HealthCheck.HTTP(path: "/index.html"))
    let first = try await checked(check, at: address)
    #expect(first.outcome == .passing && first.output.hasSuffix("status 200\nhello from nginx"))
    #expect(
      try await checked(.http(HealthCheck.HTTP(path: "/none")), at: address).output.contains("status 404, wanted")
    )
    nginx.kill()
    _ = try nginx.waitForExit()
    let last = try await checked(check, at: address)
    #expect(last.outcome == .failing)
    #expect(last.output == "GET http://\(address)/index.html: connection refused")
  }

  @Test("keep a bounded part of a long answer, and wait for no more")
  func long() async throws {
    let endless = """
      stream.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
      try:
          while True: stream.sendall(b"x" * 4096)
      except OSError: pass
      """
    let server = try PythonServer.http(endless)
    let result = try await checked(.http(HealthCheck.HTTP()), at: server.address, timeout_ms: 20_000)
    #expect(result.outcome == .passing && result.output.utf8.count == RegistryLimit.outputBytes)
  }

  @Test("show no control characters of what the program says")
  func control() async throws {
    let server = try PythonServer.http(Self.answer("500 No", "\\x1b[2J\\xff\\n\\tok\\r"))
    let result = try await checked(.http(HealthCheck.HTTP()), at: server.address)
    #expect(result.output.contains("\n\u{fffd}[2J\u{fffd}\n\tok"))
    #expect(!result.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
  }

  @Test(
    "fail in one line where the answer is none",
    arguments: [
      ("stream.close()", "the connection was closed without a whole answer"),
      ("stream.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nhalf')\nstream.close()", ""),
      (
        "stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\nstream.close()",
        "connection reset by peer"
      ),
      ("stream.sendall(b'SSH-2.0-OpenSSH_9.2\\r\\n')\ntime.sleep(1)\nstream.close()", ""),
    ]
  )
  func broken(manner: String, reason: String) async throws {
    let server = try PythonServer.http(manner)
    let result = try await checked(.http(HealthCheck.HTTP()), at: server.address)
    #expect(result.outcome == .failing && !result.output.contains("\n"))
    #expect(result.output.hasPrefix("GET http://\(server.address)/: \(reason)"))
  }

  @Test(
    "fail in time where the answer does not end",
    arguments: [
      "time.sleep(60)",
      "while True:\n    stream.sendall(b'H')\n    time.sleep(0.05)",
      "stream.sendall(b'HTTP/1.1 200 OK\\r\\nX: ')\nwhile True:\n    stream.sendall(b'y')\n    time.sleep(0.05)",
      "stream.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n')\nwhile True:\n    stream.sendall(b'z')\n    time.sleep(0.05)",
    ]
  )
  func late(manner: String) async throws {
    let server = try PythonServer.http(manner)
    let (result, time) = try await timed {
      try await checked(.http(HealthCheck.HTTP()), at: server.address, timeout_ms: 500)
    }
    #expect(result.outcome == .failing && time < lateLimit)
    #expect(result.output == "GET http://\(server.address)/: no answer in 500 ms" || manner.contains("b'H'"))
  }
}
