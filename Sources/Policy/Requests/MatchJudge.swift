internal import MeshModel

/// Judges one match of a rule by its document, and says what of it holds or the first thing that does not.
struct MatchJudge {
  private let request: SeenRequest
  private let scratch = PatternScratch()

  init(_ request: SeenRequest) { self.request = request }

  /// Whether the match takes the request, and by what.
  func judge(_ match: HTTPRoute.Match, of kind: HTTPRoute.Kind) -> (matches: Bool, reason: String) {
    // In the order in which a person reads a request: what is first wrong is what is first named.
    var judgements = kind == .grpc ? [content(), path(match.path)] : [path(match.path)]
    if let method = match.method { judgements.append(self.method(method)) }
    judgements += match.headers.firstOfEachName.map(header)
    judgements += match.query.firstOfEachName.map(parameter)
    if let first = judgements.first(where: { !$0.matches }) { return first }
    return (true, judgements.map(\.reason).joined(separator: ", "))
  }

  private func path(_ wanted: HTTPRoute.PathMatch?) -> (matches: Bool, reason: String) {
    let path = request.path
    switch wanted {
    case nil: return (true, "any path")
    case .exact(let text):
      return path == text ? (true, "path is \(text)") : (false, "path \(path) is not \(text)")
    case .prefix(let text):
      let prefix = text.hasSuffix("/") ? String(text.dropLast()) : text
      if prefix.isEmpty { return (true, "any path") }
      if path == prefix || path.hasPrefix(prefix + "/") { return (true, "path \(path) starts with \(text)") }
      return path.hasPrefix(prefix)
        ? (false, "path \(path) starts with \(text) only within a segment")
        : (false, "path \(path) does not start with \(text)")
    case .regex(let text):
      return regex(text, path, "path \(path)")
    case .call(let service, let method, let isRegex):
      return call(service, method, isRegex)
    }
  }

  /// A GRPCRoute takes calls of gRPC alone.
  private func content() -> (matches: Bool, reason: String) {
    guard let type = request.fields.first(where: { $0.name == "content-type" })?.value else {
      return (false, "there is no content-type, and a GRPCRoute takes calls of gRPC alone")
    }
    return request.isGRPC
      ? (true, "content-type is \(type)") : (false, "content-type \(type) is not gRPC's application/grpc")
  }

  private func call(_ service: String?, _ method: String?, _ isRegex: Bool) -> (matches: Bool, reason: String) {
    guard let parts = CallPattern.parts(request.path) else {
      return (false, "path \(request.path) is not a call's, /service/method")
    }
    let judgements = [("service", service, parts.service), ("method", method, parts.method)].compactMap {
      what,
      wanted,
      found -> (matches: Bool, reason: String)? in
      guard let wanted else { return nil }
      if isRegex { return regex(wanted, String(found), "\(what) \(found)") }
      return found == wanted ? (true, "\(what) is \(wanted)") : (false, "\(what) \(found) is not \(wanted)")
    }
    if let first = judgements.first(where: { !$0.matches }) { return first }
    return (true, judgements.map(\.reason).joined(separator: ", "))
  }

  private func method(_ wanted: String) -> (matches: Bool, reason: String) {
    request.method == wanted
      ? (true, "method is \(wanted)") : (false, "method is \(request.method), wanted \(wanted)")
  }

  private func header(_ wanted: HTTPRoute.ValueMatch) -> (matches: Bool, reason: String) {
    let values = request.fields.filter { $0.name == wanted.name }.map(\.value)
    guard !values.isEmpty else { return (false, "there is no header \(wanted.name)") }
    return value(wanted, values.joined(separator: ","), "header \(wanted.name)")
  }

  private func parameter(_ wanted: HTTPRoute.ValueMatch) -> (matches: Bool, reason: String) {
    for part in (request.query ?? "").split(separator: "&") {
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = pieces.first, name == wanted.name else { continue }
      return value(wanted, pieces.count > 1 ? String(pieces[1]) : "", "query parameter \(wanted.name)")
    }
    return (false, "there is no query parameter \(wanted.name)")
  }

  private func value(_ wanted: HTTPRoute.ValueMatch, _ found: String, _ what: String) -> (matches: Bool, reason: String)
  {
    if wanted.isRegex { return regex(wanted.value, found, "\(what) is \"\(found)\", which") }
    return found == wanted.value
      ? (true, "\(what) is \"\(found)\"") : (false, "\(what) is \"\(found)\", wanted \"\(wanted.value)\"")
  }

  private func regex(_ text: String, _ subject: String, _ what: String) -> (matches: Bool, reason: String) {
    guard let pattern = PathPattern(text) else {
      return (false, "its pattern \(text) \(PathPattern.problem(text) ?? "cannot be compiled"), so it never matches")
    }
    let outcome = Array(subject.utf8).withUnsafeBytes { pattern.match($0, scratch) }
    switch outcome {
    case .matches: return (true, "\(what) matches \(text)")
    case .no: return (false, "\(what) does not match \(text)")
    case .failed:
      return (false, "\(what) takes \(text) more than \(PatternLimit.steps) steps, which counts as no match")
    }
  }
}
