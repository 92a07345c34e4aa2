import HTTP1
import Testing

@Suite struct RequestHeadTests {
  @Test("A plain GET is read into its parts, and what follows it is left alone")
  func plain() {
    let message = "GET /a/b?c=d?e HTTP/1.1\r\nHost: web.shop:8080\r\nAccept: */*\r\nX-Empty:\r\n\r\nnext"
    withRequest(message) { outcome, head in
      #expect(outcome == .whole(length: message.utf8.count - 4))
      #expect(head.bytes.count == message.utf8.count - 4)
      #expect(head.method == .get && head.form == .origin && head.minorVersion == 1)
      #expect(text(head[head.methodRange]) == "GET")
      #expect(text(head[head.targetRange]) == "/a/b?c=d?e")
      #expect(text(head[head.path]) == "/a/b")
      #expect(head.hasQuery && text(head[head.query]) == "c=d?e")
      #expect(text(head[head.authority]) == "web.shop:8080")
      #expect(text(head[head.host]) == "web.shop" && head.port == 8080)
      #expect(head.framing == .none && head.isPersistent)
      #expect(!head.expectsContinue && !head.wantsUpgrade && !head.acceptsTrailers)
      #expect(head.fields.count == 3)
      #expect(text(head.fields.name(at: 1)) == "Accept" && text(head.fields.value(at: 1)) == "*/*")
      #expect(head.fields[2].value.isEmpty)
    }
  }

  @Test("Nothing of a head is left in the next one parsed into the same storage")
  func reused() {
    let first = Array(
      """
      POST http://a:81/b?c HTTP/1.1\r\nHost: d\r\nConnection: upgrade, te\r\nUpgrade: x\r\nTE: trailers\r
      Expect: 100-continue\r\nTransfer-Encoding: chunked\r\nCookie: 1\r\nCookie: 2\r\n\r\n
      """.utf8
    )
    let second = Array("GET / HTTP/1.0\r\n\r\n".utf8)
    var head = RequestHead()
    first.withUnsafeBytes {
      #expect(head.parse($0) == .whole(length: first.count))
      #expect(head.wantsUpgrade && head.expectsContinue && head.acceptsTrailers && head.framing == .chunked)
      #expect(head.fields.hasSeveral(.cookie) == true)
    }
    second.withUnsafeBytes {
      #expect(head.parse($0) == .whole(length: second.count))
      #expect(head.method == .get && head.form == .origin && text(head[head.path]) == "/")
      #expect(!head.hasQuery && head.query.isEmpty)
      #expect(head.host.isEmpty && head.authority.isEmpty && head.port == nil)
      #expect(!head.wantsUpgrade && head.upgradeRange.isEmpty && !head.expectsContinue && !head.acceptsTrailers)
      #expect(head.framing == .none && !head.isPersistent && head.minorVersion == 0)
      #expect(head.fields.count == 0 && head.fields.first(.cookie) == nil && !head.fields.hasSeveral(.cookie))
    }
  }

  @Test("One CRLF before a request is passed over, and is part of its length")
  func leadingLine() {
    withRequest("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") { outcome, head in
      #expect(outcome == .whole(length: 29))
      #expect(text(head[head.methodRange]) == "GET" && text(head[head.host]) == "a")
    }
  }

  @Test("Tabs and bytes beyond ASCII are taken within a value, and blanks around it are not part of it")
  func values() {
    let bytes: [UInt8] = Array("GET / HTTP/1.1\r\nHost:\ta \t\r\nA:b\tc \u{e4}\t\r\nB: \r\n\r\n".utf8)
    withRequest(bytes) { outcome, head in
      #expect(outcome == .whole(length: bytes.count))
      #expect(text(head[head.host]) == "a")
      #expect(text(head.fields.value(at: 1)) == "b\tc \u{e4}")
      #expect(head.fields[2].value.isEmpty)
    }
  }

  @Test("A name may have any token byte, and underscores that imitate nothing")
  func names() {
    withRequest("GET / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~9zZ: b\r\nmy_header: c\r\nset_name: d\r\n\r\n") {
      outcome,
      head in
      #expect(outcome == .whole(length: 77))
      #expect(head.fields.count == 4)
    }
  }

  @Test(
    "Versions 1.0 and 1.1 are known, and higher minor ones are taken for 1.1",
    arguments: [("1.0", 0), ("1.1", 1), ("1.2", 1), ("1.9", 1)] as [(String, UInt8)]
  )
  func versions(version: String, minor: UInt8) {
    withRequest("GET / HTTP/\(version)\r\nHost: a\r\n\r\n") { outcome, head in
      #expect(outcome == .whole(length: 27))
      #expect(head.minorVersion == minor && head.isPersistent == (minor == 1))
    }
  }

