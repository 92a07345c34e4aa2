import MeshDocuments
import MeshModel
import Testing

@Suite("Matches of HTTPRoute documents")
struct RouteMatchReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: a}}]}]}"#,
        [
          #"p.yaml:4:95: spec.rules[0].matches[0].path.value: "a" does not start with "/""#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: //a}}]}]}"#,
        [
          #"p.yaml:4:95: spec.rules[0].matches[0].path.value: "//a" holds "//", which no request has"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: /a/../b}}]}]}"#,
        [
          #"p.yaml:4:95: spec.rules[0].matches[0].path.value: "/a/../b" holds "/../", which no request has"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: /a/.}}]}]}"#,
        [
          #"p.yaml:4:95: spec.rules[0].matches[0].path.value: "/a/." ends in "/.", which no request has"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: /a%2Fb}}]}]}"#,
        [
          #"p.yaml:4:95: spec.rules[0].matches[0].path.value: "/a%2Fb" holds an encoded slash, which no request may have"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: '/a?b'}}]}]}"#,
        [
          ##"p.yaml:4:95: spec.rules[0].matches[0].path.value: "/a?b" is more than a path: it has "?" or "#""##
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: '/a b'}}]}]}"#,
        [
          #"p.yaml:4:95: spec.rules[0].matches[0].path.value: "/a b" holds a character that a path must encode (RFC 3986 section 3.3)"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {value: /a%zz}}]}]}"#,
        [
          #"p.yaml:4:95: spec.rules[0].matches[0].path.value: "/a%zz" has a "%" without two hexadecimal digits"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {type: Prefix, value: /a}}]}]}"#,
        [
          #"p.yaml:4:94: spec.rules[0].matches[0].path.type: "Prefix" is no type of match; known here: Exact, PathPrefix, RegularExpression"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {type: RegularExpression}}]}]}"#,
        [
          "p.yaml:4:87: spec.rules[0].matches[0].path: value is missing; wanted is value: ..."
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{path: {type: RegularExpression, value: ''}}]}]}"#,
        [
          #"p.yaml:4:120: spec.rules[0].matches[0].path.value: "" is empty"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{method: get}]}]}"#,
        [
          #"p.yaml:4:89: spec.rules[0].matches[0].method: "get" is no method that Gateway API matches; did you mean "GET"?"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{headers: [{name: a}]}]}]}"#,
        [
          "p.yaml:4:91: spec.rules[0].matches[0].headers[0]: value is missing; wanted is value: ..."
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{headers: [{name: 'a b', value: c}]}]}]}"#,
        [
          #"p.yaml:4:98: spec.rules[0].matches[0].headers[0].name: "a b" is not a header field's name (a token of RFC 9110)"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{headers: [{name: a, value: b}, {name: A, value: c}]}]}]}"#,
        [
          #"p.yaml:4:112: spec.rules[0].matches[0].headers[1]: "a" is given twice; write one match for it"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{headers: [{name: a, value: ''}]}]}]}"#,
        [
          #"p.yaml:4:108: spec.rules[0].matches[0].headers[0].value: "" is empty"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{headers: [{name: a, value: 1}]}]}]}"#,
        [
          "p.yaml:4:108: spec.rules[0].matches[0].headers[0].value: 1 is a number, not text; put it in quotes"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{queryParams: [{name: a, value: b}, {name: a, value: c}]}]}]}"#,
        [
          #"p.yaml:4:116: spec.rules[0].matches[0].queryParams[1]: "a" is given twice; write one match for it"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{headers: [{name: a, value: b, type: Regex}]}]}]}"#,
        [
          #"p.yaml:4:117: spec.rules[0].matches[0].headers[0].type: "Regex" is no type of match; known here: Exact, RegularExpression"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{matches: [{cookies: []}]}]}"#,
        [
          "p.yaml:4:81: spec.rules[0].matches[0].cookies: unknown field; known here: path, headers, queryParams, method"
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("HTTPRoute", body, for: expected)
  }

  private func only(_ match: String) throws -> HTTPRoute.Match {
    let text = document(
      "HTTPRoute",
      "spec: {parentRefs: [{group: '', kind: Service, name: web}], rules: [{matches: [{\(match)}]}]}"
    )
    let reading = read(text)
    #expect(reading.errors.isEmpty, "\(reading.issues)")
    return try #require(reading.snapshot?.mesh.routes.first?.rules.first?.matches.first)
  }

  @Test("compare a path as a prefix, and with /, where nothing else is said")
  func defaults() throws {
    #expect(try only("") == HTTPRoute.Match())
    #expect(try only("path: {}").path == .prefix("/"))
    #expect(try only("path: {value: /a/b/}").path == .prefix("/a/b/"))
    #expect(try only("path: {type: Exact, value: '/a%20b;c=(d)'}").path == .exact("/a%20b;c=(d)"))
    #expect(try only("path: {type: RegularExpression, value: 'a.*'}").path == .regex("a.*"))
  }

  @Test("have header names in lower case, and query parameters as they are")
  func names() throws {
    let match = try only(
      "headers: [{name: X-A, value: B}], queryParams: [{name: Q, value: v, type: RegularExpression}]"
    )
    #expect(match.headers == [.init(name: "x-a", value: "B")])
    #expect(match.query == [.init(name: "Q", value: "v", isRegex: true)])
  }

  @Test(
    "are refused where a pattern cannot be compiled, for it would never match",
    arguments: [
      ("matches: [{path: {type: RegularExpression, value: /(b}}]", "missing closing parenthesis at offset 3"),
      ("matches: [{headers: [{name: a, type: RegularExpression, value: '[a'}]}]", "missing terminating ]"),
      ("matches: [{queryParams: [{name: a, type: RegularExpression, value: 'a{2,1}'}]}]", "out of order"),
    ]
  )
  func pattern(_ rule: String, _ problem: String) throws {
    let text = document(
      "HTTPRoute",
      "spec: {parentRefs: [{group: '', kind: Service, name: web}], rules: [{\(rule)}]}"
    )
    let issue = try #require(read(text).errors.first)
    #expect(issue.message.contains(" is not a regular expression: ") && issue.message.contains(problem), "\(issue)")
    #expect(issue.line == 4 && issue.column > 80 && issue.field.hasSuffix(".value"), "\(issue)")
  }

  @Test("show no more of a text than a line bears")
  func long() {
    let path = "/" + String(repeating: "a", count: 1_024)
    let text = document(
      "HTTPRoute",
      "spec: {parentRefs: [{group: '', kind: Service, name: web}], rules: [{matches: [{path: {value: \(path)}}]}]}"
    )
    #expect(read(text).errors.map(\.message) == ["\"\(path.prefix(100))...\" is longer than the 1024 bytes allowed"])
  }
}
