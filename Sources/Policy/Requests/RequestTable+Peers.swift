public import MeshModel

/// Who is at an address of the mesh.
extension RequestTable {
  /// Whether any endpoint of the mesh has this address, ready or not: who dials from it is in the mesh.
  public func isKnownEndpoint(_ ip: IPAddress) -> Bool {
    addresses.isEndpoint(ip, ports) || peers.isEndpoint(ip)
  }

  /// Whether a proxy takes the mesh's transport at this address: who dials from it can show who it is.
  public func isMeshed(_ ip: IPAddress) -> Bool {
    addresses.isMeshed(ip, ports) || peers.standing(of: ip)?.isMeshed == true
  }

  /// Who the proxy at an address must prove to be; nil where the mesh knows none there, or not whose it is.
  public func meshIdentity(at address: SocketAddress) -> SPIFFEID? {
    if let endpoint = addresses.meshed(at: address, ports) { return endpoint.identity }
    return peers.standing(of: address.ip)?.identity
  }

  /// Whether this is the address of an endpoint of a service that forwards clients: what it adds to x-forwarded-for is
  /// believed.
  public func isForwarder(_ ip: IPAddress) -> Bool {
    addresses.isForwarder(ip, ports) || peers.isForwarder(ip)
  }
}
