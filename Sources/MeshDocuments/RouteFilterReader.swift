internal import MeshModel

/// Reads the filters of a route's rule (Gateway API HTTPRouteFilter).
enum RouteFilterReader {
  private enum Kind: String, CaseIterable {
    case requestHeaders = "RequestHeaderModifier"
    case responseHeaders = "ResponseHeaderModifier"
    case redirect = "RequestRedirect"
    case rewrite = "URLRewrite"
    case mirror = "RequestMirror"

    /// The field that tells more about a filter of this kind.
    var field: String {
      switch self {
      case .requestHeaders: "requestHeaderModifier"
      case .responseHeaders: "responseHeaderModifier"
      case .redirect: "requestRedirect"
      case .rewrite: "urlRewrite"
      case .mirror: "requestMirror"
      }
    }
  }

  private static let advice = [
    "ExtensionRef": "is not supported: what it refers to is not read",
    "CORS": "is not supported; let the service answer preflight requests",
    "ExternalAuth": "is not supported; write an AuthorizationPolicy",
  ]

  /// A filter of a rule; nil after an error. A mirror's service is added to `references`.
  static func read(_ field: Field, in namespace: String, _ references: inout [ServiceReference]) -> HTTPRoute.Filter? {
    guard let (kind, value) = kind(field) else { return nil }
    switch kind {
    case .requestHeaders: return edits(value).map { .requestHeaders($0) }
    case .responseHeaders: return edits(value).map { .responseHeaders($0) }
    case .redirect: return redirect(value).map { .redirect($0) }
    case .rewrite: return rewrite(value)
    case .mirror: return mirror(value, in: namespace, &references)
    }
  }

  /// A filter of a backend, which may only change header fields; nil after an error.
  static func headerEdits(_ field: Field) -> HTTPRoute.Filter? {
    guard let (kind, value) = kind(field) else { return nil }
    switch kind {
    case .requestHeaders: return edits(value).map { .requestHeaders($0) }
    case .responseHeaders: return edits(value).map { .responseHeaders($0) }
    case .redirect, .rewrite, .mirror:
      field.error("a backend's filters can only change header fields; put \(kind.rawValue) under the rule's filters")
      return nil
    }
  }

  /// What a GRPCRoute's filters may be: the specification has no others for calls, which no client follows elsewhere.
  static func checkCalls(_ field: Field, _ rule: HTTPRoute.Rule) {
    var counts: [Kind: Int] = [:]
    for filter in rule.filters {
      switch filter {
      case .requestHeaders: counts[.requestHeaders, default: 0] += 1
      case .responseHeaders: counts[.responseHeaders, default: 0] += 1
      case .redirect: field.error("has RequestRedirect, which is an HTTPRoute's; no client of gRPC follows one")
      case .rewrite: field.error("has URLRewrite, which is an HTTPRoute's; a call's path is its service and method")
      case .mirror: break
      }
    }
    for kind in [Kind.requestHeaders, .responseHeaders] where counts[kind, default: 0] > 1 {
      field.error("has more than one \(kind.rawValue); write them as one")
    }
  }

  /// What can only be told of all filters of a rule together.
  static func check(_ field: Field, _ rule: inout HTTPRoute.Rule) {
    var counts: [Kind: Int] = [:]
    var replacesPrefix = false
    for filter in rule.filters {
      let (kind, path): (Kind, HTTPRoute.PathEdit?) =
        switch filter {
        case .requestHeaders: (.requestHeaders, nil)
        case .responseHeaders: (.responseHeaders, nil)
        case .redirect(let redirect): (.redirect, redirect.path)
        case .rewrite(_, let path): (.rewrite, path)
        case .mirror: (.mirror, nil)
        }
      counts[kind, default: 0] += 1
      if case .replacePrefix = path { replacesPrefix = true }
    }
    for kind in Kind.allCases where kind != .mirror && counts[kind, default: 0] > 1 {
      field.error("has more than one \(kind.rawValue); write them as one")
    }
    if counts[.redirect] != nil, counts[.rewrite] != nil {
      field.error("has both RequestRedirect and URLRewrite; a redirected request is not sent on")
    }
    if counts[.redirect] != nil, !rule.backends.isEmpty {
      field.error("has RequestRedirect beside backendRefs; a redirected request is not sent on")
    }
    guard replacesPrefix else { return }
    // Kubernetes fills in a match of every path where none is given.
    if rule.matches.isEmpty { rule.matches = [HTTPRoute.Match()] }
    if rule.matches.count == 1, rule.matches[0].path == nil { rule.matches[0].path = .prefix("/") }
    guard rule.matches.count == 1, case .prefix = rule.matches[0].path else {
      field.error("has ReplacePrefixMatch, which needs exactly one match, with a path of type PathPrefix")
      return
    }
  }

  private static func kind(_ field: Field) -> (Kind, Field)? {
    let known = ["type"] + Kind.allCases.map(\.field)
    guard let fields = field.object(known, advice: ["extensionRef": "is not supported: what it refers to is not read"]),
      let kind = field.require("type", in: fields, "type: RequestHeaderModifier or the like")?
        .word(Kind.self, "type of filter", advice: advice)
    else { return nil }
    for (name, value) in fields where name != "type" && name != kind.field {
      value.error("does not go with type: \(kind.rawValue); write a filter for it")
    }
    return field.require(kind.field, in: fields, "\(kind.field): {...}").map { (kind, $0) }
  }

