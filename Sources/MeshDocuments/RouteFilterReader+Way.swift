internal import MeshModel

/// Where a request goes instead: a redirect's address, a rewritten one, and a mirror's service.
extension RouteFilterReader {
  private enum Scheme: String, CaseIterable { case http, https }

  static func redirect(_ field: Field) -> HTTPRoute.Redirect? {
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

  static func rewrite(_ field: Field) -> HTTPRoute.Filter? {
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

  static func mirror(
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
