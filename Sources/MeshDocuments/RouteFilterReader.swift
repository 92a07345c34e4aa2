internal import MeshModel

/// Reads the filters of a route's rule (Gateway API HTTPRouteFilter).
enum RouteFilterReader {
  /// The kinds of filters that are read, by the word of `type`.
  enum Kind: String, CaseIterable {
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
}
