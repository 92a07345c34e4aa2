/// Holds policies to `SnapshotLimits` and to Kubernetes' syntax, whoever made them; and the words for that.
enum SnapshotValidation {
  static func check(_ policies: [NetworkPolicy]) throws(SnapshotError) {
    try bound(policies.count, SnapshotLimits.maxPolicies, "policies")
    for (index, policy) in policies.enumerated() {
      let place = "policies[\(index)]"
      try name(policy, place)
      try check(policy.podSelector, "\(place).podSelector")
      for direction in Direction.allCases {
        guard let rules = policy.rules(direction) else { continue }
        let place = "\(place).\(direction.policyField)"
        try bound(rules.count, SnapshotLimits.maxRules, place)
        for (index, rule) in rules.enumerated() { try check(rule, "\(place)[\(index)]") }
      }
    }
  }

  static func name(_ object: some MeshObject, _ place: String) throws(SnapshotError) {
    guard LabelSyntax.isDNSLabel(object.namespace) else {
      throw SnapshotError("\(place).namespace", "\"\(object.namespace)\" is not a DNS label")
    }
    guard LabelSyntax.isSubdomain(object.name) else {
      throw SnapshotError("\(place).name", "\"\(object.name)\" is not a DNS subdomain")
    }
  }

  private static func check(_ rule: NetworkPolicy.Rule, _ place: String) throws(SnapshotError) {
    try bound(rule.ipBlocks.count, SnapshotLimits.maxIPBlocks, "\(place).ipBlocks")
    try bound(rule.ports.count, SnapshotLimits.maxPorts, "\(place).ports")
    for (index, block) in rule.ipBlocks.enumerated() {
      try bound(block.except.count, SnapshotLimits.maxExceptions, "\(place).ipBlocks[\(index)].except")
    }
    for (index, port) in rule.ports.enumerated() where port.ports?.lowerBound == 0 {
      throw SnapshotError("\(place).ports[\(index)]", "port 0 cannot be matched; ports are 1 to 65535")
    }
  }

  static func check(_ selector: LabelSelector, _ place: String) throws(SnapshotError) {
    try bound(selector.matchLabels.count, SnapshotLimits.maxSelectorTerms, "\(place).matchLabels")
    try bound(selector.matchExpressions.count, SnapshotLimits.maxSelectorTerms, "\(place).matchExpressions")
    for (key, value) in selector.matchLabels {
      try check(key: key, values: [value], "\(place).matchLabels")
    }
    for (index, requirement) in selector.matchExpressions.enumerated() {
      let place = "\(place).matchExpressions[\(index)]"
      try bound(requirement.values.count, SnapshotLimits.maxSelectorTerms, "\(place).values")
      try check(key: requirement.key, values: requirement.values, place)
    }
  }

  private static func check(key: String, values: [String], _ place: String) throws(SnapshotError) {
    guard LabelSyntax.isKey(key) else { throw SnapshotError(place, "\"\(key)\" is not a label key") }
    for value in values where !LabelSyntax.isValue(value) {
      throw SnapshotError(place, "\"\(value)\" is not a label value")
    }
  }

  static func bound(_ count: Int, _ limit: Int, _ place: String) throws(SnapshotError) {
    guard count <= limit else { throw SnapshotError(place, "\(count) entries are more than the \(limit) allowed") }
  }

  /// An error at `place` where `problem` tells of one with `text`.
  static func refuse(_ text: String, _ problem: String?, _ place: @autoclosure () -> String) throws(SnapshotError) {
    if let problem { throw SnapshotError(place(), "\"\(text)\" \(problem)") }
  }

  /// An error at `place` where `number` is not one of `range`.
  static func range<Number: FixedWidthInteger & Sendable>(
    _ number: Number?,
    _ range: ClosedRange<Number>,
    _ place: @autoclosure () -> String
  ) throws(SnapshotError) {
    guard let number, !range.contains(number) else { return }
    throw SnapshotError(place(), "\(number) is not from \(range.lowerBound) to \(range.upperBound)")
  }
}
