internal import MeshModel

/// A service, or one of its ports, that a document names, and where it does.
struct ServiceReference: Sendable {
  let spot: Spot
  let key: DocumentKey
  let port: UInt16?
}

extension ServiceReference {
  private enum Kind: String, CaseIterable { case service = "Service" }

  /// Reads `group`, `kind`, `name`, `namespace` and `port` of an object reference (Gateway API ObjectReference) that
  /// must be a service. `defaultKind` is what Kubernetes takes where none is given.
  static func read(
    _ field: Field,
    _ fields: [String: Field],
    in namespace: String,
    defaultsToService: Bool
  ) -> ServiceReference? {
    let wanted = "kind: Service, group: \"\""
    if !defaultsToService, fields["kind"] == nil || fields["group"] == nil {
      field.error("means a Gateway, since kind or group is left out; a mesh's route is for services: write \(wanted)")
      return nil
    }
    let kind = fields["kind"].map {
      $0.word(Kind.self, "parent or backend here", advice: ["Gateway": "is not supported; write \(wanted)"])
    }
    let group = fields["group"].map {
      $0.text { ["", "core"].contains($0) ? nil : "is not the group of Service; wanted is \"\"" }
    }
    let name = field.require("name", in: fields, "name: ...")?.serviceName()
    let port = fields["port"].map { $0.port() }
    let space = fields["namespace"].map { $0.namespace() } ?? namespace
    guard let name, let space, kind ?? .service != nil, group ?? "" != nil, port ?? 1 != nil else { return nil }
    return ServiceReference(spot: field.spot, key: .init(.service, namespace: space, name: name), port: port ?? nil)
  }

  /// Reads a `backendRef` of a route with its `weight`, without its filters; the port is a must.
  static func backend(_ field: Field, _ fields: [String: Field], in namespace: String) -> ServiceReference? {
    let reference = read(field, fields, in: namespace, defaultsToService: true)
    if fields["port"] == nil { field.error("port is missing; a service as a backend needs one") }
    return reference
  }
}

extension Field {
  /// A service's name.
  func serviceName() -> String? {
    text { LabelSyntax.isDNSLabel($0) ? nil : "is not a service's name: lower-case letters, digits and -, at most 63" }
  }
}
