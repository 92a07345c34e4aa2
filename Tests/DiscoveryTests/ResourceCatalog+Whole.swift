import MeshModel

@testable import Discovery

extension ResourceCatalog {
  /// Takes all documents in place of those before, as a test says what there is: what differs is found here.
  mutating func replace(documents mesh: MeshConfiguration, policies: [NetworkPolicy]) -> Set<ResourceKey> {
    var before = ConfigurationChange()
    before.routes = documents.routes.mapValues(Optional.some)
    before.traffic = documents.traffic.mapValues(Optional.some)
    for namespace in documents.namespaces.values {
      before.policies.merge(namespace.policies.mapValues(Optional.some)) { first, _ in first }
      before.authorizations.merge(namespace.authorizations.mapValues(Optional.some)) { first, _ in first }
      before.authentications.merge(namespace.authentications.mapValues(Optional.some)) { first, _ in first }
      before.peerAuthentications.merge(namespace.peerAuthentications.mapValues(Optional.some)) { first, _ in first }
      before.telemetry.merge(namespace.telemetry.mapValues(Optional.some)) { first, _ in first }
      before.sidecars.merge(namespace.sidecars.mapValues(Optional.some)) { first, _ in first }
    }
    var after = ConfigurationChange()
    for one in policies { after.policies[one.fullName] = one }
    for one in mesh.routes { after.routes[one.fullName] = one }
    for one in mesh.authorizations { after.authorizations[one.fullName] = one }
    for one in mesh.authentications { after.authentications[one.fullName] = one }
    for one in mesh.peerAuthentications { after.peerAuthentications[one.fullName] = one }
    for one in mesh.traffic { after.traffic[one.fullName] = one }
    for one in mesh.telemetry { after.telemetry[one.fullName] = one }
    for one in mesh.sidecars { after.sidecars[one.fullName] = one }
    return change(ConfigurationChange(from: before, to: after))
  }
}
