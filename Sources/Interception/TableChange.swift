/// The one transaction that takes a table from what it holds to what it shall hold of ours.
///
/// `iptables-restore --noflush` commits a table whole, in both back ends: no packet sees a chain flushed and not yet
/// refilled. Jumps that are right already are not touched, so they keep their place among others' rules.
struct TableChange {
  private let table: String
  private let rewritten: [OwnRules.Chain]
  private let obsolete: [String]
  private let removedJumps: [OwnRules.Jump]
  private let addedJumps: [OwnRules.Jump]

  init(from saved: SavedTable, to wanted: OwnRules) {
    let present = OwnRules(saved)
    table = saved.name
    rewritten = wanted.chains.filter { chain in
      !present.chains.contains { $0.name == chain.name && Self.same($0.specifications, chain.specifications) }
    }
    obsolete = present.chains.map(\.name).filter { name in !wanted.chains.contains { $0.name == name } }
    var kept = present.jumps
    var added: [OwnRules.Jump] = []
    for jump in wanted.jumps {
      if let index = kept.firstIndex(where: { Self.same($0, jump) }) {
        kept.remove(at: index)
      } else {
        added.append(jump)
      }
    }
    removedJumps = kept
    addedJumps = added
  }

  /// Nothing to do.
  var isEmpty: Bool { rewritten.isEmpty && obsolete.isEmpty && removedJumps.isEmpty && addedJumps.isEmpty }

  /// Input for `iptables-restore --noflush`; empty where there is nothing to do.
  var restoreText: String {
    guard !isEmpty else { return "" }
    var lines = ["*\(table)"]
    // Declaring a chain that exists empties it.
    lines += (rewritten.map(\.name) + obsolete).map { ":\($0) - [0:0]" }
    lines += removedJumps.map { "-D \($0.hook) \($0.specification)" }
    for chain in rewritten { lines += chain.specifications.map { "-A \(chain.name) \($0)" } }
    // Those that go first are put there last one first, so that they end in the order of the plan.
    lines += addedJumps.filter { $0.position == nil }.reversed().map { "-I \($0.hook) 1 \($0.specification)" }
    lines += addedJumps.compactMap { jump in jump.position.map { "-I \(jump.hook) \($0) \(jump.specification)" } }
    lines += obsolete.map { "-X \($0)" }
    return (lines + ["COMMIT", ""]).joined(separator: "\n")
  }

  /// What is not as wanted, one line each, for people.
  var differences: [String] {
    rewritten.map { "table \(table): chain \($0.name) differs or is missing" }
      + obsolete.map { "table \(table): chain \($0) should not be there" }
      + removedJumps.map { "table \(table): a rule in \($0.hook) should not be there: \($0.specification)" }
      + addedJumps.map { "table \(table): a rule in \($0.hook) is missing: \($0.specification)" }
  }

  private static func same(_ one: [String], _ other: [String]) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy(RuleText.same)
  }

  private static func same(_ one: OwnRules.Jump, _ other: OwnRules.Jump) -> Bool {
    one.hook == other.hook && RuleText.same(one.specification, other.specification)
  }
}
