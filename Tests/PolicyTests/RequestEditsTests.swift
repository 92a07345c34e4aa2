import HTTP1
import MeshModel
import Policy
import Testing

@Suite("A rule changes")
struct RequestEditsTests {
  /// The fields of a request behind the edits of `filters`, Host left out.
  private func edited(_ filters: [HTTPRoute.HeaderEdits], _ headers: [(String, String)]) throws -> String {
    let probe = try RequestProbe(rules: [.init(filters: filters.map { .requestHeaders($0) })])
    let fields = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
    let bytes = Array("GET / HTTP/1.1\r\nHost: web\r\n\(fields)\r\n".utf8)
    let edits = probe.table.rules[0].requestEdits
    return bytes.withUnsafeBytes { bytes in
      var head = RequestHead()
      _ = head.parse(bytes)
      head.fields.drop(.host)
      edits.drop(from: &head.fields)
      return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { buffer in
        var writer = HeadWriter(buffer)
        head.fields.write(into: &writer)
        edits.appended.withUnsafeBytes { writer.put($0) }
        return String(decoding: writer.written, as: UTF8.self)
      }
    }
  }

  @Test("header fields: set replaces all, add leaves what was there, remove takes all")
  func edits() throws {
    let headers = [("A", "1"), ("a", "2"), ("B", "3"), ("c", "4"), ("C", "5"), ("d", "6")]
    let edits = HTTPRoute.HeaderEdits(
      set: [.init("a", "x"), .init("new", "y")],
      add: [.init("b", "z")],
      remove: ["c", "absent"]
    )
    #expect(try edited([edits], headers) == "B: 3\r\nd: 6\r\na: x\r\nnew: y\r\nb: z\r\n")
  }

  @Test("header fields filter by filter, so a later one sees what an earlier one made")
  func several() throws {
    let first = HTTPRoute.HeaderEdits(set: [.init("a", "1"), .init("b", "1")], add: [.init("c", "1")])
    let second = HTTPRoute.HeaderEdits(set: [.init("a", "2")], add: [.init("b", "2")], remove: ["c"])
    #expect(try edited([first, second], [("c", "0")]) == "b: 1\r\na: 2\r\nb: 2\r\n")
    #expect(try edited([.init(set: [.init("a", "1")], remove: ["a"])], [("a", "0")]) == "")
  }

  @Test(
    "no header field of framing or of the connection, and none that would be two lines",
    arguments: [
      ("content-length", "5"), ("transfer-encoding", "chunked"), ("connection", "close"), ("upgrade", "x"),
      ("x", "1\r\ny: 2"), ("x\r\ny", "1"), ("x:", "1"), ("", "1"), ("x y", "1"), ("x", "a\u{0}b"), ("x", "a\u{7f}"),
    ]
  )
  func refused(_ name: String, _ value: String) throws {
    #expect(try edited([.init(set: [.init(name, value)], add: [.init(name, value)])], [("a", "1")]) == "a: 1\r\n")
    #expect(try edited([.init(remove: ["connection", "content-length"])], [("a", "1")]) == "a: 1\r\n")
  }

  @Test("the host, by a rewrite or by setting Host, but not the Host field itself")
  func hostname() throws {
    let set = try RequestProbe(rules: [.init(filters: [.requestHeaders(.init(set: [.init("host", "b.test")]))])]).table
    #expect(set.rules[0].hostname == Array("b.test".utf8) && set.rules[0].requestEdits.isEmpty)
    let rewrite = try RequestProbe(rules: [.init(filters: [.rewrite(hostname: "c.test", path: nil)])]).table
    #expect(rewrite.rules[0].hostname == Array("c.test".utf8) && rewrite.rules[0].path == nil)
    let split = try RequestProbe(rules: [.init(filters: [.rewrite(hostname: "c\r\n", path: nil)])]).table
    #expect(split.rules[0].hostname == nil)
  }

