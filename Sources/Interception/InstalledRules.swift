/// What the kernel holds of ours for one family, and what it was asked to be.
struct InstalledRules {
  let family: Family
  let backend: Backend
  let tables: [SavedTable]
  /// The options that made the rules; nil where their record is missing or from a version that is not understood.
  let asked: (options: CaptureOptions, mode: FamilyPlan.Mode)?

  /// Reads the calling thread's namespace; a family without rules of ours is absent, one in both back ends twice.
  static func read() throws(CaptureError) -> [InstalledRules] {
    var installed: [InstalledRules] = []
    for family in Family.allCases where RuleTools.kernelHas(family) {
      for (tools, tables) in try RuleTools.answering(family) where tables.contains(where: { !OwnRules($0).isEmpty }) {
        let record = tables.named(.filter).rules(of: ChainName.options.rawValue).compactMap(\.comment)
        installed.append(
          InstalledRules(family: family, backend: tools.backend, tables: tables, asked: OptionRecord.read(record))
        )
      }
    }
    return installed
  }

  /// What differs between the rules and what was asked, one line each.
  var differences: [String] {
    guard let asked else { return ["the record of the options (chain WEFT_OPTIONS) is missing or not understood"] }
    let plan = FamilyPlan(asked.options, family, asked.mode)
    return plan.tables.flatMap { TableChange(from: tables.named($0.name), to: OwnRules($0, family)).differences }
  }

  /// Rules that others put before our jumps; they may let traffic past us, or be harmless: the probes tell.
  var overtaking: [String] {
    tables.flatMap { table in
      OwnRules(table).jumps.compactMap { jump in
        let others = table.rules(of: jump.hook).prefix { !$0.isOurs }
        guard let first = others.first, [TableName.raw, .nat].map(\.rawValue).contains(table.name) else { return nil }
        return "table \(table.name): a rule stands before ours in \(jump.hook): \(first.specification)"
      }
    }
  }
}

extension OwnRules {
  var isEmpty: Bool { chains.isEmpty && jumps.isEmpty }
}
