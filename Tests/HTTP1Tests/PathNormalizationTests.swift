import HTTP1
import Testing
import WeftTestKit

@Suite struct PathNormalizationTests {
  private func normalize(_ path: String) -> (String, NormalizedPath) {
    Array(path.utf8).withUnsafeBytes { bytes in
      withUnsafeTemporaryAllocation(byteCount: max(1, bytes.count), alignment: 1) { buffer in
        let normalized = PathNormalization.normalize(bytes, into: buffer)
        return (text(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<normalized.count])), normalized)
      }
    }
  }

  @Test(
    "Paths are brought into one form",
    arguments: [
      // Nothing to do
      ("/", "/"), ("/a", "/a"), ("/a/", "/a/"), ("/a/b.c", "/a/b.c"), ("/a/.b", "/a/.b"), ("/a/..b", "/a/..b"),
      ("/a/b..", "/a/b.."), ("/a/...", "/a/..."), ("/~a/b_c-d", "/~a/b_c-d"), ("*", "*"), ("/a%20b", "/a%20b"),
      // Empty
      ("", "/"),
      // Slashes
      ("//", "/"), ("//a", "/a"), ("/a//b", "/a/b"), ("/a///b//", "/a/b/"),
      // Dot segments
      ("/.", "/"), ("/./", "/"), ("/..", "/"), ("/../", "/"), ("/../..", "/"), ("/a/.", "/a/"), ("/a/./b", "/a/b"),
      ("/a/..", "/"), ("/a/../", "/"), ("/a/../b", "/b"), ("/a/b/..", "/a/"), ("/a/b/../../c", "/c"),
      ("/a/b/../../../c", "/c"), ("/a/./../b", "/b"), ("/a//../b", "/b"), ("/a/.//./..//b", "/b"),
      // Escapes
      ("/%61", "/a"), ("/%41%5a%7e%2d%5F", "/AZ~-_"), ("/%c3%a4", "/%C3%A4"), ("/%2e", "/"), ("/%2E%2e/a", "/a"),
      ("/a/%2e%2e/b", "/b"), ("/a/.%2e/b", "/b"), ("/a/%2e./b", "/b"), ("/%252e%252e/a", "/%252e%252e/a"),
      ("/%3f%23", "/%3F%23"), ("/%25", "/%25"), ("/a%2fb", "/a%2Fb"), ("/a/..%2fb", "/a/..%2Fb"),
      // Malformed escapes do not become others
      ("/%", "/%"), ("/%4", "/%4"), ("/%zz", "/%zz"), ("/%%32e", "/%%32e"), ("/%2%65", "/%2%65"),
      ("/%%32%65%32%65", "/%%32e2e"), ("/%4%31/a", "/%4%31/a"),
    ]
  )
  func forms(path: String, expected: String) {
    let (normal, normalized) = normalize(path)
    #expect(normal == expected)
    #expect(normalized.isChanged == (normal != path))
  }

  @Test(
    "What no normalising makes safe is noted",
    arguments: [
      ("/a/b%20c", []), ("/a%2Fb", .encodedSlash), ("/a%2fb", .encodedSlash), ("/a%5Cb", .encodedBackslash),
      ("/a%5cb", .encodedBackslash), ("/a\\b", .backslash), ("/a%00", .encodedNUL), ("/a;b", .semicolon),
      ("/a/..;/b", .semicolon), ("/%", .malformedEscape), ("/%a", .malformedEscape), ("/%g0", .malformedEscape),
      ("/%2f%5c\\%00;%", [.encodedSlash, .encodedBackslash, .backslash, .encodedNUL, .semicolon, .malformedEscape]),
      ("/%252f", []), ("/a%3bb", []), ("/a;/../b", .semicolon),
    ] as [(String, PathHazards)]
  )
  func hazards(path: String, hazards: PathHazards) {
    #expect(normalize(path).1.hazards == hazards)
  }

  @Test("Normalising twice is the same as once, and leaves no dot segment, double slash or escaped letter")
  func twice() {
    var random = SplitMix64(seed: 4)
    let parts = [
      "/", "/", ".", "..", "%2e", "%2E", "%", "2", "e", "a", "%61", "%2f", "%5c", "\\", ";", "%25", "%4", "%00", "4",
    ]
    for _ in 0..<20_000 {
      var path = "/"
      for _ in 0..<Int.random(in: 0...12, using: &random) { path += parts.randomElement(using: &random) ?? "" }
      let (once, first) = normalize(path)
      let (again, second) = normalize(once)
      let segments = once.split(separator: "/", omittingEmptySubsequences: false)
      guard once == again, !second.isChanged, first.isChanged == (once != path), once.hasPrefix("/"),
        !segments.contains("."), !segments.contains(".."), !segments.dropFirst().dropLast().contains("")
      else {
        Issue.record("\(path) became \(once) and then \(again)")
        return
      }
    }
  }
}