  @Test(
    "Whether the connection persists is said by version and Connection",
    arguments: [
      ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: x , CLOSE\r\n", false),
      ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", false), ("1.1", "Connection: close-not\r\n", true),
      ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
      ("1.0", "Connection: keep-alive, close\r\n", false), ("1.0", "Proxy-Connection: keep-alive\r\n", false),
      ("1.1", "Connection: ,, ,\r\n", true),
    ]
  )
  func persistence(version: String, lines: String, isPersistent: Bool) {
    withRequest("GET / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n") { outcome, head in
      #expect(outcome == .whole(length: 27 + lines.utf8.count))
      #expect(head.isPersistent == isPersistent)
    }
  }

  @Test(
    "The body's framing is drawn from one field",
    arguments: [
      ("", .none), ("Content-Length: 0\r\n", .length(0)), ("Content-Length: 0042\r\n", .length(42)),
      ("content-length:\t9223372036854775807 \r\n", .length(9_223_372_036_854_775_807)),
      ("Transfer-Encoding: chunked\r\n", .chunked), ("transfer-encoding:CHUNKED\t\r\n", .chunked),
    ] as [(String, RequestFraming)]
  )
  func framing(lines: String, framing: RequestFraming) {
    withRequest("POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n") { outcome, head in
      #expect(outcome == .whole(length: 28 + lines.utf8.count))
      #expect(head.framing == framing)
    }
  }

  @Test(
    "100-continue is expected of HTTP/1.1 only, in any case",
    arguments: [("1.1", "100-Continue", true), ("1.0", "100-continue", false), ("1.1", "200-ok", false)]
  )
  func expectation(version: String, value: String, expected: Bool) {
    withRequest("PUT / HTTP/\(version)\r\nHost: a\r\nExpect: \(value)\r\nContent-Length: 1\r\n\r\n") { _, head in
      #expect(head.expectsContinue == expected)
    }
  }

  @Test(
    "An upgrade is wanted where Connection names the one Upgrade field, in HTTP/1.1, but to no other HTTP",
    arguments: [
      ("1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n", "websocket"),
      ("1.1", "Upgrade: websocket\r\n", nil), ("1.1", "Connection: upgrade\r\n", nil),
      ("1.1", "Connection: upgrade\r\nUpgrade:\r\n", nil),
      ("1.1", "Connection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n", nil),
      ("1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", nil),
      ("1.1", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: H2C\r\nHTTP2-Settings: a\r\n", nil),
      ("1.1", "Connection: upgrade\r\nUpgrade: websocket, h2c\r\n", nil),
      ("1.1", "Connection: upgrade\r\nUpgrade: HTTP/2.0\r\n", nil),
    ]
  )
  func upgrade(version: String, lines: String, protocols: String?) {
    withRequest("GET / HTTP/\(version)\r\nHost: a\r\n\(lines)\r\n") { _, head in
      #expect(head.wantsUpgrade == (protocols != nil))
      #expect(text(head[head.upgradeRange]) == protocols ?? "")
    }
  }

  @Test("Trailers are accepted where TE lists them", arguments: [("gzip;q=0.5, Trailers", true), ("gzip", false)])
  func trailers(value: String, accepted: Bool) {
    withRequest("GET / HTTP/1.1\r\nHost: a\r\nTE: \(value)\r\n\r\n") { _, head in
      #expect(head.acceptsTrailers == accepted)
    }
  }

  @Test("A range that is not of this head gives no bytes")
  func foreignRange() {
    withRequest("GET / HTTP/1.1\r\nHost: a\r\n\r\n") { _, head in
      #expect(head[ByteRange(start: 20, count: 20)].isEmpty)
      #expect(head[ByteRange(start: 0, count: 27)].count == 27)
    }
    let head = RequestHead()
    #expect(head[ByteRange(start: 0, count: 1)].isEmpty && head.bytes.isEmpty)
  }

  @Test("The largest head allowed is taken, with the most fields and the longest target")
  func largest() {
    let target = "/" + String(repeating: "t", count: HeadLimit.targetBytes - 1)
    var message = "\(String(repeating: "M", count: HeadLimit.methodBytes)) \(target) HTTP/1.1\r\nHost: a\r\n"
    for _ in 0..<HeadLimit.fields - 2 { message += "A: b\r\n" }
    message += "Z: "
    message += String(repeating: "z", count: HeadLimit.bytes - 4 - message.utf8.count) + "\r\n\r\n"
    withRequest(message) { outcome, head in
      #expect(outcome == .whole(length: 65_535))
      #expect(head.fields.count == 100)
      #expect(head.fields[99].value.end == 65_531)
    }
  }
}
