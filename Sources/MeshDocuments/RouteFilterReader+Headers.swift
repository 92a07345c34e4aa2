internal import MeshModel

/// Changes of header fields (HTTPHeaderFilter).
extension RouteFilterReader {
  static func edits(_ field: Field) -> HTTPRoute.HeaderEdits? {
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
}
