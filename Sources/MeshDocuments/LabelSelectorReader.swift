internal import MeshModel

/// Reads a label selector (k8s.io/apimachinery meta/v1 LabelSelector).
enum LabelSelectorReader {
  /// The selector; nil after an error.
  static func read(_ field: Field) -> LabelSelector? {
    guard let fields = field.object(["matchLabels", "matchExpressions"]) else { return nil }
    let labels = fields["matchLabels"].map(labels) ?? [:]
    let entries = fields["matchExpressions"].map { $0.list(limit: SnapshotLimits.maxSelectorTerms) } ?? []
    let requirements = entries?.map(requirement)
    guard let labels, let requirements, !requirements.contains(nil) else { return nil }
    return LabelSelector(matchLabels: labels, matchExpressions: requirements.compactMap { $0 })
  }

  static func labels(_ field: Field) -> [String: String]? {
    guard let pairs = field.anyObject() else { return nil }
    guard pairs.count <= SnapshotLimits.maxSelectorTerms else {
      field.error("has \(pairs.count) labels, more than the \(SnapshotLimits.maxSelectorTerms) allowed")
      return nil
    }
    var labels: [String: String] = [:]
    var isRight = true
    for (key, value) in pairs {
      let keyIsRight = checkKey(key, value)
      guard let text = labelValue(value), keyIsRight else {
        isRight = false
        continue
      }
      labels[key] = text
    }
    return isRight ? labels : nil
  }

  private static func requirement(_ field: Field) -> LabelSelector.Requirement? {
    guard let fields = field.object(["key", "operator", "values"]) else { return nil }
    for name in ["key", "operator"] where fields[name] == nil { field.error("\(name) is missing") }
    let values = fields["values"].map { $0.list(limit: SnapshotLimits.maxSelectorTerms) } ?? []
    let texts = values?.map(labelValue)
    guard let key = fields["key"]?.text(), let operatorField = fields["operator"], let name = operatorField.text(),
      let keyField = fields["key"], checkKey(key, keyField), let texts, !texts.contains(nil)
    else { return nil }
    guard LabelSelector.Requirement.operatorNames.contains(name) else {
      let clause = Suggestion.clause(for: name, among: LabelSelector.Requirement.operatorNames)
      operatorField.error("\"\(name)\" is no operator; \(clause)")
      return nil
    }
    let known = LabelSelector.Requirement(key: key, operatorName: name, values: texts.compactMap { $0 })
    if known == nil { operatorField.error(texts.isEmpty ? "\(name) needs values" : "\(name) takes no values") }
    return known
  }

  private static func checkKey(_ key: String, _ field: Field) -> Bool {
    let isKey = LabelSyntax.isKey(key)
    if !isKey { field.error("\"\(key)\" is not a label key: [prefix/]name of up to 63 letters, digits, -, _ and .") }
    return isKey
  }

  private static func labelValue(_ field: Field) -> String? {
    guard let text = field.text() else { return nil }
    guard LabelSyntax.isValue(text) else {
      field.error("\"\(text)\" is not a label value: up to 63 letters, digits, -, _ and .")
      return nil
    }
    return text
  }
}
