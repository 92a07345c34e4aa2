internal import MeshModel

/// Puts the endpoints of slices behind the ports of their services.
struct EndpointMerge {
  private let documents: [ServiceDocument]
  /// The index of each service by `namespace/name`.
  private let indexes: [String: Int]
  /// By service, then by the port's name: each address once.
  private var endpoints: [[String: [SocketAddress: Endpoint]]]

  init(_ documents: [ServiceDocument]) {
    self.documents = documents
    indexes = Dictionary(
      documents.enumerated().map { ($0.element.service.fullName, $0.offset) },
      uniquingKeysWith: { first, _ in first }
    )
    endpoints = Array(repeating: [:], count: documents.count)
  }

  /// Adds what a slice says. One without its service is no error: services and slices may come from different places.
  mutating func add(_ slice: EndpointSlice) {
    guard let service = slice.service else { return }
    let fullName = "\(slice.name.namespace)/\(service)"
    guard let index = indexes[fullName] else {
      return slice.name.field.warning("belongs to service \(fullName), which is not given; it is left out")
    }
    let document = documents[index]
    for port in slice.ports {
      guard document.service.ports.contains(where: { $0.name == port.name }) else {
        if !document.otherPorts.contains(port.name) {
          port.field.warning("service \(fullName) has no port \(Self.called(port.name)); it is left out")
        }
        continue
      }
      for endpoint in port.endpoints {
        endpoints[index][port.name, default: [:]].merge([endpoint.address: endpoint]) { known, new in
          // Kubernetes shows an endpoint twice while it moves it between slices.
          Endpoint(
            known.address,
            isReady: known.isReady || new.isReady,
            zone: known.zone.isEmpty ? new.zone : known.zone
          )
        }
      }
      if let count = endpoints[index][port.name]?.count, count > SnapshotLimits.maxPortEndpoints {
        port.field.error(
          "takes service \(fullName) beyond the \(SnapshotLimits.maxPortEndpoints) endpoints allowed for a port"
        )
      }
    }
  }

  /// The services with their endpoints in order of address, so that equal slices in any order are equal services.
  func services() -> [Service] {
    zip(documents, endpoints).map { document, endpoints in
      var service = document.service
      for index in service.ports.indices {
        service.ports[index].endpoints = (endpoints[service.ports[index].name] ?? [:]).values.sorted {
          ($0.address.ip, $0.address.port) < ($1.address.ip, $1.address.port)
        }
      }
      return service
    }
  }

  private static func called(_ name: String) -> String { name.isEmpty ? "without a name" : "called \"\(name)\"" }
}
