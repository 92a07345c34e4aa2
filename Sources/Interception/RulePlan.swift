public import MeshModel

/// All rules that some options ask for, of both families: a value, compared and rendered without a kernel.
public struct RulePlan: Equatable, Sendable {
  public let options: CaptureOptions
  public let families: [FamilyPlan]

  /// Families in `uncapturable` get rules that refuse what would have been captured (case 6).
  public init(_ options: CaptureOptions, uncapturable: Set<Family> = []) {
    self.options = options
    self.families = Family.allCases.map { family in
      let wanted =
        switch options.families {
        case .auto: true
        case .v4: family == .v4
        case .v6: family == .v6
        }
      return FamilyPlan(options, family, wanted && !uncapturable.contains(family) ? .capture : .refuse)
    }
  }

  public subscript(family: Family) -> FamilyPlan { families[family == .v4 ? 0 : 1] }
}

/// The rules of one family, table by table in the order in which they must be committed.
public struct FamilyPlan: Equatable, Sendable {
  public let family: Family
  public let mode: Mode
  public let tables: [TablePlan]

  /// What happens to the traffic that the options select.
  public enum Mode: String, Sendable {
    /// It goes to the proxy.
    case capture
    /// It is refused, since it cannot or shall not go to the proxy and must not leak.
    case refuse
  }

  public subscript(table: TableName) -> TablePlan? { tables.first { $0.name == table } }
}

/// The tables of netfilter that we write to.
public enum TableName: String, Sendable, CaseIterable {
  case nat
  case filter
}

/// Our part of one table.
public struct TablePlan: Equatable, Sendable {
  public let name: TableName
  public var hooks: [HookPlan] = []
  public var chains: [ChainPlan] = []

  init(_ name: TableName) { self.name = name }

  mutating func add(_ chain: ChainName, _ rules: [Rule]) { chains.append(ChainPlan(name: chain, rules: rules)) }
  mutating func hook(_ hook: Hook, _ matches: [Match], _ chain: ChainName, _ comment: String) {
    hooks.append(HookPlan(hook: hook, rule: Rule(matches, .jump(chain), comment)))
  }
}

/// One of our chains.
public struct ChainPlan: Equatable, Sendable {
  public let name: ChainName
  public let rules: [Rule]
}

/// A built-in chain.
public enum Hook: String, Sendable, CaseIterable {
  case prerouting = "PREROUTING"
  case input = "INPUT"
  case forward = "FORWARD"
  case output = "OUTPUT"
}

/// The jump from a built-in chain to one of ours; it goes first, so that nobody's earlier rule lets traffic past.
public struct HookPlan: Equatable, Sendable {
  public let hook: Hook
  public let rule: Rule
}
