import HTTP1
import Testing

@Suite struct ResponseHeadTests {
  @Test("A response is read into its parts, and what follows it is left alone")
  func plain() {
    let message = "HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 3\r\n\r\nabc"
    withResponse(message) { outcome, head in
      #expect(outcome == .whole(length: message.utf8.count - 3))
      #expect(head.status == 404 && text(head[head.reason]) == "Not Found" && head.minorVersion == 1)
      #expect(head.framing(answering: .get) == .length(3) && head.contentLength == 3)
      #expect(head.isPersistent && !head.isInterim && head.upgradeRange.isEmpty)
      #expect(head.fields.count == 2 && head.fields[0].known == .server)
      #expect(head.bytes.count == message.utf8.count - 3)
    }
  }

  @Test(
    "A reason may be empty, or have spaces, tabs and bytes beyond ASCII, or be left out with its space",
    arguments: [("200", ""), ("200 ", ""), ("200  a\tb ", " a\tb "), ("200 \u{e4}", "\u{e4}"), ("599 x", "x")]
  )
  func reasons(line: String, reason: String) {
    withResponse("HTTP/1.1 \(line)\r\n\r\n") { outcome, head in
      #expect(outcome == .whole(length: 13 + line.utf8.count))
      #expect(text(head[head.reason]) == reason)
    }
  }

  /// How a response to a method is framed.
  struct Row: Sendable {
    let line: String
    let fields: String
    let method: Method
    let framing: ResponseFraming
    /// The framing line that is written.
    let written: String
  }

  static let rows: [Row] = [
    Row(line: "1.1 200", fields: "", method: .get, framing: .untilClose, written: ""),
    Row(line: "1.0 200", fields: "", method: .get, framing: .untilClose, written: ""),
    Row(
      line: "1.1 200",
      fields: "Content-Length: 5\r\n",
      method: .post,
      framing: .length(5),
      written: "Content-Length: 5\r\n"
    ),
    Row(
      line: "1.1 200",
      fields: "Transfer-Encoding: chunked\r\n",
      method: .get,
      framing: .chunked,
      written: "Transfer-Encoding: chunked\r\n"
    ),
    Row(
      line: "1.1 200",
      fields: "Content-Length: 5\r\n",
      method: .head,
      framing: .none,
      written: "Content-Length: 5\r\n"
    ),
    Row(line: "1.1 200", fields: "Transfer-Encoding: chunked\r\n", method: .head, framing: .none, written: ""),
    Row(line: "1.1 200", fields: "", method: .head, framing: .none, written: ""),
    Row(
      line: "1.1 304",
      fields: "Content-Length: 5\r\n",
      method: .get,
      framing: .none,
      written: "Content-Length: 5\r\n"
    ),
    Row(line: "1.1 304", fields: "Transfer-Encoding: chunked\r\n", method: .get, framing: .none, written: ""),
    Row(line: "1.1 204", fields: "", method: .get, framing: .none, written: ""),
    Row(line: "1.1 204", fields: "Content-Length: 0\r\n", method: .get, framing: .none, written: ""),
    Row(line: "1.1 100", fields: "", method: .post, framing: .none, written: ""),
    Row(line: "1.1 103", fields: "Content-Length: 0\r\n", method: .get, framing: .none, written: ""),
    Row(line: "1.1 101", fields: "Content-Length: 0\r\n", method: .get, framing: .tunnel, written: ""),
    Row(line: "1.1 200", fields: "", method: .connect, framing: .tunnel, written: ""),
    Row(line: "1.1 200", fields: "Content-Length: 5\r\n", method: .connect, framing: .tunnel, written: ""),
    Row(
      line: "1.1 407",
      fields: "Content-Length: 5\r\n",
      method: .connect,
      framing: .length(5),
      written: "Content-Length: 5\r\n"
    ),
  ]

  @Test("The body's framing follows from status, fields and the method it answers", arguments: rows)
  func framing(row: Row) {
    withResponse("HTTP/\(row.line) x\r\n\(row.fields)\r\n") { outcome, head in
      #expect(outcome == .whole(length: 18 + row.fields.utf8.count))
      #expect(head.framing(answering: row.method) == row.framing)
      #expect(written { head.writeFraming(answering: row.method, into: &$0) } == row.written)
    }
  }

  @Test(
    "Interim responses are all 1xx but 101",
    arguments: [(100, true), (103, true), (199, true), (101, false), (200, false)]
  )
  func interim(status: Int, isInterim: Bool) {
    withResponse("HTTP/1.1 \(status) x\r\n\r\n") { _, head in #expect(head.isInterim == isInterim) }
  }

  @Test(
    "Whether the connection persists is said by version and Connection",
    arguments: [
      ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.0", "", false),
      ("1.0", "Connection: keep-alive\r\n", true), ("1.0", "Keep-Alive: timeout=5\r\n", false),
    ]
  )
  func persistence(version: String, lines: String, isPersistent: Bool) {
    withResponse("HTTP/\(version) 200 OK\r\n\(lines)Content-Length: 0\r\n\r\n") { _, head in
      #expect(head.isPersistent == isPersistent)
    }
  }

  @Test("A switch of protocols says to which")
  func upgrade() {
    withResponse("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n") { _, head in
      #expect(text(head[head.upgradeRange]) == "websocket")
      #expect(written { head.fields.write(into: &$0) } == "")
    }
    withResponse("HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n") { _, head in #expect(head.upgradeRange.isEmpty) }
  }

  @Test("Nothing of a head is left in the next one parsed into the same storage")
  func reused() {
    let first = Array("HTTP/1.1 101 Go\r\nConnection: upgrade, close\r\nUpgrade: x\r\n\r\n".utf8)
    let second = Array("HTTP/1.1 200\r\n\r\n".utf8)
    var head = ResponseHead()
    first.withUnsafeBytes { #expect(head.parse($0) == .whole(length: first.count) && !head.upgradeRange.isEmpty) }
    second.withUnsafeBytes {
      #expect(head.parse($0) == .whole(length: second.count))
      #expect(head.reason.isEmpty && head.upgradeRange.isEmpty && head.isPersistent && head.fields.count == 0)
    }
  }
}
