internal import MeshModel
internal import Policy

/// Reads one match of a GRPCRoute's rule (Gateway API GRPCRouteMatch).
enum CallMatchReader {
  private enum MatchType: String, CaseIterable { case exact = "Exact", regex = "RegularExpression" }

  private static let advice = [
    "path": "is an HTTPRoute's; a GRPCRoute matches method: {service: ..., method: ...}",
    "queryParams": "is an HTTPRoute's; calls of gRPC have no query",
  ]

  /// The match; nil after an error.
  static func read(_ field: Field) -> HTTPRoute.Match? {
    guard let fields = field.object(["method", "headers"], advice: advice) else { return nil }
    return HTTPRoute.Match(
      path: fields["method"].flatMap(call),
      headers: fields["headers"].map { RouteMatchReader.values($0, isHeader: true) } ?? []
    )
  }

  /// Gateway API's GRPCMethodMatch.
  private static func call(_ field: Field) -> HTTPRoute.PathMatch? {
    guard field.word == nil else {
      field.error("is text; HTTP's method is always POST here: write method: {service: ..., method: ...}")
      return nil
    }
    guard let fields = field.object(["type", "service", "method"]),
      let type = fields["type"].map({ $0.word(MatchType.self, "type of match") }) ?? .exact
    else { return nil }
    guard fields["service"] != nil || fields["method"] != nil else {
      if !field.hasMore(than: fields) { field.error("matches nothing; wanted is service, method or both") }
      return nil
    }
    let service = fields["service"].map { type == .exact ? $0.text(HTTPSyntax.serviceProblem) : $0.pattern() }
    let method = fields["method"].map { type == .exact ? $0.text(HTTPSyntax.callMethodProblem) : $0.pattern() }
    // What is given and wrong was told of.
    if case .some(nil) = service { return nil }
    if case .some(nil) = method { return nil }
    let match = HTTPRoute.PathMatch.call(service: service ?? nil, method: method ?? nil, isRegex: type == .regex)
    if type == .regex, let problem = CallPattern.problem(service: service ?? nil, method: method ?? nil) {
      field.error("is a pattern that, with its other part, \(problem)")
      return nil
    }
    return match
  }
}
