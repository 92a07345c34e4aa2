/// One table as `iptables-save -c` prints it: everyone's rules, ours among them.
struct SavedTable: Equatable, Sendable {
  let name: String
  var chains: [String] = []
  var rules: [SavedRule] = []

  init(name: String) { self.name = name }

  /// The rules of one chain, in order.
  func rules(of chain: String) -> [SavedRule] { rules.filter { $0.chain == chain } }
}

/// One rule of the kernel and how often it matched.
struct SavedRule: Equatable, Sendable {
  let chain: String
  /// What follows `-A CHAIN `, as printed.
  let specification: String
  let packets: UInt64
  let bytes: UInt64

  /// Whether the rule is ours or leads to a chain of ours.
  var isOurs: Bool { chain.hasPrefix(ChainName.prefix) || jump?.hasPrefix(ChainName.prefix) == true }

  /// The chain or target that the rule leads to.
  var jump: String? { RuleText.words(specification).drop { $0 != "-j" && $0 != "-g" }.dropFirst().first }

  /// The text of its comment.
  var comment: String? { RuleText.words(specification).drop { $0 != "--comment" }.dropFirst().first }
}

extension SavedTable {
  /// Reads all tables of a save; lines that are neither table, chain nor rule (comments, COMMIT) are passed over.
  static func read(_ text: String) -> [SavedTable] {
    var tables: [SavedTable] = []
    for line in text.split(separator: "\n") {
      guard let first = line.first else { continue }
      if first == "*" {
        tables.append(SavedTable(name: String(line.dropFirst())))
      } else if tables.isEmpty {
        continue
      } else if first == ":" {
        let name = line.dropFirst().prefix { $0 != " " }
        tables[tables.count - 1].chains.append(String(name))
      } else if let rule = SavedRule(line) {
        tables[tables.count - 1].rules.append(rule)
      }
    }
    return tables
  }
}

extension SavedRule {
  /// Parses `[packets:bytes] -A CHAIN specification`, the counters optional.
  init?(_ line: Substring) {
    var rest = line
    var counters: [UInt64] = [0, 0]
    if rest.first == "[", let end = rest.firstIndex(of: "]") {
      counters = rest[rest.index(after: rest.startIndex)..<end].split(separator: ":").compactMap { UInt64($0) }
      rest = rest[rest.index(after: end)...].drop { $0 == " " }
    }
    guard counters.count == 2, rest.hasPrefix("-A ") else { return nil }
    let words = rest.dropFirst(3).split(separator: " ", maxSplits: 1)
    guard let chain = words.first else { return nil }
    self.init(
      chain: String(chain),
      specification: words.count == 2 ? String(words[1]) : "",
      packets: counters[0],
      bytes: counters[1]
    )
  }
}
