internal import MeshModel

// The values that Istio's policies are made of.

extension Field {
  /// A selector as Istio has it: `matchLabels` and nothing else.
  func workloadSelector(_ name: String = "matchLabels") -> LabelSelector? {
    let advice = ["matchExpressions": "is not part of Istio's selector; write matchLabels"]
    guard let fields = object([name], advice: advice) else { return nil }
    return fields[name].map { LabelSelectorReader.labels($0) ?? [:] }.map { LabelSelector(matchLabels: $0) }
      ?? LabelSelector()
  }

  /// Texts to compare with, each perhaps with a `*` at one end.
  func matches() -> [TextMatch] { entries(limit: SnapshotLimits.maxAuthorizationValues) { $0.match() } }

  /// A text to compare with.
  func match() -> TextMatch? {
    guard let text = text(HTTPSyntax.textProblem) else { return nil }
    let inner = text.dropFirst().dropLast()
    if text.count > 1, text.hasPrefix("*"), text.hasSuffix("*") {
      error("\"\(text)\" has a * at both ends; Istio compares the text with one at either end, not both")
      return nil
    }
    if inner.contains("*") { warning("the * within \"\(text)\" stands for itself; only one at an end stands for any") }
    return TextMatch(text)
  }

  /// A path to compare with. Istio's templates are refused by name, lest they be compared as they are written.
  func pathMatch() -> TextMatch? {
    if let text = written, text.contains("{*}") || text.contains("{**}") {
      error("\"\(text)\" is a path template, which is not supported; write paths with a * at one end")
      return nil
    }
    return match()
  }

  /// A port as Istio writes it: a number in quotes.
  func portText() -> UInt16? {
    guard let text = text() else { return nil }
    guard let port = UInt16(text), port > 0, String(port) == text else {
      error("\"\(text)\" is not a port; ports are \"1\" to \"65535\"")
      return nil
    }
    return port
  }

  /// A block or a single address.
  func prefix() -> IPPrefix? {
    guard let text = text() else { return nil }
    guard let prefix = IPPrefix(text) ?? IPAddress(text).flatMap({ IPPrefix($0, length: $0.isIPv4 ? 32 : 128) }) else {
      error("\"\(text)\" is neither an address nor a CIDR block such as 10.0.0.0/8 or 2001:db8::/32")
      return nil
    }
    if let address = text.split(separator: "/").first.flatMap({ IPAddress(String($0)) }), address != prefix.network {
      warning("\(text) has bits beyond its length; it means \(prefix)")
    }
    return prefix
  }
}

/// Reads one entry of a rule's `when` (Istio's "Authorization Policy Conditions").
enum ConditionReader {
  private static let patterns = ["request.headers[NAME]", "request.auth.claims[NAME]"]

  /// The condition; nil after an error.
  static func read(_ field: Field) -> AuthorizationPolicy.Condition? {
    guard let fields = field.object(["key", "values", "notValues"]) else { return nil }
    guard let keyField = field.require("key", in: fields, "key: source.ip or the like"), let key = key(keyField) else {
      return nil
    }
    if fields["values"] == nil, fields["notValues"] == nil {
      field.error("has neither values nor notValues; one of them is needed")
    }
    func values(_ name: String) -> [TextMatch] {
      fields[name]?.entries(limit: SnapshotLimits.maxAuthorizationValues) { value($0, of: key) } ?? []
    }
    return AuthorizationPolicy.Condition(key, values: values("values"), notValues: values("notValues"))
  }

  private static func value(_ field: Field, of key: AuthorizationPolicy.Key) -> TextMatch? {
    switch key {
    case .sourceIP, .remoteIP, .destinationIP: field.prefix().map { .exact($0.description) }
    case .destinationPort: field.portText().map { .exact(String($0)) }
    default: field.match()
    }
  }

  private static func key(_ field: Field) -> AuthorizationPolicy.Key? {
    guard let text = field.text() else { return nil }
    guard let key = AuthorizationPolicy.Key(text) else {
      if text.hasPrefix("experimental.") {
        field.error("\"\(text)\" is not supported: there are no filters of Envoy here that it could ask")
      } else if text == "source.serviceAccount" {
        field.error("\"\(text)\" is not supported; write source.principal")
      } else {
        let known = AuthorizationPolicy.Key.plain.map(\.text) + patterns
        field.error("\"\(text)\" is no condition's key; \(Suggestion.clause(for: text, among: known))")
      }
      return nil
    }
    if case .header(let name) = key, let problem = HTTPSyntax.fieldNameProblem(name) {
      field.error("\"\(name)\" \(problem)")
      return nil
    }
    if case .claim(let path) = key, path.count > SnapshotLimits.maxClaimDepth {
      field.error("is more than \(SnapshotLimits.maxClaimDepth) claims deep")
      return nil
    }
    return key
  }
}
