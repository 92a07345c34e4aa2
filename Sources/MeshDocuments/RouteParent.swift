internal import MeshModel

extension ServiceReference {
  /// What a route of any kind is attached to: one entry of its `parentRefs` (GEP-1426).
  static func parent(_ field: Field, in namespace: String) -> ServiceReference? {
    let advice = ["sectionName": "is not supported; write port: with the number"]
    guard let fields = field.object(["group", "kind", "name", "namespace", "port"], advice: advice) else { return nil }
    return read(field, fields, in: namespace, defaultsToService: false)
  }
}
