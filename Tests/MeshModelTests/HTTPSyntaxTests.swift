import MeshModel
import Testing

@Suite("The syntax of requests in documents")
struct HTTPSyntaxTests {
  @Test(
    "takes paths in their shortest form",
    arguments: [
      ("/", nil), ("/a/b/", nil), ("/a%20b", nil), ("/a;b=(c)@d:e", nil), ("", "does not start with"),
      ("a", "does not start with"), ("//", "holds \"//\""), ("/a/./b", "holds \"/./\""),
      ("/a/../b", "holds \"/../\""), ("/a/..", "ends in \"/..\""), ("/a%2fb", "holds an encoded slash"),
      ("/a%", "two hexadecimal digits"), ("/a%4", "two hexadecimal digits"), ("/a b", "must encode"),
      ("/\u{e9}", "must encode"), ("/a?b", "more than a path"), ("/a#b", "more than a path"),
      ("/" + String(repeating: "a", count: 1_024), "longer than the 1024 bytes"),
    ] as [(String, String?)]
  )
  func paths(text: String, problem: String?) {
    #expect(HTTPSyntax.pathProblem(text).map { $0.contains(problem ?? "?") } ?? (problem == nil))
  }

  @Test(
    "takes tokens for header fields, and no framing ones to change",
    arguments: [
      ("x-user", true, true), ("X_Y!#$%&'*+.^`|~9", true, true), ("", false, false), ("a b", false, false),
      ("a:", false, false), ("\u{e9}", false, false), ("Host", true, false), ("content-length", true, false),
      ("Transfer-Encoding", true, false), ("Connection", true, false), ("te", true, false), ("Upgrade", true, false),
      (String(repeating: "a", count: 257), false, false),
    ]
  )
  func names(text: String, isName: Bool, mayChange: Bool) {
    #expect((HTTPSyntax.fieldNameProblem(text) == nil) == isName)
    #expect((HTTPSyntax.editedNameProblem(text) == nil) == mayChange)
  }

  @Test(
    "takes values without control characters and without spaces around them",
    arguments: [
      ("a b\tc", true), ("", true), ("\u{e9}", true), (" a", false), ("a\t", false), ("a\r\nb: c", false),
      ("a\u{0}", false), ("\u{7f}", false), (String(repeating: "a", count: 4_097), false),
    ]
  )
  func values(text: String, isRight: Bool) { #expect((HTTPSyntax.fieldValueProblem(text) == nil) == isRight) }

  @Test(
    "takes names for hosts, in lower case, without a port",
    arguments: [
      ("web", true, true), ("web.shop.svc", true, true), ("*.web", false, true), ("*", false, false),
      ("*web", false, false), ("a.*.b", false, false), ("Web", false, false), ("web.", false, false),
      ("web:80", false, false), ("10.0.0.1", false, false), ("*.10.0.0.1", false, false), ("", false, false),
    ]
  )
  func hosts(text: String, isName: Bool, isWild: Bool) {
    #expect((HTTPSyntax.hostnameProblem(text) == nil) == isName)
    #expect((HTTPSyntax.hostnameProblem(text, mayBeWild: true) == nil) == isWild)
  }

  @Test("takes patterns of at most 1 KiB")
  func patterns() {
    #expect(HTTPSyntax.patternProblem("a.*") == nil)
    for text in ["", "a\u{0}", String(repeating: "a", count: 1_025)] {
      #expect(HTTPSyntax.patternProblem(text) != nil)
    }
  }
}
