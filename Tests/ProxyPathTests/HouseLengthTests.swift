import Testing

/// How long a file and a function may become before they are two.
@Suite struct HouseLengthTests {
  /// Lines of a source file: what is longer tells of more than one idea.
  static let sourceLines = 250
  /// Lines of a file of tests: scenes repeat what they set up, so that each can be read by itself.
  static let testLines = 300
  /// Lines of a function, its head and its brace included: what fits on a screen.
  static let functionLines = 80

  private static func files() throws -> [String] {
    try (SourceTree.swiftFiles("Sources") + SourceTree.swiftFiles("Tests")).filter { !$0.contains("/Generated/") }
  }

  @Test("No Swift file is longer than its kind may be")
  func files() throws {
    let files = try Self.files()
    #expect(files.count > 1_000)
    for file in files {
      let lines = try SourceTree.text(file).utf8.count { $0 == UInt8(ascii: "\n") }
      let limit = file.hasPrefix("Tests/") ? Self.testLines : Self.sourceLines
      #expect(lines <= limit, "\(file) has \(lines) lines: split it by idea")
    }
  }

  @Test("No function is longer than a screen")
  func functions() throws {
    var count = 0
    for file in try Self.files() {
      for function in try Self.functions(in: SourceTree.text(file)) {
        count += 1
        #expect(
          function.lines <= Self.functionLines,
          "\(file):\(function.line) \(function.lines) lines: \(function.head)"
        )
      }
    }
    #expect(count > 5_000, "they are found at all")
  }

  @Test("Functions are found from their heads to their braces")
  func found() {
    let found = Self.functions(
      in: """
        struct A {
          init() {}

          /// func no() {
          @inline(__always) private mutating func a<T>(
            _ t: T
          ) -> T {
            func inner() {
            }
          }
          func missing()
          var x: Int { 1 }
        }
        """
    )
    #expect(found.map { [$0.line, $0.lines] } == [[2, 1], [5, 6], [8, 2]])
  }

  /// One function, by the line its head begins on, counted from one.
  struct Function { let line: Int, lines: Int, head: Substring }

  /// The functions and initializers of a formatted file: each ends with the first brace at its head's indentation.
  static func functions(in text: String) -> [Function] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.compactMap { start -> Function? in
      let indent = lines[start].prefix { $0 == " " }
      guard isHead(lines[start].dropFirst(indent.count)) else { return nil }
      if lines[start].hasSuffix("}") { return Function(line: start + 1, lines: 1, head: lines[start]) }
      for end in lines[(start + 1)...].indices {
        let line = lines[end]
        guard !line.isEmpty, line.prefix(while: { $0 == " " }).count <= indent.count else { continue }
        // A head over several lines goes on there; everything else has no body.
        let rest = line.dropFirst(indent.count)
        if rest.hasPrefix(")") || rest.hasPrefix("where ") || rest.hasPrefix("-> ") || rest == "{" { continue }
        guard line == indent + "}" else { return nil }
        return Function(line: start + 1, lines: end - start + 1, head: lines[start])
      }
      return nil
    }
  }

  /// Whether a line without its indentation begins a function, whatever attributes and modifiers stand before it.
  private static func isHead(_ line: Substring) -> Bool {
    guard !line.hasPrefix("//") else { return false }
    for word in line.split(separator: " ") {
      if word == "func" || word.hasPrefix("init(") || word.hasPrefix("init?(") || word.hasPrefix("init<") {
        return true
      }
      guard word.hasPrefix("@") || modifiers.contains(word) else { return false }
    }
    return false
  }

  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private", "static", "class", "final", "override", "mutating",
    "nonmutating", "borrowing", "consuming", "nonisolated", "convenience", "required",
  ]
}
