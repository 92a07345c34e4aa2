import MeshModel
import Policy
import Testing

@Suite("A match")
struct RequestMatchTests {
  /// Whether a rule with this match takes a request.
  private func takes(
    _ match: HTTPRoute.Match,
    _ target: String = "/",
    method: String = "GET",
    _ headers: [(String, String)] = []
  ) throws -> Bool {
    try RequestProbe(rules: [.init(match)]).rule(target, method: method, headers) == 0
  }

  @Test(
    "of an exact path takes that path and nothing else",
    arguments: [
      ("/a", true), ("/a?x=/b", true), ("/a/", false), ("/A", false), ("/ab", false), ("/", false), ("/%61", false),
      ("/b/../a", false), ("//a", false), ("http://web/a", true), ("http://web", false),
    ]
  )
  func exactPath(_ target: String, _ expected: Bool) throws {
    #expect(try takes(.init(path: .exact("/a")), target) == expected)
  }

  @Test(
    "of a prefix takes whole segments, whether or not it ends in a slash",
    arguments: ["/a/b", "/a/b/"],
    [
      ("/a/b", true), ("/a/b/", true), ("/a/b/c", true), ("/a/b?q", true), ("/a/bc", false), ("/a", false),
      ("/", false),
      ("/a//b", false), ("/A/b", false), ("/x/a/b", false),
    ]
  )
  func prefix(_ prefix: String, _ target: (String, Bool)) throws {
    #expect(try takes(.init(path: .prefix(prefix)), target.0) == target.1)
  }

  @Test(
    "of the root, or of no path, takes every request",
    arguments: [HTTPRoute.PathMatch.prefix("/"), nil],
    [("GET", "/"), ("GET", "/x/y?z"), ("OPTIONS", "*"), ("GET", "http://web"), ("GET", "http://web?q")]
  )
  func everyPath(_ path: HTTPRoute.PathMatch?, _ request: (String, String)) throws {
    #expect(try takes(.init(path: path), request.1, method: request.0))
  }

  @Test("takes an absolute target without a path for /")
  func emptyPath() throws {
    #expect(try takes(.init(path: .exact("/")), "http://web?q"))
  }

  @Test(
    "of a regular expression takes what matches as a whole",
    arguments: [
      ("/v1/items", true), ("/v12/items", true), ("/v1/items/", false), ("/x/v1/items", false), ("/v/items", false),
    ]
  )
  func regexPath(_ target: String, _ expected: Bool) throws {
    #expect(try takes(.init(path: .regex("/v[0-9]+/items")), target) == expected)
  }

  @Test("whose pattern cannot be compiled never holds, and the next rule is asked")
  func badPattern() throws {
    let probe = try RequestProbe(rules: [
      .init(.init(path: .regex("/(a"))), .init(.init(headers: [.init(name: "x", value: "[", isRegex: true)])), .init(),
    ])
    #expect(try probe.rule("/(a", [("x", "[")]) == 2)
  }

  @Test("of a method compares its case, known or not")
  func method() throws {
    #expect(try takes(.init(method: "POST"), method: "POST"))
    #expect(try !takes(.init(method: "POST"), method: "GET"))
    #expect(try !takes(.init(method: "POST"), method: "post"))
    #expect(try takes(.init(method: "PURGE"), method: "PURGE"))
    #expect(try !takes(.init(method: "PURGE"), method: "PURGES"))
    #expect(try !takes(.init(method: "GET"), method: "PURGE"))
  }

  @Test(
    "of a header field finds its name in any case and compares its value exactly",
    arguments: [
      ([("X-User", "bob")], true), ([("x-user", "bob")], true), ([("x-user", "Bob")], false), ([("x-user", "")], false),
      ([("x-user", "bob2")], false), ([("x-users", "bob")], false), ([], false),
      ([("y", "1"), ("x-uSeR", "bob")], true),
      // Several values are one list, so a value that was added changes the whole.
      ([("x-user", "bob"), ("x-user", "eve")], false), ([("x-user", "eve"), ("x-user", "bob")], false),
    ]
  )
  func header(_ headers: [(String, String)], _ expected: Bool) throws {
    #expect(try takes(.init(headers: [.init(name: "x-user", value: "bob")]), headers) == expected)
  }

  private func takes(_ match: HTTPRoute.Match, _ headers: [(String, String)]) throws -> Bool {
    try takes(match, "/", method: "GET", headers)
  }

