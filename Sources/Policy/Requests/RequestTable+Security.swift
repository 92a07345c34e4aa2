internal import MeshModel

/// How endpoints are spoken to.
extension RequestTable {
  /// How the endpoints of a port are spoken to, where a DestinationRule says so; nil: by the mesh's mutual TLS where they
  /// belong to the mesh, and else as it came.
  public func security(of port: Int) -> EndpointSecurity? {
    let index = ports[port].securityIndex
    return index == ServicePort.none ? nil : securities[Int(index)]
  }

  /// How the endpoints of all ports are spoken to, where DestinationRules say so by a TLS of their own; each once.
  public var ownTLS: Set<ClusterTLS> {
    Set(securities.compactMap { if case .tls(let settings) = $0 { settings } else { nil } })
  }
}
