import HTTP1
import Testing

@Suite struct FieldTableTests {
  /// A head with these lines behind Host.
  private func withFields<Result>(_ lines: String, _ body: (inout RequestHead) throws -> Result) rethrows -> Result {
    try withRequest("POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n") { outcome, head in
      #expect(outcome == .whole(length: 28 + lines.utf8.count))
      return try body(&head)
    }
  }

  private func writtenFields(_ lines: String) -> String? {
    withFields(lines) { head in
      head.fields.drop(.host)
      return written { head.fields.write(into: &$0) }
    }
  }

  @Test("Fields are found by the name the proxy knows, from the first to the last")
  func known() {
    withFields("A: b\r\nCookie: 1\r\ncOOKIE: 2\r\nVia: c\r\nCookie: 3\r\n") { head in
      #expect(head.fields.first(.cookie) == 2)
      #expect(head.fields.next(.cookie, from: 3) == 3)
      #expect(head.fields.next(.cookie, from: 4) == 5)
      #expect(head.fields.next(.cookie, from: 6) == nil)
      #expect(head.fields.count(of: .cookie) == 3 && head.fields.count(of: .via) == 1)
      #expect(head.fields.hasSeveral(.cookie) == true && head.fields.hasSeveral(.via) == false)
      #expect(head.fields.first(.date) == nil && head.fields.next(.date, from: 0) == nil)
      #expect(head.fields.count(of: .date) == 0)
    }
  }

  @Test("Fields are found by any name, in any case, from the first to the last, and dropped ones only if asked for")
  func named() {
    withFields("X-User: 1\r\nx-user: 2\r\nX-User2: 3\r\nX~Y: 4\r\nX-USER: 5\r\nConnection: x-gone\r\nX-Gone: 6\r\n") {
      head in
      #expect(head.fields.firstIndex(named: "x-user") == 1)
      #expect(head.fields.firstIndex(named: "x-user", from: 2) == 2)
      #expect(head.fields.firstIndex(named: "x-user", from: 3) == 5)
      #expect(head.fields.firstIndex(named: "x-user", from: 6) == nil)
      #expect(head.fields.firstIndex(named: "x^y") == nil)
      #expect(head.fields.firstIndex(named: "x-us") == nil)
      #expect(head.fields.firstIndex(named: "") == nil)
      #expect(head.fields.firstIndex(named: "host") == 0)
      #expect(head.fields.firstIndex(named: "x-gone") == nil)
      #expect(head.fields.firstIndex(named: "x-gone", includingDropped: true) == 7)
      #expect(head.fields.firstIndex(named: "connection") == nil)
    }
  }

  @Test("Every field that is kept is written as one line, and lines of other shapes are brought into it")
  func shapes() {
    #expect(writtenFields("A: b\r\nC: d\r\n") == "A: b\r\nC: d\r\n")
    #expect(writtenFields("A:b\r\nC:  d\r\nE:\tf\r\nG: h \r\nI: j\r\n") == "A: b\r\nC: d\r\nE: f\r\nG: h\r\nI: j\r\n")
    #expect(writtenFields("A:\r\nB: \r\nC:  \r\nD: e\r\n") == "A: \r\nB: \r\nC: \r\nD: e\r\n")
    #expect(writtenFields("A: b c\td\r\n") == "A: b c\td\r\n")
    #expect(writtenFields("") == "")
  }

  @Test("Dropped fields are not written, wherever they stand")
  func drops() {
    withFields("A: 1\r\nCookie: 2\r\nB: 3\r\nCookie: 4\r\nC: 5\r\n") { head in
      head.fields.drop(.cookie)
      #expect(written { head.fields.write(into: &$0) } == "Host: a\r\nA: 1\r\nB: 3\r\nC: 5\r\n")
      head.fields.drop(at: 1)
      head.fields.drop(at: 5)
      #expect(written { head.fields.write(into: &$0) } == "Host: a\r\nB: 3\r\n")
      #expect(head.fields.first(.cookie) == 2)
      #expect(text(head.fields.value(at: 2)) == "2" && !head.fields[2].isKept)
      head.fields.drop(.via)
      head.fields.drop(.host)
      #expect(written { head.fields.write(into: &$0) } == "B: 3\r\n")
    }
  }

  @Test("What speaks of one connection, or of framing, is never written")
  func hopByHop() {
    for line in [
      "Connection: close\r\n", "Keep-Alive: 1\r\n", "Proxy-Connection: a\r\n", "TE: trailers\r\n", "Upgrade: a\r\n",
      "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Trailer: x\r\n",
      "Connection: trailer\r\nTrailer: x\r\n",
    ] { #expect(writtenFields("A: b\r\n\(line)C: d\r\n") == "A: b\r\nC: d\r\n") }
  }

  @Test("Trailer is written where the body is chunked, unless Connection names it")
  func trailer() {
    #expect(writtenFields("Trailer: x\r\nTransfer-Encoding: chunked\r\n") == "Trailer: x\r\n")
    #expect(writtenFields("Trailer: x\r\nTransfer-Encoding: chunked\r\nConnection: trailer\r\n") == "")
  }
}
