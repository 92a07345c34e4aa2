public import MeshModel

/// Which port of which service is meant: by a name, by an address, by another table's number.
extension RequestTable {
  /// The port that a host and the port dialled name. The host is as it came, in any case, perhaps with a dot at its end,
  /// without a port: `web` is a service of the workload's namespace, and `web.shop`, `web.shop.svc`,
  /// `web.shop.svc.cluster.local` and `web.shop.mesh` are one of namespace `shop`; else it is one of a service's `hosts`, whole
  /// or by the longest `*.` that holds it, on a port on which requests may come. Nil: the mesh does not know it.
  public func port(named host: UnsafeRawBufferPointer, _ dialled: UInt16) -> Int? {
    names.index(host, dialled) ?? hostNames.index(host, dialled)
  }

  /// The port that a TLS client asks for by the name in its hello (SNI), and the port dialled: a service of the mesh as with
  /// `port(named:_:)`, else one on which TLS is spoken and that has the name, or the longest `*.` that holds it, among its
  /// `hosts`. Nil: the mesh does not know it.
  public func port(serverName: UnsafeRawBufferPointer, _ dialled: UInt16) -> Int? {
    guard !serverName.isEmpty else { return nil }
    return names.index(serverName, dialled) ?? serverNames.index(serverName, dialled)
  }

  /// The port by its service's namespace and name, as documents write them, and its number.
  public func port(namespace: String, service: String, port: UInt16) -> Int? {
    names.index(namespace: namespace, service: service, port: port)
  }

  /// The number that this table gives to a port of another one; -1 where it knows it no more.
  public func number(_ known: ServicePort) -> Int32 {
    names.index(namespace: known.namespace, service: known.service, port: known.port).map { Int32($0) } ?? -1
  }

  /// The port whose service has this virtual address.
  public func port(at address: SocketAddress) -> Int? {
    addresses.index(at: address, ports, mesh.services)
  }

  /// The port that an endpoint serves; of several, one of the workload's namespace, then the first.
  public func port(servedAt endpoint: SocketAddress) -> Int? {
    addresses.index(servedAt: endpoint, ports)
  }

  /// Whether a name may lead to a service by this number of the port dialled.
  public func hasPort(_ dialled: UInt16) -> Bool {
    var (low, high) = (0, portNumbers.count)
    while low < high {
      let middle = (low + high) / 2
      if portNumbers[middle] < dialled { low = middle + 1 } else { high = middle }
    }
    return low < portNumbers.count && portNumbers[low] == dialled
  }
}
