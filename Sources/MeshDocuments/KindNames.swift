/// The names by which people ask for kinds of documents, as with `kubectl`.
public enum KindNames {
  /// As the API servers of Kubernetes, Istio and Envoy Gateway have them, and `authz`.
  private static let short: [String: DocumentKind] = [
    "svc": .service, "netpol": .networkPolicy, "ap": .authorizationPolicy, "authz": .authorizationPolicy,
    "ra": .requestAuthentication, "pa": .peerAuthentication, "btp": .backendTrafficPolicy, "se": .serviceEntry,
    "we": .workloadEntry,
    "dr": .destinationRule,
  ]

  /// The kinds that are known, as documents write them.
  public static let known = DocumentKind.allCases.map(\.rawValue)

  /// The kind of a name in any case: singular, plural or short, perhaps with its group behind a dot. Nil for a kind that
  /// is not known here.
  public static func kind(of name: String) -> String? {
    let name = name.lowercased()
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard let word = parts.first else { return nil }
    let kind = short[word] ?? DocumentKind.allCases.first { names(of: $0.rawValue).contains(word) }
    guard let kind, parts.count == 1 || kind.group == parts[1] else { return nil }
    return kind.rawValue
  }

  /// Whether `name` means `kind`, which may be one that is not known here.
  public static func name(_ name: String, means kind: String) -> Bool {
    self.kind(of: name) == kind || names(of: kind).contains(name.lowercased())
  }

  /// As `kubectl` calls a document: `authorizationpolicy.security.istio.io/web`.
  public static func title(of key: DocumentKey) -> String {
    let group = DocumentKind(rawValue: key.kind)?.group ?? ""
    return "\(key.kind.lowercased())\(group.isEmpty ? "" : ".\(group)")/\(key.name)"
  }

  /// `; did you mean "Service"?`, or what is known where nothing is close.
  public static func suggestion(for name: String) -> String { Suggestion.clause(for: name, among: known) }

  /// Singular and plural, in lower case.
  private static func names(of kind: String) -> [String] {
    let singular = kind.lowercased()
    let plural =
      singular.hasSuffix("y") ? "\(singular.dropLast())ies" : singular.hasSuffix("s") ? "\(singular)es" : "\(singular)s"
    return [singular, plural]
  }
}

extension DocumentKind {
  /// The group of its versions; empty for Kubernetes' core.
  fileprivate var group: String {
    let version = versions.first ?? ""
    return version.firstIndex(of: "/").map { String(version[..<$0]) } ?? ""
  }
}
