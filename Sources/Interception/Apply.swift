/// What `apply` did.
public struct ApplyReport: Sendable {
  /// The back end that holds the rules now.
  public let backend: Backend
  let plan: RulePlan
  /// Families that the kernel has, each with whether anything had to be changed.
  public let families: [(family: Family, mode: FamilyPlan.Mode, changed: Bool)]
  /// What the operator should know, one line each.
  public let warnings: [String]
}

/// Puts a plan's rules into the calling thread's network namespace: all of both families, or nothing.
public enum Apply {
  /// Chooses the back end, asks the kernel for what the rules need, and commits.
  ///
  /// - Throws: `CaptureError.missing` before anything is changed; `.failed` or `.lockHeld` after all is as it was.
  public static func run(
    _ options: CaptureOptions,
    backend requested: Backend?,
    waitSeconds: Int
  ) throws(CaptureError) -> ApplyReport {
    let lock = try NamespaceLock(waitSeconds: waitSeconds)
    defer { extendLifetime(lock) }
    let choice = try BackendChoice.ofThisNamespace(requested: requested)
    if choice.backend == .legacy { try Privilege.requireLegacy() }
    let tools = RuleTools(backend: choice.backend, waitSeconds: waitSeconds)
    let families = Family.allCases.filter(RuleTools.kernelHas)
    var warnings = choice.warnings
    if !families.contains(.v6) { warnings.append("this kernel has no IPv6, so there is none to capture") }

    var before: [Family: [SavedTable]] = [:]
    for family in families { before[family] = try tools.save(family) }
    var plan = RulePlan(options)
    if families.contains(where: { !changes(from: before[$0] ?? [], to: plan[$0]).isEmpty }) {
      plan = try fitted(plan, families, tools, &warnings)
    }
    let changed = try commit(plan, families, before, tools)
    return ApplyReport(
      backend: choice.backend,
      plan: plan,
      families: families.map { ($0, plan[$0].mode, changed.contains($0)) },
      warnings: warnings + refusals(options, plan, families)
    )
  }

  /// The plan that this kernel can carry: a family without redirection is refused; anything else missing is an error.
  private static func fitted(
    _ plan: RulePlan,
    _ families: [Family],
    _ tools: RuleTools,
    _ warnings: inout [String]
  ) throws(CaptureError) -> RulePlan {
    var uncapturable: Set<Family> = []
    var absent: [(Family, KernelFeature)] = []
    for family in families {
      let missing = try tools.missingFeatures(plan[family])
      let redirection = missing.filter(\.isRedirection)
      if !redirection.isEmpty, redirection.count == missing.count, plan.options.families == .auto {
        uncapturable.insert(family)
      }
      absent += missing.map { (family, $0) }
    }
    if uncapturable.count == families.count { uncapturable = [] }
    if let (family, feature) = absent.first(where: { !uncapturable.contains($0.0) }) {
      let others = absent.dropFirst().map { "\($0.0.rawValue) \($0.1.name)" }
      throw .missing(
        "\(family.rawValue) \(feature.name)",
        advice: feature.advice + (others.isEmpty ? "" : "; also missing: \(others.joined(separator: ", "))")
      )
    }
    for (family, feature) in absent {
      warnings.append("\(family.rawValue) cannot be captured: the kernel lacks \(feature.name)")
    }
    return uncapturable.isEmpty ? plan : RulePlan(plan.options, uncapturable: uncapturable)
  }

  private static func refusals(_ options: CaptureOptions, _ plan: RulePlan, _ families: [Family]) -> [String] {
    families.filter { plan[$0].mode == .refuse }.map {
      "\($0.rawValue) is not captured; what would have been is refused, so that nothing leaks"
    }
  }

  static func changes(from tables: [SavedTable], to plan: FamilyPlan) -> String {
    plan.tables.map { table in
      TableChange(from: tables.named(table.name), to: OwnRules(table, plan.family)).restoreText
    }.joined()
  }

  private static func commit(
    _ plan: RulePlan,
    _ families: [Family],
    _ before: [Family: [SavedTable]],
    _ tools: RuleTools
  ) throws(CaptureError) -> Set<Family> {
    var changed: Set<Family> = []
    for family in families {
      let text = changes(from: before[family] ?? [], to: plan[family])
      guard !text.isEmpty else { continue }
      changed.insert(family)
      do {
        try tools.restore(family, text)
      } catch {
        try putBack(changed, before, tools, because: error)
        throw error
      }
    }
    return changed
  }

  /// Takes our part of each family back to what it was; others' rules are not touched, so what they changed
  /// meanwhile stays.
  private static func putBack(
    _ families: Set<Family>,
    _ before: [Family: [SavedTable]],
    _ tools: RuleTools,
    because reason: CaptureError
  ) throws(CaptureError) {
    for family in families {
      do {
        let now = try tools.save(family)
        let text = TableName.allCases.map { table in
          TableChange(from: now.named(table), to: OwnRules((before[family] ?? []).named(table))).restoreText
        }.joined()
        if !text.isEmpty { try tools.restore(family, text) }
      } catch {
        throw .notRestored(reason.description, state: "\(family.rawValue): \(error)")
      }
    }
  }
}

extension [SavedTable] {
  /// The table of that name; an empty one where the kernel has none.
  func named(_ name: TableName) -> SavedTable {
    first { $0.name == name.rawValue } ?? SavedTable(name: name.rawValue)
  }
}