  @Test("of a header field that occurs several times sees the values joined by commas")
  func repeatedHeader() throws {
    let headers = [("x-role", "a"), ("other", "-"), ("X-Role", "b"), ("x-role", "c")]
    #expect(try takes(.init(headers: [.init(name: "x-role", value: "a,b,c")]), headers))
    #expect(try takes(.init(headers: [.init(name: "x-role", value: "a,[bx],c", isRegex: true)]), headers))
    #expect(try !takes(.init(headers: [.init(name: "x-role", value: "a", isRegex: true)]), headers))
    #expect(try !takes(.init(headers: [.init(name: "x-role", value: "a,b")]), headers))
  }

  @Test("of a header field does not see what Connection names, since that is not forwarded")
  func hopByHop() throws {
    let match = HTTPRoute.Match(headers: [.init(name: "x-user", value: "bob")])
    #expect(try !takes(match, [("x-user", "bob"), ("connection", "x-user")]))
  }

  @Test("of a header field by pattern takes what matches as a whole; no field is no empty value")
  func regexHeader() throws {
    let match = HTTPRoute.Match(headers: [.init(name: "x-user", value: "(bob|eve)?", isRegex: true)])
    #expect(try takes(match, [("x-user", "eve")]))
    #expect(try takes(match, [("x-user", "")]))
    #expect(try !takes(match, [("x-user", "eve2")]))
    #expect(try !takes(match, []))
  }

  @Test("of two entries with one name knows only the first")
  func sameName() throws {
    let match = HTTPRoute.Match(headers: [.init(name: "x", value: "1"), .init(name: "x", value: "2")])
    #expect(try takes(match, [("x", "1")]))
    #expect(try !takes(match, [("x", "2")]))
  }

  @Test(
    "of a query parameter sees the first of its name, as it was sent",
    arguments: [
      ("/?q=1", true), ("/?x=2&q=1", true), ("/?q=1&q=2", true), ("/?q=2&q=1", false), ("/?q=11", false),
      ("/?q", false),
      ("/?Q=1", false), ("/?qq=1", false), ("/?q=%31", false), ("/?%71=1", false), ("/", false), ("/?", false),
      ("/?q=1=1", false), ("/?&&q=1&", true), ("/q=1", false),
    ]
  )
  func query(_ target: String, _ expected: Bool) throws {
    #expect(try takes(.init(query: [.init(name: "q", value: "1")]), target) == expected)
  }

  @Test("of a query parameter by pattern takes what matches as a whole, an empty value too")
  func regexQuery() throws {
    let match = HTTPRoute.Match(query: [.init(name: "q", value: "[0-9]*", isRegex: true)])
    for (target, expected) in [("/?q=12", true), ("/?q=", true), ("/?q", true), ("/?q=1a", false), ("/?p=1", false)] {
      #expect(try takes(match, target) == expected, "\(target)")
    }
  }

  @Test("holds only where everything it asks for holds, and any match of a rule is enough")
  func combination() throws {
    let all = HTTPRoute.Match(
      path: .prefix("/a"),
      method: "PUT",
      headers: [.init(name: "h", value: "1")],
      query: [.init(name: "q", value: "1")]
    )
    #expect(try takes(all, "/a?q=1", method: "PUT", [("h", "1")]))
    #expect(try !takes(all, "/b?q=1", method: "PUT", [("h", "1")]))
    #expect(try !takes(all, "/a?q=1", method: "GET", [("h", "1")]))
    #expect(try !takes(all, "/a?q=1", method: "PUT", [("h", "2")]))
    #expect(try !takes(all, "/a?q=2", method: "PUT", [("h", "1")]))
    let either = try RequestProbe(rules: [.init(matches: [.init(path: .exact("/x")), .init(path: .exact("/y"))])])
    #expect(try either.rule("/x") == 0 && either.rule("/y") == 0 && either.rule("/z") == nil)
  }

  @Test("is made on the path that is forwarded, where that is another than came")
  func forwardedPath() throws {
    let probe = try RequestProbe(rules: [.init(.init(path: .prefix("/admin"))), .init()])
    let scratch = PatternScratch()
    let choice = try probe.parse("GET", "/x/../admin", host: "web") { head in
      Array("/admin".utf8).withUnsafeBytes { probe.table.route(0, head, path: $0, draw: 0, scratch: scratch) }
    }
    #expect(choice == .rule(0, backend: 0, backendEntry: -1))
    #expect(try probe.rule("/x/../admin") == 1)
  }
}
