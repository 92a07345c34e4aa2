import HTTP1
import Testing

@Suite struct RequestTargetTests {
  /// A target and what it is taken apart into.
  struct Row: Sendable {
    let line: String
    let form: TargetForm
    let path: String
    let query: String?
    let host: String
    let port: UInt16?
  }

  static let rows: [Row] = [
    Row(line: "GET /", form: .origin, path: "/", query: nil, host: "h", port: 1),
    Row(line: "GET /?", form: .origin, path: "/", query: "", host: "h", port: 1),
    Row(line: "GET //a//b", form: .origin, path: "//a//b", query: nil, host: "h", port: 1),
    Row(line: "GET /a?b/c?d", form: .origin, path: "/a", query: "b/c?d", host: "h", port: 1),
    Row(
      line: "GET /\"<>[\\]^`{|}?\"<>[\\]^`{|}",
      form: .origin,
      path: "/\"<>[\\]^`{|}",
      query: "\"<>[\\]^`{|}",
      host: "h",
      port: 1
    ),
    Row(line: "GET /http://b/", form: .origin, path: "/http://b/", query: nil, host: "h", port: 1),
    Row(line: "GET http://a/b?c", form: .absolute, path: "/b", query: "c", host: "a", port: nil),
    Row(line: "GET HTTP://a:80/b", form: .absolute, path: "/b", query: nil, host: "a", port: 80),
    Row(line: "GET http://a", form: .absolute, path: "", query: nil, host: "a", port: nil),
    Row(line: "GET http://a?b/c", form: .absolute, path: "", query: "b/c", host: "a", port: nil),
    Row(line: "GET http://[::1]:8/b", form: .absolute, path: "/b", query: nil, host: "[::1]", port: 8),
    Row(line: "GET http://a/b@c:d", form: .absolute, path: "/b@c:d", query: nil, host: "a", port: nil),
    Row(line: "OPTIONS *", form: .asterisk, path: "*", query: nil, host: "h", port: 1),
    Row(line: "OPTIONS /a", form: .origin, path: "/a", query: nil, host: "h", port: 1),
    Row(line: "OPTIONS http://a", form: .absolute, path: "", query: nil, host: "a", port: nil),
    Row(line: "CONNECT a.b:443", form: .authority, path: "", query: nil, host: "a.b", port: 443),
    Row(line: "CONNECT [2001:db8::1]:443", form: .authority, path: "", query: nil, host: "[2001:db8::1]", port: 443),
  ]

  @Test("Targets of the four forms are taken apart; Host counts where the target has no authority", arguments: rows)
  func parts(row: Row) {
    withRequest("\(row.line) HTTP/1.1\r\nHost: h:1\r\n\r\n") { outcome, head in
      #expect(outcome == .whole(length: row.line.utf8.count + 24))
      #expect(head.form == row.form)
      #expect(text(head[head.path]) == row.path)
      #expect(head.hasQuery == (row.query != nil) && text(head[head.query]) == row.query ?? "")
      #expect(text(head[head.host]) == row.host && head.port == row.port)
      #expect(text(head[head.authority]) == row.host + (row.port.map { ":\($0)" } ?? ""))
    }
  }

  @Test(
    "Hosts that are names or addresses are taken as they are",
    arguments: [
      ("a", "a", nil), ("A.b-C_d~.", "A.b-C_d~.", nil), ("10.0.0.1:65535", "10.0.0.1", 65_535), ("a:0", "a", 0),
      ("[::ffff:10.0.0.1]:80", "[::ffff:10.0.0.1]", 80), ("[FE80::1]", "[FE80::1]", nil), ("", "", nil),
    ] as [(String, String, UInt16?)]
  )
  func hosts(value: String, host: String, port: UInt16?) {
    withRequest("GET / HTTP/1.1\r\nHost: \(value)\r\n\r\n") { outcome, head in
      #expect(outcome == .whole(length: 26 + value.utf8.count))
      #expect(text(head[head.host]) == host && head.port == port && text(head[head.authority]) == value)
    }
  }

  @Test("HTTP/1.0 needs no Host")
  func old() {
    withRequest("GET /a HTTP/1.0\r\n\r\n") { outcome, head in
      #expect(outcome == .whole(length: 19) && head.host.isEmpty)
    }
    withRequest("GET http://b/a HTTP/1.0\r\n\r\n") { outcome, head in
      #expect(outcome == .whole(length: 27) && text(head[head.host]) == "b")
    }
  }

  @Test("An absolute target outweighs Host, which is then dropped, empty or not")
  func outweighed() {
    for host in ["h", ""] {
      withRequest("GET http://a/ HTTP/1.1\r\nHost: \(host)\r\nB: c\r\n\r\n") { _, head in
        #expect(text(head[head.host]) == "a")
        #expect(head.fields.first(.host) == 0)
        #expect(!head.fields[0].isKept && head.fields[1].isKept)
      }
    }
    withRequest("GET / HTTP/1.1\r\nHost: h\r\n\r\n") { _, head in #expect(head.fields[0].isKept) }
  }

  @Test(
    "The request line is written in the form that servers know",
    arguments: [
      ("GET /a?b", "GET /a?b HTTP/1.1\r\n"), ("OPTIONS *", "OPTIONS * HTTP/1.1\r\n"),
      ("CONNECT a:1", "CONNECT a:1 HTTP/1.1\r\n"), ("GET http://a", "GET / HTTP/1.1\r\nHost: a\r\n"),
      ("GET http://a:1/b?", "GET /b? HTTP/1.1\r\nHost: a:1\r\n"), ("get http://a?b", "get /?b HTTP/1.1\r\nHost: a\r\n"),
      ("OPTIONS http://a", "OPTIONS * HTTP/1.1\r\nHost: a\r\n"),
      ("OPTIONS http://a?b", "OPTIONS /?b HTTP/1.1\r\nHost: a\r\n"),
    ]
  )
  func line(line: String, expected: String) {
    withRequest("\(line) HTTP/1.0\r\nHost: h\r\n\r\n") { _, head in
      #expect(written { head.writeLine(into: &$0) } == expected)
    }
  }
}
