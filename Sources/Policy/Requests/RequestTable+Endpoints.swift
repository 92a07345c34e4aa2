public import MeshModel

extension MeshConfiguration {
  /// Whether the two differ in endpoints at most: then their services, ports, routes and rules have the same numbers.
  public func isSameButEndpoints(as other: MeshConfiguration) -> Bool {
    services.count == other.services.count && zip(services, other.services).allSatisfy { $0.isSameButEndpoints(as: $1) }
      && routes == other.routes && traffic == other.traffic && authorizations == other.authorizations
      && authentications == other.authentications && peerAuthentications == other.peerAuthentications
      && telemetry == other.telemetry && sidecars == other.sidecars
  }
}

extension Service {
  fileprivate func isSameButEndpoints(as other: Service) -> Bool {
    namespace == other.namespace && name == other.name && addresses == other.addresses
      && forwardsClients == other.forwardsClients && hosts == other.hosts && ports.count == other.ports.count
      && zip(ports, other.ports).allSatisfy {
        $0.name == $1.name && $0.port == $1.port && $0.appProtocol == $1.appProtocol && $0.named == $1.named
      }
  }
}
