/// A match, target or table that a plan needs of the kernel, with the smallest rule that uses it.
struct KernelFeature: Equatable {
  let table: TableName
  let name: String
  let specification: String?

  /// All that `plan` needs, each once a table, tables first.
  static func needed(by plan: FamilyPlan) -> [KernelFeature] {
    var features: [KernelFeature] = []
    for table in plan.tables where !table.chains.isEmpty {
      features.append(KernelFeature(table: table.name, name: "table \(table.name.rawValue)", specification: nil))
      let rules = table.chains.flatMap(\.rules) + table.hooks.map(\.rule)
      for (name, specification) in rules.flatMap({ $0.features(plan.family) })
      where !features.contains(where: { $0.table == table.name && $0.name == name }) {
        features.append(KernelFeature(table: table.name, name: name, specification: specification))
      }
    }
    return features
  }

  /// Whether redirection itself is what the feature is about: without it a family can only be refused.
  var isRedirection: Bool { table == .nat && (specification == nil || name == "target REDIRECT") }

  /// What to look for in a kernel's configuration.
  var advice: String {
    "the kernel or the installed iptables lacks it in table \(table.rawValue); load the module (modprobe) or use a kernel that has it"
  }
}

extension Rule {
  fileprivate func features(_ family: Family) -> [(String, String)] {
    matches.compactMap { match in
      match.module.map { ("match \($0)", "\(match.text(family)) -j RETURN") }
    } + [("match comment", "-m comment --comment \"weft: probe\"")]
      + (target.flatMap { target in target.name.map { [("target \($0)", "-p tcp \(target.text(family))")] } } ?? [])
  }
}

extension Match {
  /// The kernel's module for the match, xt_NAME; nil where the tables themselves do it.
  fileprivate var module: String? {
    switch self {
    case .destination, .source, .input, .output, .transport, .notTCP: nil
    case .newConnection: "tcp"
    case .ports(let transport, _), .sourcePorts(let transport, _): transport.rawValue
    case .icmp(let family, _): family == .v4 ? "icmp" : "icmp6"
    case .user, .group: "owner"
    case .mark: "mark"
    case .local: "addrtype"
    case .notRedirected, .knownFlow, .invalid: "conntrack"
    }
  }
}

extension Target {
  /// The kernel's module for the target; nil where the tables themselves do it.
  fileprivate var name: String? {
    switch self {
    case .leave, .jump, .goto, .drop: nil
    case .redirect: "REDIRECT"
    case .refuse: "REJECT"
    case .zone: "CT"
    }
  }
}

extension RuleTools {
  /// The features of `plan` that the kernel refuses. They are tried in a chain that nothing refers to, so that no
  /// packet meets them, and that is gone when this returns.
  func missingFeatures(_ plan: FamilyPlan) throws(CaptureError) -> [KernelFeature] {
    let features = KernelFeature.needed(by: plan)
    guard let complaint = try refusal(plan.family, features) else { return [] }
    var missing: [KernelFeature] = []
    for feature in features where !missing.contains(where: { $0.table == feature.table && $0.specification == nil }) {
      if try refusal(plan.family, [feature]) != nil { missing.append(feature) }
    }
    guard missing.isEmpty else { return missing }
    throw .failed(complaint)
  }

  /// Why the kernel will not have a chain of these, or nil.
  private func refusal(_ family: Family, _ features: [KernelFeature]) throws(CaptureError) -> String? {
    let chain = ChainName.probe.rawValue
    var probe = ""
    var removal = ""
    for table in TableName.allCases where features.contains(where: { $0.table == table }) {
      let rules = features.filter { $0.table == table }.compactMap(\.specification).map { "-A \(chain) \($0)\n" }
      probe += "*\(table.rawValue)\n:\(chain) - [0:0]\n\(rules.joined())COMMIT\n"
      removal += "*\(table.rawValue)\n:\(chain) - [0:0]\n-X \(chain)\nCOMMIT\n"
    }
    do {
      try restore(family, probe)
    } catch .failed(let complaint) {
      // The first of two tables may have been committed.
      for table in try save(family) where table.chains.contains(chain) {
        try restore(family, "*\(table.name)\n:\(chain) - [0:0]\n-X \(chain)\nCOMMIT\n")
      }
      return complaint
    }
    try restore(family, removal)
    return nil
  }
}
