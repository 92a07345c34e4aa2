internal import MeshModel

extension MeshConfiguration {
  /// The names of hosts that endpoints have.
  var endpointHosts: Set<String> { services.reduce(into: []) { $0.formUnion($1.endpointHosts) } }

  /// The same with the endpoints that are given by name at the addresses of their hosts, as if documents gave these.
  func resolved(_ addresses: [String: [IPAddress]]) -> MeshConfiguration {
    guard !addresses.isEmpty else { return self }
    var mesh = self
    for (service, known) in services.enumerated() {
      for (port, known) in known.ports.enumerated() where !known.named.isEmpty {
        var taken = Set(known.endpoints.map(\.address))
        let found = known.named.flatMap { named in named.endpoints(at: addresses[named.host] ?? []) }
        // Two hosts may have an address together.
        mesh.services[service].ports[port].endpoints += found.filter { taken.insert($0.address).inserted }
      }
    }
    return mesh
  }
}