  private static func edits(_ field: Field) -> HTTPRoute.HeaderEdits? {
    guard let fields = field.object(["set", "add", "remove"]) else { return nil }
    let limit = SnapshotLimits.maxRouteTerms
    let edits = HTTPRoute.HeaderEdits(
      set: fields["set"]?.each(limit: limit, header) ?? [],
      add: fields["add"]?.each(limit: limit, header) ?? [],
      remove: fields["remove"]?.each(limit: limit) { $0.text(HTTPSyntax.editedNameProblem)?.lowercased() } ?? []
    )
    for (name, list) in [("set", edits.set.map(\.name)), ("add", edits.add.map(\.name)), ("remove", edits.remove)]
    where Set(list).count < list.count { fields[name]?.error("names a field twice") }
    return edits
  }

  private static func header(_ field: Field) -> HTTPRoute.Header? {
    guard let fields = field.object(["name", "value"]) else { return nil }
    let name = field.require("name", in: fields, "name: ...")?.text(HTTPSyntax.editedNameProblem)
    let value = field.require("value", in: fields, "value: ...")?.text(HTTPSyntax.fieldValueProblem)
    guard let name, let value else { return nil }
    return HTTPRoute.Header(name.lowercased(), value)
  }

  private enum Scheme: String, CaseIterable { case http, https }

  private static func redirect(_ field: Field) -> HTTPRoute.Redirect? {
    guard let fields = field.object(["scheme", "hostname", "path", "port", "statusCode"]) else { return nil }
    let statuses = [301, 302, 303, 307, 308]
    let status = fields["statusCode"].map { $0.integer() } ?? 302
    if let status, !statuses.contains(status) {
      fields["statusCode"]?.error("\(status) is not a redirect; known here: 301, 302, 303, 307, 308")
    }
    return HTTPRoute.Redirect(
      scheme: fields["scheme"]?.word(Scheme.self, "scheme")?.rawValue,
      hostname: fields["hostname"]?.text { HTTPSyntax.hostnameProblem($0) },
      port: fields["port"]?.port(),
      path: fields["path"].flatMap(path),
      status: status.flatMap { UInt16(exactly: $0) } ?? 302
    )
  }

  private static func rewrite(_ field: Field) -> HTTPRoute.Filter? {
    guard let fields = field.object(["hostname", "path"]) else { return nil }
    if field.saysNothing(fields) { field.error("changes nothing; wanted is hostname or path") }
    return .rewrite(
      hostname: fields["hostname"]?.text { HTTPSyntax.hostnameProblem($0) },
      path: fields["path"].flatMap(path)
    )
  }

  private enum PathType: String, CaseIterable { case full = "ReplaceFullPath", prefix = "ReplacePrefixMatch" }

  private static func path(_ field: Field) -> HTTPRoute.PathEdit? {
    guard let fields = field.object(["type", "replaceFullPath", "replacePrefixMatch"]),
      let type = field.require("type", in: fields, "type: ReplaceFullPath")?.word(PathType.self, "change of a path")
    else { return nil }
    let (name, other) =
      type == .full ? ("replaceFullPath", "replacePrefixMatch") : ("replacePrefixMatch", "replaceFullPath")
    fields[other]?.error("does not go with type: \(type.rawValue)")
    // An empty text is Kubernetes' way to cut a prefix off, or to ask for the root.
    let text = field.require(name, in: fields, "\(name): /...")?.text {
      $0.isEmpty ? nil : HTTPSyntax.replacementProblem($0)
    }
    guard let text else { return nil }
    let path = text.isEmpty ? "/" : text
    return type == .full ? .replaceFull(path) : .replacePrefix(path)
  }

  private static func mirror(
    _ field: Field,
    in namespace: String,
    _ references: inout [ServiceReference]
  ) -> HTTPRoute.Filter? {
    guard let fields = field.object(["backendRef", "percent", "fraction"]),
      let backendField = field.require("backendRef", in: fields, "backendRef: {name: ..., port: 80}"),
      let backend = backendField.object(["group", "kind", "name", "namespace", "port"]),
      let service = ServiceReference.backend(backendField, backend, in: namespace), let port = service.port
    else { return nil }
    references.append(service)
    if fields["percent"] != nil { fields["fraction"]?.error("does not go with percent; leave one out") }
    let percent = fields["percent"]?.integer(0...100 as ClosedRange<UInt32>, "a percentage").map { $0 * 10_000 }
    let parts = percent ?? fields["fraction"].flatMap(fraction) ?? 1_000_000
    return .mirror(
      HTTPRoute.Backend(namespace: service.key.namespace, service: service.key.name, port: port),
      partsPerMillion: parts
    )
  }

  private static func fraction(_ field: Field) -> UInt32? {
    guard let fields = field.object(["numerator", "denominator"]) else { return nil }
    let range: ClosedRange<UInt64> = 0...UInt64(Int32.max)
    let above = field.require("numerator", in: fields, "numerator: 1")?.integer(range, "a numerator")
    let below = fields["denominator"].map { $0.integer(1...range.upperBound, "a denominator") } ?? 100
    guard let above, let below else { return nil }
    guard above <= below else {
      field.error("\(above)/\(below) is more than all")
      return nil
    }
    return UInt32(above * 1_000_000 / below)
  }
}