  private func rewritten(_ path: String, _ match: HTTPRoute.Match, _ edit: HTTPRoute.PathEdit) throws -> String? {
    let probe = try RequestProbe(rules: [.init(matches: [match], filters: [.rewrite(hostname: nil, path: edit)])])
    guard let edit = probe.table.rules[0].path else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { buffer in
      var writer = HeadWriter(buffer)
      Array(path.utf8).withUnsafeBytes { edit.write($0, into: &writer) }
      return String(decoding: writer.written, as: UTF8.self)
    }
  }

  @Test(
    "the prefix of a path as Gateway API's table has it",
    arguments: [
      ("/foo/bar", "/foo", "/xyz", "/xyz/bar"), ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
      ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"), ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
      ("/foo", "/foo", "/xyz", "/xyz"), ("/foo/", "/foo", "/xyz", "/xyz/"), ("/foo/bar", "/foo", "", "/bar"),
      ("/foo/", "/foo", "", "/"), ("/foo", "/foo", "", "/"), ("/foo/", "/foo", "/", "/"), ("/foo", "/foo", "/", "/"),
      // Beyond the table: the root as a prefix.
      ("/bar", "/", "/xyz", "/xyz/bar"), ("/", "/", "/xyz", "/xyz/"), ("/bar", "/", "/xyz/", "/xyz/bar"),
    ]
  )
  func prefix(_ path: String, _ prefix: String, _ replacement: String, _ expected: String) throws {
    #expect(try rewritten(path, .init(path: .prefix(prefix)), .replacePrefix(replacement)) == expected)
  }

  @Test("a whole path, and no prefix where the rule's matches have none in common")
  func wholePath() throws {
    #expect(try rewritten("/a/b", .init(path: .exact("/a/b")), .replaceFull("/x")) == "/x")
    #expect(try rewritten("/a/b", .init(path: .exact("/a/b")), .replaceFull("")) == "/")
    #expect(try rewritten("/a/b", .init(path: .exact("/a/b")), .replacePrefix("/x")) == nil)
    #expect(try rewritten("/a/b", .init(), .replaceFull("/x\r\n")) == nil)
  }

  private func location(_ redirect: HTTPRoute.Redirect, _ target: String, host: String, dialled: UInt16) throws
    -> String
  {
    let probe = try RequestProbe(rules: [.init(matches: [.init(path: .prefix("/a"))], filters: [.redirect(redirect)])])
    let compiled = try #require(probe.table.rules[0].redirect)
    return try probe.parse("GET", target, host: host) { head in
      withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { buffer in
        var writer = HeadWriter(buffer)
        compiled.writeLocation(of: head, dialled: dialled, into: &writer)
        return String(decoding: writer.written, as: UTF8.self)
      }
    }
  }

  @Test("nothing but the answer where it redirects: what it does not say is as in the request")
  func redirect() throws {
    #expect(try location(.init(), "/a?q=1", host: "web:80", dialled: 80) == "http://web/a?q=1")
    #expect(try location(.init(), "/a", host: "web:8080", dialled: 8080) == "http://web:8080/a")
    #expect(try location(.init(scheme: "https"), "/a", host: "web:8080", dialled: 8080) == "https://web/a")
    #expect(try location(.init(scheme: "http"), "/a", host: "web:8080", dialled: 8080) == "http://web/a")
    #expect(try location(.init(scheme: "https", port: 8443), "/a", host: "web", dialled: 80) == "https://web:8443/a")
    #expect(try location(.init(scheme: "https", port: 443), "/a", host: "web", dialled: 80) == "https://web/a")
    #expect(try location(.init(hostname: "x.test", port: 80), "/a?", host: "web", dialled: 81) == "http://x.test/a?")
    let prefix = HTTPRoute.Redirect(path: .replacePrefix("/b"))
    #expect(try location(prefix, "/a/c?q", host: "web", dialled: 80) == "http://web/b/c?q")
    #expect(try location(.init(path: .replaceFull("/b")), "/a/c?q", host: "web", dialled: 80) == "http://web/b?q")
    #expect(try location(.init(hostname: "x\r\ny"), "/a", host: "web", dialled: 80) == "http://web/a")
  }
}
