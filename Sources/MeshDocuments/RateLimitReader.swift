internal import MeshModel

/// Reads `rateLimit` of a BackendTrafficPolicy (Envoy Gateway ratelimit_types.go): local limits.
enum RateLimitReader {
  private enum Scope: String, CaseIterable { case local = "Local" }
  private enum HeaderType: String, CaseIterable { case exact = "Exact", regex = "RegularExpression" }
  private enum SourceType: String, CaseIterable { case exact = "Exact", distinct = "Distinct" }
  private enum Unit: String, CaseIterable {
    case second = "Second"
    case minute = "Minute"
    case hour = "Hour"
    case day = "Day"

    var time_s: UInt32 {
      switch self {
      case .second: 1
      case .minute: 60
      case .hour: 3_600
      case .day: 86_400
      }
    }
  }

  private static let scopeAdvice = ["Global": "is not supported: each proxy counts for itself; write Local"]

  static func read(_ field: Field) -> [TrafficPolicy.RateLimit] {
    guard let fields = field.object(["type", "local"], advice: ["global": "is not supported; write local"]) else {
      return []
    }
    // The type is deprecated, and says the same as the field beside it.
    _ = fields["type"]?.word(Scope.self, "kind of limit", advice: scopeAdvice)
    guard let local = field.require("local", in: fields, "local: {rules: [...]}"), let inner = local.object(["rules"])
    else { return [] }
    return local.require("rules", in: inner, "rules: [{limit: {requests: 10, unit: Second}}]")?
      .entries(limit: SnapshotLimits.maxTrafficTerms, rule) ?? []
  }

  private static func rule(_ field: Field) -> TrafficPolicy.RateLimit? {
    let advice = [
      "cost": "is not supported: each request counts as one",
      "shared": "is not supported: each target counts for itself",
    ]
    guard let fields = field.object(["clientSelectors", "limit"], advice: advice),
      let limitField = field.require("limit", in: fields, "limit: {requests: 10, unit: Second}"),
      let limit = limitField.object(["requests", "unit"])
    else { return nil }
    let requests = limitField.require("requests", in: limit, "requests: 10")?
      .integer(0...UInt32.max, "a number of requests")
    let unit = limitField.require("unit", in: limit, "unit: Second")?.word(
      Unit.self,
      "unit",
      advice: ["Month": "is not supported; the longest is Day", "Year": "is not supported; the longest is Day"]
    )
    var rule = TrafficPolicy.RateLimit(requests: requests ?? 0, period_s: unit?.time_s ?? 1)
    // All of a rule's selectors must hold, so they are one here.
    _ = fields["clientSelectors"]?.entries(limit: SnapshotLimits.maxTrafficTerms) { select($0, &rule) }
    if let list = fields["clientSelectors"], rule.headers.count > SnapshotLimits.maxRouteTerms {
      list.error("ask for \(rule.headers.count) headers, more than the \(SnapshotLimits.maxRouteTerms) allowed")
    }
    return rule
  }

  private static func select(_ field: Field, _ rule: inout TrafficPolicy.RateLimit) -> Void? {
    let unsupported = "is not supported; select by headers or sourceCIDR"
    let advice = ["methods": unsupported, "path": unsupported, "queryParams": unsupported]
    guard let fields = field.object(["headers", "sourceCIDR"], advice: advice) else { return nil }
    if field.isEmpty { field.error("selects by nothing; wanted is headers or sourceCIDR") }
    for header in fields["headers"]?.entries(limit: SnapshotLimits.maxRouteTerms, header) ?? [] {
      if rule.headers.contains(where: { $0.name == header.name }) {
        fields["headers"]?.error("\"\(header.name)\" is given twice; write one match for it")
      }
      rule.headers.append(header)
    }
    guard let source = fields["sourceCIDR"],
      let inner = source.object(["type", "value"], advice: ["invert": "is not supported"])
    else { return nil }
    if rule.source != nil { source.error("is the second of this rule; write a rule for it") }
    let type = inner["type"].map { $0.word(SourceType.self, "type of source") } ?? .exact
    rule.isPerClient = type == .distinct
    rule.source = source.require("value", in: inner, "value: 10.0.0.0/8")?.prefix()
    return ()
  }

  private static func header(_ field: Field) -> HTTPRoute.ValueMatch? {
    let advice = ["invert": "is not supported"]
    guard let fields = field.object(["type", "name", "value"], advice: advice) else { return nil }
    let type = fields["type"].map {
      $0.word(
        HeaderType.self,
        "type of match",
        advice: ["Distinct": "is not supported for headers, whose values have no end; write sourceCIDR with Distinct"]
      )
    }
    let name = field.require("name", in: fields, "name: x-user")?.text(HTTPSyntax.fieldNameProblem)
    let valueField = field.require("value", in: fields, "value: ...")
    let isRegex = (type ?? .exact) == .regex
    let value = isRegex ? valueField?.pattern() : valueField?.text(HTTPSyntax.textProblem)
    guard let name, let value else { return nil }
    return HTTPRoute.ValueMatch(name: name.lowercased(), value: value, isRegex: isRegex)
  }
}
