internal import MeshModel

/// Reads Istio's AuthorizationPolicy (istio.io/api security/v1beta1 authorization_policy.proto), refusing what Istio's
/// own validation refuses and what would not be enforced here.
enum AuthorizationReader {
  private static let targetAdvice =
    "is not supported, since a proxy knows its workload by labels; write selector: {matchLabels: ...}"
  static let targets = ["targetRef": targetAdvice, "targetRefs": targetAdvice]

  /// The policy; nil after an error.
  static func read(_ document: Field) -> (ObjectName, AuthorizationPolicy)? {
    var advice = targets
    advice["provider"] = "is not supported: decisions are made here, not by another service"
    guard let (name, spec) = document.nameAndSpec(wanted: "action: ..., rules: ..."),
      let fields = spec.object(["selector", "action", "rules"], advice: advice)
    else { return nil }
    let action = fields["action"].map { field in
      field.word(
        AuthorizationPolicy.Action.self,
        "action",
        advice: ["CUSTOM": "is not supported: decisions are made here, not by another service"]
      )
    }
    let rules = fields["rules"]?.each(limit: SnapshotLimits.maxAuthorizationTerms, rule) ?? []
    if rules.isEmpty, action ?? nil == .deny || action ?? nil == .audit {
      spec.warning("has no rules, so it never matches; rules: [{}] matches every request")
    }
    guard let name else { return nil }
    name.warnOfRootNamespace()
    let policy = AuthorizationPolicy(
      namespace: name.namespace,
      name: name.name,
      selector: fields["selector"]?.workloadSelector() ?? LabelSelector(),
      action: (action ?? .allow) ?? .allow,
      isDryRun: name.isAnnotated(Annotations.dryRun),
      rules: rules
    )
    return (name, policy)
  }

  private static func rule(_ field: Field) -> AuthorizationPolicy.Rule? {
    guard let fields = field.object(["from", "to", "when"]) else { return nil }
    let limit = SnapshotLimits.maxAuthorizationTerms
    return AuthorizationPolicy.Rule(
      from: fields["from"]?.entries(limit: limit) { inner($0, "source").flatMap(source) } ?? [],
      to: fields["to"]?.entries(limit: limit) { inner($0, "operation").flatMap(operation) } ?? [],
      when: fields["when"]?.entries(limit: limit, ConditionReader.read) ?? []
    )
  }

  private static func inner(_ field: Field, _ name: String) -> Field? {
    guard let fields = field.object([name]) else { return nil }
    // A null source must not become one that anybody is.
    if field.saysNothing(fields) { field.error("names no \(name); wanted is \(name): {...}") }
    return fields[name]
  }

  /// What an object of a `from` or `to` entry says; nil after an error.
  private static func entry(_ field: Field, _ known: [String], advice: [String: String] = [:]) -> [String: Field]? {
    guard let fields = field.object(known, advice: advice) else { return nil }
    if field.saysNothing(fields) { field.error("is empty, which Istio refuses; leave it out or name something in it") }
    return fields
  }

  private static func source(_ field: Field) -> AuthorizationPolicy.Source? {
    let accounts = "is not supported; write principals: [cluster.local/ns/NAMESPACE/sa/ACCOUNT]"
    let advice = ["serviceAccounts": accounts, "notServiceAccounts": accounts]
    let names = AuthorizationPolicy.Source.Term.allCases.map(\.rawValue)
    guard let fields = entry(field, names, advice: advice) else { return nil }
    var source = AuthorizationPolicy.Source()
    for (term, list) in AuthorizationPolicy.Source.texts {
      source[keyPath: list] = fields[term.rawValue]?.matches() ?? []
    }
    for (term, list) in AuthorizationPolicy.Source.blocks {
      source[keyPath: list] = fields[term.rawValue]?.entries(limit: SnapshotLimits.maxIPBlocks) { $0.prefix() } ?? []
    }
    return source
  }

  private static func operation(_ field: Field) -> AuthorizationPolicy.Operation? {
    let names = AuthorizationPolicy.Operation.Term.allCases.map(\.rawValue)
    guard let fields = entry(field, names) else { return nil }
    let limit = SnapshotLimits.maxAuthorizationValues
    var operation = AuthorizationPolicy.Operation()
    for (term, list) in AuthorizationPolicy.Operation.texts {
      let isPath = term == .paths || term == .notPaths
      let field = fields[term.rawValue]
      operation[keyPath: list] = (isPath ? field?.entries(limit: limit) { $0.pathMatch() } : field?.matches()) ?? []
    }
    for (term, list) in AuthorizationPolicy.Operation.numbers {
      operation[keyPath: list] = fields[term.rawValue]?.entries(limit: limit) { $0.portText() } ?? []
    }
    return operation
  }
}
