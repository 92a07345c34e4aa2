/// What is, or shall be, ours in one table.
struct OwnRules: Equatable {
  struct Chain: Equatable {
    let name: String
    let specifications: [String]
  }

  struct Jump: Equatable {
    let hook: String
    let specification: String
    /// Its place in the built-in chain from 1, where it had one; else it goes first.
    let position: Int?
  }

  var chains: [Chain] = []
  var jumps: [Jump] = []

  /// Nothing: what `remove` strives for.
  init() {}

  init(_ plan: TablePlan, _ family: Family) {
    chains = plan.chains.map {
      Chain(name: $0.name.rawValue, specifications: $0.rules.map { $0.specification(family) })
    }
    jumps = plan.hooks.map {
      Jump(hook: $0.hook.rawValue, specification: $0.rule.specification(family), position: nil)
    }
  }

  init(_ saved: SavedTable) {
    chains = saved.chains.filter { $0.hasPrefix(ChainName.prefix) }.map { name in
      Chain(name: name, specifications: saved.rules(of: name).map(\.specification))
    }
    for chain in saved.chains where !chain.hasPrefix(ChainName.prefix) {
      for (index, rule) in saved.rules(of: chain).enumerated() where rule.isOurs {
        jumps.append(Jump(hook: chain, specification: rule.specification, position: index + 1))
      }
    }
  }
}
