internal import MeshModel
internal import Policy

/// Reads one match of a route's rule (Gateway API HTTPRouteMatch).
enum RouteMatchReader {
  private enum PathType: String, CaseIterable {
    case exact = "Exact", prefix = "PathPrefix", regex = "RegularExpression"
  }
  private enum ValueType: String, CaseIterable { case exact = "Exact", regex = "RegularExpression" }
  private enum Method: String, CaseIterable {
    case get = "GET", head = "HEAD", post = "POST", put = "PUT", delete = "DELETE", connect = "CONNECT"
    case options = "OPTIONS", trace = "TRACE", patch = "PATCH"
  }

  /// The match; nil after an error.
  static func read(_ field: Field) -> HTTPRoute.Match? {
    guard let fields = field.object(["path", "headers", "queryParams", "method"]) else { return nil }
    return HTTPRoute.Match(
      path: fields["path"].flatMap(path),
      method: fields["method"]?.word(Method.self, "method that Gateway API matches")?.rawValue,
      headers: fields["headers"].map { values($0, isHeader: true) } ?? [],
      query: fields["queryParams"].map { values($0, isHeader: false) } ?? []
    )
  }

  private static func path(_ field: Field) -> HTTPRoute.PathMatch? {
    guard let fields = field.object(["type", "value"]) else { return nil }
    guard let type = fields["type"].map({ $0.word(PathType.self, "type of match") }) ?? .prefix else { return nil }
    guard type == .regex else {
      // "/" is what Kubernetes fills in.
      guard let value = fields["value"].map({ $0.text(HTTPSyntax.pathProblem) }) ?? "/" else { return nil }
      return type == .exact ? .exact(value) : .prefix(value)
    }
    return field.require("value", in: fields, "value: ...")?.pattern().map { .regex($0) }
  }

  /// Header fields or query parameters: each name once, of header fields whatever its case.
  static func values(_ field: Field, isHeader: Bool) -> [HTTPRoute.ValueMatch] {
    var names: Set<String> = []
    return field.each(limit: SnapshotLimits.maxRouteTerms) { entry in
      guard let match = value(entry, isHeader: isHeader) else { return nil }
      if !names.insert(match.name).inserted { entry.error("\"\(match.name)\" is given twice; write one match for it") }
      return match
    }
  }

  private static func value(_ field: Field, isHeader: Bool) -> HTTPRoute.ValueMatch? {
    guard let fields = field.object(["type", "name", "value"]) else { return nil }
    let type = fields["type"].map { $0.word(ValueType.self, "type of match") } ?? .exact
    let name = field.require("name", in: fields, "name: ...")?.text(HTTPSyntax.fieldNameProblem)
    let valueField = field.require("value", in: fields, "value: ...")
    let value = type == .regex ? valueField?.pattern() : valueField?.text(HTTPSyntax.textProblem)
    guard let type, let name, let value else { return nil }
    return HTTPRoute.ValueMatch(name: isHeader ? name.lowercased() : name, value: value, isRegex: type == .regex)
  }
}

extension Field {
  /// A regular expression that can be compiled: one that cannot would never match, and nobody would know.
  func pattern() -> String? { text { HTTPSyntax.patternProblem($0) ?? PathPattern.problem($0) } }
}
