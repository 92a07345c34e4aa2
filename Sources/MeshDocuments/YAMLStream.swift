internal import Foundation
internal import Yams

/// Splits a file into YAML documents, with every way it can fail turned into an issue.
enum YAMLStream {
  /// Aliases a file may use. Aliases of aliases multiply (a "billion laughs" file); with eight, what a file
  /// expands to is less than twenty times the file.
  static let maxAliases = 8

  /// The roots of all documents up to the first error of syntax; empty documents are left out. Where it is known that
  /// there are no aliases, `mayHaveAliases` spares texts that look like them.
  static func documents(_ source: DocumentSource, _ issues: IssueList, mayHaveAliases: Bool = true) -> [Node] {
    guard source.bytes.count <= DocumentSource.maxBytes else {
      issues.error(source.name, "has more than the \(DocumentSource.maxBytes) bytes allowed")
      return []
    }
    guard let text = String(validating: source.bytes, as: UTF8.self) else {
      issues.error(source.name, "is not UTF-8 text")
      return []
    }
    guard !mayHaveAliases || aliasesAtMost(source.bytes) <= maxAliases else {
      issues.error(source.name, "uses more than \(maxAliases) YAML aliases (*name); write the values out")
      return []
    }
    var roots: [Node] = []
    do {
      // Without resolver rules every plain value stays the text it is: its kind is judged in PlainScalar.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      while let root = try parser.nextRoot() {
        if let scalar = root.scalar, scalar.style == .plain, scalar.string.isEmpty { continue }
        roots.append(root)
      }
    } catch let error as YamlError {
      report(error, text, source.name, issues)
    } catch {
      issues.error(source.name, "cannot be read as YAML: \(error)")
    }
    return roots
  }

  /// At least as many as the file has aliases: each `*` that stands where one can start. It is counted in
  /// bytes before parsing, since the parser itself hashes what aliases stand for.
  private static func aliasesAtMost(_ bytes: [UInt8]) -> Int {
    var count = 0
    for index in bytes.indices where bytes[index] == UInt8(ascii: "*") {
      let before = index > 0 ? bytes[index - 1] : UInt8(ascii: "\n")
      let after = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "\n")
      let opens = before <= UInt8(ascii: " ") || "[{,:?-".utf8.contains(before)
      if opens, after > UInt8(ascii: " "), after != UInt8(ascii: "*") { count += 1 }
    }
    return count
  }

  private static func report(_ error: YamlError, _ text: String, _ file: String, _ issues: IssueList) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      // libyaml's words for this name a function of its own.
      if problem.contains("Maximum nesting level") {
        let words = "is nested too deeply: more than 1,000 lists and objects within each other"
        return issues.error(file, words, line: mark.line, column: mark.column)
      }
      let origin = context.map { " (\($0.text), which began at \($0.mark.line):\($0.mark.column))" } ?? ""
      issues.error(file, "not YAML: \(problem)\(origin)", line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.map { "\"\($0)\"" }.joined(separator: ", ")
      issues.error(
        file,
        "\(names) is given more than once in one object; this is the first",
        line: context.mark.line,
        column: context.mark.column
      )
    case .reader(let problem, let offset, _, _):
      let (line, column) = place(of: offset ?? 0, in: text)
      issues.error(file, "not YAML: \(problem)", line: line, column: column)
    default:
      issues.error(file, "cannot be read as YAML: \(error)")
    }
  }

  /// Line and column, from 1, of a character of `text`.
  private static func place(of offset: Int, in text: String) -> (line: Int, column: Int) {
    let before = text.prefix(offset)
    let line = before.count(where: \.isNewline) + 1
    let lastLine = before.lastIndex(where: \.isNewline).map { before[before.index(after: $0)...] } ?? before
    return (line, lastLine.unicodeScalars.count + 1)
  }
}
