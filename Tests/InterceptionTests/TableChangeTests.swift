import Testing

@testable import Interception

@Suite("Changes between what a table holds and what it shall hold")
struct TableChangeTests {
  private let nat = OwnRules(RulePlan(CaptureOptions())[.v4][.nat] ?? TablePlan(.nat), .v4)

  private func table(_ lines: [String]) throws -> SavedTable {
    try #require(SavedTable.read((["*nat"] + lines + ["COMMIT"]).joined(separator: "\n")).first)
  }

  /// The table as it is after the plan was applied to one that held `others`.
  private func applied(others: [String] = []) throws -> SavedTable {
    let chains = nat.chains.map { ":\($0.name) - [0:0]" }
    let jumps = nat.jumps.map { "[5:300] -A \($0.hook) \($0.specification)" }
    let rules = nat.chains.flatMap { chain in chain.specifications.map { "[1:60] -A \(chain.name) \($0)" } }
    return try table([":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"] + chains + jumps + others + rules)
  }

  @Test("nothing is written where all is in place")
  func idempotent() throws {
    #expect(TableChange(from: try applied(), to: nat).isEmpty)
    #expect(TableChange(from: try applied(), to: nat).restoreText.isEmpty)
  }

  @Test("only chains that differ are rewritten, and jumps that are right keep their place")
  func minimal() throws {
    var options = CaptureOptions()
    options.excludeOutboundPorts = [.quic]
    let change = TableChange(from: try applied(), to: OwnRules(RulePlan(options)[.v4][.nat] ?? TablePlan(.nat), .v4))
    let lines = change.restoreText.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix(":") } == [":WEFT_SELECT - [0:0]"])
    #expect(!lines.contains { $0.hasPrefix("-I") || $0.hasPrefix("-D") || $0.hasPrefix("-X") })
  }

  @Test("removal names only what is ours")
  func removal() throws {
    let others = ["-A OUTPUT -p tcp -j MINE", "-A PREROUTING -m comment --comment \"see -j WEFT_X\" -j ACCEPT"]
    let lines = TableChange(from: try applied(others: others), to: OwnRules()).restoreText.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("-D") }.count == nat.jumps.count)
    #expect(Set(lines.filter { $0.hasPrefix("-X") }) == Set(nat.chains.map { "-X \($0.name)" }))
    #expect(!lines.contains { $0.contains("MINE") || $0.contains("see") })
  }

  @Test("a jump that stands twice is taken out once")
  func duplicates() throws {
    let twice = "-A OUTPUT \(nat.jumps[0].specification)"
    let lines = TableChange(from: try applied(others: [twice]), to: nat).restoreText.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("-D") }.count == 1)
    #expect(!lines.contains { $0.hasPrefix("-I") })
  }

  @Test("putting back gives a jump its old place")
  func putBack() throws {
    let before = try table([":OUTPUT ACCEPT [0:0]", ":WEFT_A - [0:0]", "-A OUTPUT -j LOG", "-A OUTPUT -j WEFT_A"])
    let now = try table([":OUTPUT ACCEPT [0:0]", "-A OUTPUT -j LOG"])
    #expect(TableChange(from: now, to: OwnRules(before)).restoreText.contains("-I OUTPUT 2 -j WEFT_A"))
  }

  @Test("rules compare by meaning, whatever the order and the modules that are named")
  func meaning() {
    let one = "-p tcp -m tcp --dport 80 -m conntrack ! --ctstate DNAT -m comment --comment \"a b\" -j RETURN"
    #expect(
      RuleText.same(one, "-p tcp -m conntrack ! --ctstate DNAT -m comment --comment \"a b\" --dport 80 -j RETURN")
    )
    #expect(!RuleText.same(one, one.replacing("! ", with: "")))
    #expect(!RuleText.same(one, one.replacing("80", with: "81")))
    #expect(!RuleText.same("-p tcp -j A", "! -p tcp -j A"))
  }
}
