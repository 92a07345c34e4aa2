internal import MeshModel

/// All rules that some options ask for, of both families: a value, compared and rendered without a kernel.
public struct RulePlan: Equatable, Sendable {
  let options: CaptureOptions
  /// IPv4, then IPv6.
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

  subscript(family: Family) -> FamilyPlan { families[family == .v4 ? 0 : 1] }
}

/// The rules of one family, table by table in the order in which they must be committed.
public struct FamilyPlan: Equatable, Sendable {
  /// The family it is for.
  public let family: Family
  /// Whether the family is captured or refused.
  public let mode: Mode
  let tables: [TablePlan]

  /// What happens to the traffic that the options select.
  public enum Mode: String, Sendable {
    /// It goes to the proxy.
    case capture
    /// It is refused, since it cannot or shall not go to the proxy and must not leak.
    case refuse
  }

  subscript(table: TableName) -> TablePlan? { tables.first { $0.name == table } }
}

/// The tables of netfilter that we write to.
enum TableName: String, Sendable, CaseIterable {
  case raw
  case nat
  case filter
}

/// Our part of one table.
struct TablePlan: Equatable, Sendable {
  let name: TableName
  var hooks: [HookPlan] = []
  var chains: [ChainPlan] = []

  init(_ name: TableName) { self.name = name }

  mutating func add(_ chain: ChainName, _ rules: [Rule]) { chains.append(ChainPlan(name: chain, rules: rules)) }
  mutating func hook(_ hook: Hook, _ matches: [Match], _ chain: ChainName, _ comment: String) {
    hooks.append(HookPlan(hook: hook, rule: Rule(matches, .jump(chain), comment)))
  }
}

/// One of our chains.
struct ChainPlan: Equatable, Sendable {
  let name: ChainName
  let rules: [Rule]
}

/// A built-in chain.
enum Hook: String, Sendable, CaseIterable {
  case prerouting = "PREROUTING"
  case input = "INPUT"
  case forward = "FORWARD"
  case output = "OUTPUT"
}

/// The jump from a built-in chain to one of ours; it goes first, so that nobody's earlier rule lets traffic past.
struct HookPlan: Equatable, Sendable {
  let hook: Hook
  let rule: Rule
}
