/// What filters may do, and which of them go together.
enum FilterValidation {
  private typealias Words = SnapshotValidation

  /// `rule`: whose filters they are; nil for those of a backend, which may only change header fields.
  static func check(_ filters: [HTTPRoute.Filter], of rule: HTTPRoute.Rule?, _ place: String) throws(SnapshotError) {
    try Words.bound(filters.count, SnapshotLimits.maxRouteTerms, place)
    var kinds: Set<String> = []
    for (index, filter) in filters.enumerated() {
      let place = "\(place)[\(index)]"
      let (kind, path) = try check(filter, place)
      guard let rule else {
        guard kind == "request" || kind == "response" else {
          throw SnapshotError(place, "a backend's filters can only change header fields")
        }
        continue
      }
      guard kind == "mirror" || kinds.insert(kind).inserted else {
        throw SnapshotError(place, "there is another filter of its kind")
      }
      if case .replacePrefix = path {
        guard rule.matches.count == 1, case .prefix = rule.matches[0].path else {
          throw SnapshotError(place, "a prefix can only be replaced where exactly one match has one")
        }
      }
    }
    if kinds.contains("redirect"), kinds.contains("rewrite") || rule?.backends.isEmpty == false {
      throw SnapshotError(place, "a redirect goes with neither a rewrite nor backends")
    }
  }

  /// The filter's kind, and how it changes the path.
  private static func check(
    _ filter: HTTPRoute.Filter,
    _ place: String
  ) throws(SnapshotError) -> (kind: String, path: HTTPRoute.PathEdit?) {
    switch filter {
    case .requestHeaders(let edits):
      try check(edits, place)
      return ("request", nil)
    case .responseHeaders(let edits):
      try check(edits, place)
      return ("response", nil)
    case .redirect(let redirect):
      guard [301, 302, 303, 307, 308].contains(redirect.status) else {
        throw SnapshotError("\(place).status", "\(redirect.status) is not 301, 302, 303, 307 or 308")
      }
      guard redirect.scheme.map({ ["http", "https"].contains($0) }) ?? true else {
        throw SnapshotError("\(place).scheme", "is neither http nor https")
      }
      try Words.range(redirect.port, 1...UInt16.max, "\(place).port")
      try check(redirect.hostname, redirect.path, place)
      return ("redirect", redirect.path)
    case .rewrite(let hostname, let path):
      try check(hostname, path, place)
      return ("rewrite", path)
    case .mirror(let backend, let parts):
      try RouteValidation.check(backend, "\(place).backend")
      try Words.range(parts, 0...1_000_000, "\(place).partsPerMillion")
      return ("mirror", nil)
    }
  }

  private static func check(
    _ hostname: String?,
    _ path: HTTPRoute.PathEdit?,
    _ place: String
  ) throws(SnapshotError) {
    if let hostname { try Words.refuse(hostname, HTTPSyntax.hostnameProblem(hostname), "\(place).hostname") }
    switch path {
    case .replaceFull(let text), .replacePrefix(let text):
      try Words.refuse(text, HTTPSyntax.replacementProblem(text), "\(place).path")
    case nil: break
    }
  }

  private static func check(_ edits: HTTPRoute.HeaderEdits, _ place: String) throws(SnapshotError) {
    for list in [edits.set.count, edits.add.count, edits.remove.count] {
      try Words.bound(list, SnapshotLimits.maxRouteTerms, place)
    }
    for header in edits.set + edits.add {
      try Words.refuse(header.value, HTTPSyntax.fieldValueProblem(header.value), place)
    }
    for name in (edits.set + edits.add).map(\.name) + edits.remove {
      try Words.refuse(name, HTTPSyntax.editedNameProblem(name), place)
      try RouteValidation.lowerCase(name, place)
    }
  }
}
