/// The program group a proxy serves: where it lives and the labels by which policies select it.
public struct Workload: Hashable, Sendable, Codable {
  /// The namespace; only its policies apply.
  public let namespace: String
  /// The labels, by key.
  public let labels: [String: String]

  /// The namespace of a workload and of a document that names none, as in Kubernetes.
  public static let defaultNamespace = "default"
  /// More labels than any object carries in practice; a bound on what a file can make us hold.
  public static let maxLabels = 256
  /// A labels file's size: every label at its longest (a 253-byte prefix, two 63-byte parts) with room to spare.
  public static let maxLabelBytes = 128 << 10

  /// Fails on a namespace or label that Kubernetes would refuse, naming it.
  public init(namespace: String = defaultNamespace, labels: [String: String] = [:]) throws(WorkloadError) {
    guard LabelSyntax.isDNSLabel(namespace) else { throw .invalidNamespace(namespace) }
    guard labels.count <= Self.maxLabels else { throw .tooManyLabels(labels.count) }
    for (key, value) in labels {
      guard LabelSyntax.isKey(key) else { throw .invalidKey(key) }
      guard LabelSyntax.isValue(value) else { throw .invalidValue(key: key, value: value) }
    }
    self.namespace = namespace
    self.labels = labels
  }

  /// A workload of the default namespace without labels: only policies that select all of it apply.
  public static let unlabelled = Workload()

  private init() {
    self.namespace = Self.defaultNamespace
    self.labels = [:]
  }

  /// A workload from the text of an option (`app=web,tier=front`) or of a labels file: one `key=value` a line,
  /// the value plain or in double quotes as Kubernetes' downward API writes it; blank lines and `#` lines pass.
  public init(namespace: String = defaultNamespace, labelText: String) throws(WorkloadError) {
    var labels: [String: String] = [:]
    for line in labelText.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      for item in line.split(separator: ",") {
        let pair = item.trimmingSpaces()
        guard !pair.isEmpty else { continue }
        guard let equals = pair.firstIndex(of: "=") else { throw .notAPair(String(pair)) }
        let key = String(pair[..<equals])
        let value = String(pair[pair.index(after: equals)...].unquoted())
        guard labels.updateValue(value, forKey: key) == nil else { throw .duplicateKey(key) }
      }
    }
    try self.init(namespace: namespace, labels: labels)
  }

  /// Reads JSON and holds it to the same rules as any other source.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      namespace: fields.decode(String.self, forKey: .namespace),
      labels: fields.decode([String: String].self, forKey: .labels)
    )
  }
}

/// Why a namespace or labels were refused.
public enum WorkloadError: Error, Hashable, Sendable, CustomStringConvertible {
  case invalidNamespace(String)
  case invalidKey(String)
  case invalidValue(key: String, value: String)
  case duplicateKey(String)
  case notAPair(String)
  case tooManyLabels(Int)

  /// One sentence: what was wrong and what would be right.
  public var description: String {
    switch self {
    case .invalidNamespace(let text):
      "namespace \"\(text)\" is not a DNS label: up to 63 lower-case letters, digits and -"
    case .invalidKey(let key):
      "label key \"\(key)\" is invalid: [prefix/]name of up to 63 letters, digits, -, _ and ."
    case .invalidValue(let key, let value):
      "label \(key) has the invalid value \"\(value)\": up to 63 letters, digits, -, _ and ."
    case .duplicateKey(let key): "label \(key) is given twice"
    case .notAPair(let text): "label \"\(text)\" is not of the form key=value"
    case .tooManyLabels(let count): "\(count) labels are more than the \(Workload.maxLabels) allowed"
    }
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring {
    var rest = self.drop(while: \.isWhitespace)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest
  }

  /// The text between double quotes, where it is in them. Label values hold nothing that would be escaped.
  fileprivate func unquoted() -> Substring {
    count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? dropFirst().dropLast() : self
  }
}
