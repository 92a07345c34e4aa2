internal import MeshModel

extension Assembly {
  /// Orders every list by namespace and name: what a set of documents says does not depend on how it came about. They
  /// are nearly in order already, so this costs little.
  mutating func order() {
    policies.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.services.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.routes.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.authorizations.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.authentications.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.traffic.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.telemetry.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    mesh.sidecars.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }
}
