/// A Kubernetes label selector: every label and every requirement must hold; an empty one selects all.
public struct LabelSelector: Hashable, Sendable {
  /// Labels that must be present with exactly this value.
  public var matchLabels: [String: String]
  /// Further requirements, in the order they were written.
  public var matchExpressions: [Requirement]

  /// A selector; by default it selects all.
  public init(matchLabels: [String: String] = [:], matchExpressions: [Requirement] = []) {
    self.matchLabels = matchLabels
    self.matchExpressions = matchExpressions
  }

  /// What one entry of `matchExpressions` asks of a label.
  public enum Requirement: Hashable, Sendable {
    /// The label is present with one of the values.
    case isIn(key: String, values: [String])
    /// The label is absent, or its value is none of these.
    case isNotIn(key: String, values: [String])
    /// The label is present, whatever its value.
    case exists(key: String)
    /// The label is absent.
    case doesNotExist(key: String)
  }

  /// Whether it asks for nothing.
  public var isEverything: Bool { matchLabels.isEmpty && matchExpressions.isEmpty }

  /// Whether a workload with `labels` is selected.
  public func selects(_ labels: [String: String]) -> Bool { firstMismatch(labels) == nil }

  /// Why a workload with `labels` is not selected, as a clause; nil where it is selected.
  public func firstMismatch(_ labels: [String: String]) -> String? {
    for (key, value) in matchLabels.sorted(by: { $0.key < $1.key }) {
      guard let found = labels[key] else { return "label \(key)=\(value) is wanted, and there is no label \(key)" }
      guard found == value else { return "label \(key)=\(value) is wanted, and it is \(found)" }
    }
    for requirement in matchExpressions {
      if let reason = requirement.mismatch(labels) { return reason }
    }
    return nil
  }
}

extension LabelSelector.Requirement {
  /// The label that the requirement is about.
  public var key: String {
    switch self {
    case .isIn(let key, _), .isNotIn(let key, _), .exists(let key), .doesNotExist(let key): key
    }
  }

  /// The values it lists; empty for `exists` and `doesNotExist`.
  public var values: [String] {
    switch self {
    case .isIn(_, let values), .isNotIn(_, let values): values
    case .exists, .doesNotExist: []
    }
  }

  /// The operator as Kubernetes spells it.
  public var operatorName: String {
    switch self {
    case .isIn: "In"
    case .isNotIn: "NotIn"
    case .exists: "Exists"
    case .doesNotExist: "DoesNotExist"
    }
  }

  /// The operators that there are, as Kubernetes spells them.
  public static let operatorNames = ["In", "NotIn", "Exists", "DoesNotExist"]

  /// The requirement that `operatorName` makes; nil for an unknown operator, for `In` or `NotIn` without
  /// values, and for `Exists` or `DoesNotExist` with values.
  public init?(key: String, operatorName: String, values: [String]) {
    switch (operatorName, values.isEmpty) {
    case ("In", false): self = .isIn(key: key, values: values)
    case ("NotIn", false): self = .isNotIn(key: key, values: values)
    case ("Exists", true): self = .exists(key: key)
    case ("DoesNotExist", true): self = .doesNotExist(key: key)
    default: return nil
    }
  }

  fileprivate func mismatch(_ labels: [String: String]) -> String? {
    let found = labels[key]
    switch self {
    case .isIn(let key, let values):
      guard let found else { return "label \(key) is wanted, and it is absent" }
      return values.contains(found) ? nil : "label \(key) is \(found), not one of \(values.joined(separator: ", "))"
    case .isNotIn(let key, let values):
      guard let found, values.contains(found) else { return nil }
      return "label \(key) is \(found), which NotIn rules out"
    case .exists(let key):
      return found == nil ? "label \(key) is wanted, and it is absent" : nil
    case .doesNotExist(let key):
      return found == nil ? nil : "label \(key) is present, which DoesNotExist rules out"
    }
  }
}
