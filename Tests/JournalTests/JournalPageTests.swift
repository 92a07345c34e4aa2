import Foundation
import Journal
import Testing

/// docs/journal.md is an interface: people build queries on it.
@Suite struct JournalPageTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("docs/journal.md lists every event with its MESSAGE_ID, priority and importance", arguments: EventKind.allCases)
  func events(kind: EventKind) throws {
    let page = try Self.page()
    let row = "| `\(kind.name)` | `\(kind.messageID)` | \(kind.priority) | \(kind.importance) |"
    #expect(page.contains(row), "missing: \(row)")
  }

  @Test("docs/journal.md describes every WEFT_ field that the sources write")
  func fields() throws {
    let page = try Self.page()
    let sources = Self.root.appendingPathComponent("Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var names: Set<String> = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: /(?:append|open)\("(WEFT_[A-Z_]+)"/) { names.insert(String(match.1)) }
    }
    #expect(names.count > 20)
    for name in names.sorted() { #expect(page.contains("`\(name)`"), "undescribed: \(name)") }
  }

  private static func page() throws -> String {
    try String(contentsOf: root.appendingPathComponent("docs/journal.md"), encoding: .utf8)
  }
}
