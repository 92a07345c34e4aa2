import HTTP1
import Testing

@Suite struct ConnectionOptionsTests {
  private func writtenFields(_ lines: String) -> String? {
    withRequest("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n") { outcome, head in
      #expect(outcome == .whole(length: 27 + lines.utf8.count))
      return written { head.fields.write(into: &$0) }
    }
  }

  @Test("Every field that Connection names is dropped, in any case, before it and behind it")
  func named() {
    #expect(
      writtenFields("x-A: 1\r\nConnection: X-a, close ,x-b\r\nX-A: 2\r\nx-B: 3\r\nX-C: 4\r\nX-AA: 5\r\n")
        == "Host: a\r\nX-C: 4\r\nX-AA: 5\r\n"
    )
    #expect(writtenFields("Connection: x-a\r\nA: b\r\nConnection: a\r\nX-A: 1\r\n") == "Host: a\r\n")
  }

  @Test(
    "A field that the proxy or the program behind it relies on cannot be struck by naming it in Connection",
    arguments: [
      "Authorization", "Cookie", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
      "X-Forwarded-Client-Cert", "X-Forwarded-Port", "X-Real-IP", "X-Request-ID", "Traceparent", "Tracestate", "B3",
      "X-B3-TraceId", "X-B3-Anything", "L5d-Client-Id", "L5d-Other", "X-Weft-Hops", "X-Weft-Reason", "X-Weft-Other",
      "Via", "Date", "Expect", "Content-Type", "Content-Encoding", "Cache-Control",
    ]
  )
  func guarded(name: String) {
    for option in [name, name.lowercased()] {
      #expect(writtenFields("\(name): b\r\nConnection: \(option)\r\n") == "Host: a\r\n\(name): b\r\n")
    }
  }

  @Test("A name that is only the beginning of a guarded family's is no member of it")
  func nearlyGuarded() {
    for name in ["x-forwarded", "x-weft", "content", "l5d", "x-b3"] {
      #expect(writtenFields("\(name): b\r\nConnection: \(name)\r\n") == "Host: a\r\n")
    }
  }

  @Test("As many options as allowed are taken, however spread")
  func most() {
    #expect(writtenFields("Connection: \(String(repeating: "x,", count: 31))y\r\nY: z\r\n") == "Host: a\r\n")
    #expect(writtenFields(String(repeating: "Connection: x\r\n", count: 32)) == "Host: a\r\n")
  }
}
