internal import MeshModel
internal import Registry

/// A service as the mesh knows it: what a document says of it, and the instances that hosts registered.
///
/// What a document says wins (ports, addresses, annotations); instances join the document's endpoints on ports that they
/// have. Without a document the instances say it all.
enum ServiceAssembly {
  /// The port on which programs find HTTP when they name none (RFC 9110 section 4.2.1).
  static let httpPort: UInt16 = 80

  /// The service; nil where there is neither a document nor an instance.
  static func service(
    _ key: ServiceKey,
    document: Service?,
    instances: [EndpointsRecord],
    virtual: [IPAddress]
  ) -> Service? {
    guard document != nil || !instances.isEmpty else { return nil }
    var service = document ?? Service(namespace: key.namespace, name: key.name)
    if document == nil { service.ports = ports(of: instances) }
    for index in service.ports.indices {
      service.ports[index].endpoints += endpoints(service.ports[index], service.ports.count == 1, instances)
    }
    // Both: a cluster's address stays dialable, and the mesh's is what names resolve to where a cluster gave none.
    service.addresses += virtual.filter { !service.addresses.contains($0) }
    return service
  }

  /// All ports that instances have, by number; the first instance that names one names it for all.
  private static func ports(of instances: [EndpointsRecord]) -> [Service.Port] {
    var ports: [Service.Port] = []
    for port in instances.flatMap(\.ports) {
      // Instances of a service that call a port by one name mean one port, whatever their own numbers are.
      let isKnown = ports.contains { $0.port == port.port || (!port.name.isEmpty && $0.name == port.name) }
      if !isKnown { ports.append(Service.Port(name: port.name, port: port.port, appProtocol: port.appProtocol)) }
    }
    ports.sort { $0.port < $1.port }
    guard ports.count > 1 || ports.first.map({ alsoAnswersHTTP($0) }) != true, !ports.isEmpty else {
      // `curl http://web.default.mesh` finds the program wherever it listens.
      var http = ports[0]
      http.port = httpPort
      http.name = http.name.isEmpty ? "" : "\(http.name)-80"
      return [http] + ports
    }
    return ports
  }

  private static func alsoAnswersHTTP(_ port: Service.Port) -> Bool {
    port.port != httpPort && (port.appProtocol == .unspecified || port.appProtocol == .http)
  }

  /// Who of the instances serves a port of the service.
  private static func endpoints(
    _ port: Service.Port,
    _ isOnly: Bool,
    _ instances: [EndpointsRecord]
  ) -> [Endpoint] {
    instances.flatMap { instance in
      let own =
        instance.ports.first { !port.name.isEmpty && $0.name == port.name }
        ?? instance.ports.first { $0.port == port.port }
        ?? (isOnly || port.port == httpPort ? instance.ports.first.flatMap { instance.ports.count == 1 ? $0 : nil } : nil)
      return own.map { instance.endpoints($0) } ?? []
    }
  }
}
