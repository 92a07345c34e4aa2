internal import MeshModel

/// Reads a `networking.k8s.io/v1` NetworkPolicy (k8s.io/api/networking/v1 types.go), with the defaults of
/// Kubernetes and nothing it does not know.
enum NetworkPolicyReader {
  /// The policy; nil after an error.
  static func read(_ document: Field) -> (ObjectName, NetworkPolicy)? {
    guard let (name, spec) = document.nameAndSpec(wanted: "podSelector: ..., ingress: ..., egress: ...") else {
      return nil
    }
    guard let policy = policy(spec, name), let name else { return nil }
    return (name, policy)
  }

  private static func policy(_ spec: Field, _ name: ObjectName?) -> NetworkPolicy? {
    guard let fields = spec.object(["podSelector", "policyTypes", "ingress", "egress"]) else { return nil }
    if fields["podSelector"] == nil {
      spec.error("podSelector is missing; write podSelector: {} to select every workload of the namespace")
    }
    let selector = fields["podSelector"].flatMap(LabelSelectorReader.read)
    let types = policyTypes(fields["policyTypes"], fields)
    let ingress = fields["ingress"].map { rules($0, .inbound) } ?? []
    let egress = fields["egress"].map { rules($0, .outbound) } ?? []
    guard let selector, let types, let ingress, let egress, let name else { return nil }
    return NetworkPolicy(
      namespace: name.namespace,
      name: name.name,
      podSelector: selector,
      ingress: types.contains(.inbound) ? ingress : nil,
      egress: types.contains(.outbound) ? egress : nil
    )
  }

  /// The directions that the policy restricts. Where none are listed: ingress always, and egress if there are
  /// egress rules (SetDefaults_NetworkPolicy in Kubernetes).
  private static func policyTypes(_ field: Field?, _ fields: [String: Field]) -> Set<Direction>? {
    // Kubernetes refuses more than two.
    guard let entries = field.map({ $0.list(limit: 2) }) ?? [] else { return nil }
    guard !entries.isEmpty else {
      guard let egress = fields["egress"] else { return [.inbound] }
      if !egress.isEmpty { return [.inbound, .outbound] }
      egress.warning("an empty egress restricts nothing without policyTypes; add policyTypes: [Ingress, Egress]")
      return [.inbound]
    }
    let types = entries.map(direction)
    let found = Set(types.compactMap { $0 })
    for direction in Direction.allCases where !found.contains(direction) && !types.contains(nil) {
      fields[direction.policyField]?.warning("has no effect, since policyTypes leaves \(direction.policyType) out")
    }
    return types.contains(nil) ? nil : found
  }

  private static func direction(_ field: Field) -> Direction? {
    guard let text = field.text() else { return nil }
    if let direction = Direction.allCases.first(where: { $0.policyType == text }) { return direction }
    field.error("\"\(text)\" is no policy type; \(Suggestion.clause(for: text, among: ["Ingress", "Egress"]))")
    return nil
  }

  private static func rules(_ field: Field, _ direction: Direction) -> [NetworkPolicy.Rule]? {
    guard let entries = field.list(limit: SnapshotLimits.maxRules) else { return nil }
    let rules = entries.map { RuleReader.read($0, direction) }
    return rules.contains(nil) ? nil : rules.compactMap { $0 }
  }
}
