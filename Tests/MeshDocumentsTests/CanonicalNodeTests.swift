import Testing
import WeftTestKit
import Yams

@testable import MeshDocuments

@Suite("Documents read back from their JSON")
struct CanonicalNodeTests {
  /// As the parser of all of YAML reads it; nil where that is not one document.
  private func parsed(_ json: [UInt8]) -> Node? {
    let issues = IssueList()
    let source = DocumentSource(name: "p", bytes: json)
    let roots = YAMLStream.documents(source, issues, mayHaveAliases: false)
    return roots.count == 1 && !issues.hasErrors ? roots[0] : nil
  }

  /// All that is ever asked of a node, but for its place.
  private func text(_ node: Node?) -> String {
    switch node {
    case .scalar(let scalar)?: "\(PlainScalar.isImplicit(scalar) ? "plain" : "text") \(scalar.string.debugDescription)"
    case .mapping(let mapping)?: "{" + mapping.map { text($0) + ": " + text($1) }.joined(separator: ", ") + "}"
    case .sequence(let sequence)?: "[" + sequence.map { text($0) }.joined(separator: ", ") + "]"
    case .alias?: "alias"
    case nil: "nothing"
    }
  }

  private func isPlainTag(_ node: Node) -> Bool {
    Field(node: node, path: "", file: "p", issues: IssueList()).isPlainTag
  }

  /// Texts with all that has to be written in another way, and what looks like YAML.
  private static let pieces = [
    "a", "web", "\"", "\\", "\n", "\t", "\0", "\u{7f}", "\u{85}", "\u{2028}", "\u{feff}", "é", "😀", " ", "*x", ": ",
    "# ", "-", "{",
  ]

  private func value(_ random: inout SplitMix64, _ depth: Int) -> String {
    func text(_ random: inout SplitMix64) -> String {
      let text = (0..<Int(random.next() % 5)).map { _ in Self.pieces[Int(random.next() % UInt64(Self.pieces.count))] }
        .joined()
      let escaped = text.unicodeScalars.map { scalar in
        scalar.isASCII && scalar.value >= 0x20 && scalar != "\"" && scalar != "\\" && scalar.value < 0x7f
          ? String(scalar)
          : "\\U" + String(repeating: "0", count: 8 - String(scalar.value, radix: 16).count)
            + String(scalar.value, radix: 16)
      }
      return "\"" + escaped.joined() + "\""
    }
    switch random.next() % (depth > 3 ? 4 : 6) {
    case 0, 1: return text(&random)
    case 2: return ["1", "-1.50", "1e3", "0", "99999999999999999999", "0x1F"][Int(random.next() % 6)]
    case 3: return ["true", "null", "off", "~", "{}", "[]"][Int(random.next() % 6)]
    case 4:
      let pairs = (0..<Int(random.next() % 4)).map { index in "k\(index): \(value(&random, depth + 1))" }
      return "{" + pairs.joined(separator: ", ") + "}"
    default:
      return "[" + (0..<Int(random.next() % 4)).map { _ in value(&random, depth + 1) }.joined(separator: ", ") + "]"
    }
  }

  @Test("are what the parser of all of YAML makes of it: 2,000 seeded documents", arguments: [1, 2] as [UInt64])
  func agreement(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    for _ in 0..<1_000 {
      let yaml = "{a: \(value(&random, 0)), b: \(value(&random, 0))}"
      let root = try #require(parsed(Array(yaml.utf8)), "\(yaml)")
      let field = Field(node: root, path: "", file: "p", issues: IssueList())
      let json = try #require(CanonicalJSON.bytes(of: field, limit: .max), "\(yaml)")
      guard let read = CanonicalNode.read(json) else {
        #expect(
          String(decoding: json, as: UTF8.self).contains("\"\\ufeff"),
          "what starts with a mark is left to the parser"
        )
        continue
      }
      #expect(text(read) == text(parsed(json)))
      #expect(isPlainTag(read))
    }
  }

  @Test(
    "are left to the parser in any other form",
    arguments: [
      "", "{", "{\"a\":1", "{\"a\":1}x", "{\"a\": 1}", "{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":2}", "{a:1}", "[1,]", "[-]",
      "\"\\x41\"", "\"\\u12\"", "\"\\ud800\"", "\"\u{2028}\"", "\"a\u{85}\\nb\"", "\"a\tb\"", "'a'", "[[1]", "\"a",
      "\"a\\",
      String(repeating: "[", count: 70) + String(repeating: "]", count: 70),
    ]
  )
  func other(json: String) { #expect(CanonicalNode.read(Array(json.utf8)) == nil) }

  @Test("Damaged bytes are read as the parser reads them, or left to it: 20,000 seeded mutations")
  func damage() {
    let json = Array(#"{"a":["x\n\"y",1,true,{"b":null}],"c":"d"}"#.utf8)
    var random = SplitMix64(seed: 5)
    for _ in 0..<20_000 {
      var bytes = json
      for _ in 0...Int(random.next() % 2) {
        bytes[Int(random.next() % UInt64(bytes.count))] = json[Int(random.next() % UInt64(json.count))]
      }
      guard let read = CanonicalNode.read(bytes) else { continue }
      #expect(text(read) == text(parsed(bytes)), "\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
