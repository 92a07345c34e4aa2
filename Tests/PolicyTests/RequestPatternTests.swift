@testable import Policy
import Testing

@Suite("A pattern")
struct RequestPatternTests {
  private let scratch = PatternScratch()

  private func match(_ text: String, _ subject: String) throws -> PatternOutcome {
    let pattern = try #require(PathPattern(text))
    return Array(subject.utf8).withUnsafeBytes { pattern.match($0, scratch) }
  }

  @Test(
    "must match the whole text",
    arguments: [
      ("a|ab", "ab", PatternOutcome.matches), ("b", "ab", .no), ("a", "ab", .no), ("^a$", "a", .matches),
      ("a$", "a\n", .no),
      ("", "", .matches), ("a*", "", .matches), ("a", "", .no), ("(?i)ABC", "abc", .matches), ("ABC", "abc", .no),
      ("(?P<id>[0-9]+)", "42", .matches), ("[[:alpha:]]+", "ab", .matches), (".", "\n", .no), ("..", "é", .matches),
      ("a(?=b)", "ab", .no), ("\\Qa.b\\E", "a.b", .matches), ("(a)(b)(c)(d)", "abcd", .matches),
    ]
  )
  func wholeText(_ text: String, _ subject: String, _ expected: PatternOutcome) throws {
    #expect(try match(text, subject) == expected)
  }

  @Test("without working memory fails rather than that it matches, or ends the process")
  func withoutMemory() throws {
    let pattern = try #require(PathPattern("a*"))
    let outcome = Array("a".utf8).withUnsafeBytes { pattern.match($0, PatternScratch(nil)) }
    #expect(outcome == .failed)
  }

  @Test(
    "that explodes is stopped, and says that it failed rather than that it did not match",
    arguments: ["(a+)+b", "(a|aa)+b", "(.*)(.*)(.*)b", "(?:a?){100}b", "(a*)*b"]
  )
  func explosion(_ text: String) throws {
    #expect(try match(text, String(repeating: "a", count: 8_000)) == .failed)
    // The scratch is as good as new.
    #expect(try match("a+", "aaa") == .matches)
  }

  @Test("that is honest has steps enough for the longest target")
  func honest() throws {
    let path = String(repeating: "/segment", count: 1_000)
    #expect(try match("/.*/segment", path) == .matches)
    #expect(try match(".*x", path) == .no)
    #expect(try match("(/[a-z]+)*", path) == .matches)
  }

  @Test(
    "that cannot be compiled says where and why",
    arguments: ["(a", "[", "a{2,1}", "*a", "(?<n", "\\C", "(*UTF)a", "\\"]
  )
  func problems(_ text: String) throws {
    #expect(PathPattern(text) == nil)
    let problem = try #require(PathPattern.problem(text))
    #expect(problem.hasPrefix("is not a regular expression: ") && problem.contains(" at offset "), "\(problem)")
  }

  @Test("that is too long, or not ASCII, is refused before it is compiled")
  func refused() throws {
    #expect(PathPattern.problem(String(repeating: "a", count: 1_024)) == nil)
    #expect(PathPattern.problem(String(repeating: "a", count: 1_025)) == "has 1025 bytes, more than the 1024 allowed")
    let odd = "has a character that is not ASCII at offset 1; write its bytes as \\xHH"
    #expect(PathPattern.problem("aé") == odd && PathPattern.problem("a\u{0}") == odd)
    #expect(PathPattern("aé") == nil)
  }

  @Test("that is right has no problem", arguments: ["/v[0-9]+/.*", "", "(?i)x", "\\xC3\\xA9"])
  func right(_ text: String) {
    #expect(PathPattern.problem(text) == nil && PathPattern(text) != nil)
  }
}
