/// A document by its place among others: what snapshots order and tell apart.
protocol MeshObject {
  var namespace: String { get }
  var name: String { get }
  var fullName: String { get }
  /// Unlike that of any other of its list.
  var key: String { get }
}

extension MeshObject {
  var key: String { fullName }
}

extension NetworkPolicy: MeshObject {}
extension Service: MeshObject {}
extension HTTPRoute: MeshObject {}
extension AuthorizationPolicy: MeshObject {}
extension RequestAuthentication: MeshObject {}
extension PeerAuthentication: MeshObject {}
extension TrafficPolicy: MeshObject {}
extension TelemetryPolicy: MeshObject {}
extension SidecarPolicy: MeshObject {}

extension Array where Element: MeshObject {
  /// By namespace, then name, then key; two of one key are an error at `place`.
  func ordered(_ place: String) throws(SnapshotError) -> [Element] {
    let ordered = sorted { ($0.namespace, $0.name, $0.key) < ($1.namespace, $1.name, $1.key) }
    for (one, next) in zip(ordered, ordered.dropFirst()) where one.key == next.key {
      throw SnapshotError(place, "two are called \(one.key)")
    }
    return ordered
  }
}

extension MeshConfiguration {
  /// The same with every list in order.
  func ordered() throws(SnapshotError) -> MeshConfiguration {
    MeshConfiguration(
      services: try services.ordered("mesh.services"),
      routes: try routes.ordered("mesh.routes"),
      authorizations: try authorizations.ordered("mesh.authorizations"),
      authentications: try authentications.ordered("mesh.authentications"),
      peerAuthentications: try peerAuthentications.ordered("mesh.peerAuthentications"),
      traffic: try traffic.ordered("mesh.traffic"),
      telemetry: try telemetry.ordered("mesh.telemetry"),
      sidecars: try sidecars.ordered("mesh.sidecars")
    )
  }
}
