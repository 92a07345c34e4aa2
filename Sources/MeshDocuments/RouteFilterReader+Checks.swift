internal import MeshModel

/// What the filters of one rule may be together.
extension RouteFilterReader {
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
}
