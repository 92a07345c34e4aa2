internal import MeshModel

/// Puts the endpoints of slices behind the ports of their services.
struct EndpointMerge {
  let services: [Assembly.Part<ServiceDocument>]
  private let indexes: [DocumentKey: Int]
  /// By service and port: what each slice says.
  private var lists: [[[[Endpoint]]]]
  private var total: Int
  let findings: Findings

  /// Endpoints that all services together may still get.
  var room: Int { max(0, SnapshotLimits.maxEndpoints - total) }

  /// `others` are the endpoints of services beside these.
  init(_ services: [Assembly.Part<ServiceDocument>], beside others: Int, _ findings: Findings) {
    self.services = services
    self.findings = findings
    indexes = Dictionary(
      services.enumerated().map { ($0.element.document.key, $0.offset) },
      uniquingKeysWith: { first, _ in first }
    )
    lists = services.map { $0.content.service.ports.map { $0.endpoints.isEmpty ? [] : [$0.endpoints] } }
    total = others + lists.joined().joined().reduce(0) { $0 + $1.count }
  }

  /// Adds what a slice says. One without its service is no error: services and slices may come from different places.
  mutating func add(_ document: ReadDocument, _ slice: EndpointSlice) {
    guard let key = slice.service else { return }
    guard let index = indexes[key] else {
      return findings.warning(
        document,
        document.nameSpot,
        about: key,
        "belongs to service \(key.fullName), which is not given; it is left out"
      )
    }
    let service = services[index].content
    var changed = lists[index]
    var added = 0
    for port in slice.ports {
      guard let place = service.service.ports.firstIndex(where: { $0.name == port.name }) else {
        if !service.otherPorts.contains(port.name) {
          let name = port.name.isEmpty ? "without a name" : "called \"\(port.name)\""
          let message = "service \(service.fullName) has no port \(name); it is left out"
          findings.warning(document, port.spot, about: key, message)
        }
        continue
      }
      changed[place].append(port.endpoints)
      added += port.endpoints.count
      guard !fits(changed[place]) else { continue }
      return findings.error(
        document,
        port.spot,
        about: key,
        "takes service \(service.fullName) beyond the \(SnapshotLimits.maxPortEndpoints) endpoints allowed for a port"
      )
    }
    guard total + added <= SnapshotLimits.maxEndpoints else {
      return findings.bound(
        document,
        "takes all services beyond the \(SnapshotLimits.maxEndpoints) endpoints allowed"
      )
    }
    total += added
    lists[index] = changed
  }

  /// Adds endpoints that there is room for.
  mutating func append(_ endpoints: [Endpoint], to service: Int, _ port: Int) {
    guard !endpoints.isEmpty else { return }
    total += endpoints.count
    lists[service][port].append(Self.merged([endpoints]))
  }

  private func fits(_ lists: [[Endpoint]]) -> Bool {
    // Merging costs more than adding up, and nearly always the sum is far from the bound.
    lists.reduce(0) { $0 + $1.count } <= SnapshotLimits.maxPortEndpoints
      || Self.merged(lists).count <= SnapshotLimits.maxPortEndpoints
  }

  /// The services with their endpoints in order of address, so that equal slices in any order are equal services.
  func merged() -> [Assembly.Merged] {
    zip(services, lists).map { part, lists in
      var service = part.content.service
      for (port, lists) in lists.enumerated() where !lists.isEmpty {
        // What a slice says is in order since it was read.
        service.ports[port].endpoints = lists.count == 1 ? lists[0] : Self.merged(lists)
      }
      return Assembly.Merged(service: service, given: lists.joined().reduce(0) { $0 + $1.count })
    }
  }

  /// All endpoints, each address once, in order of address.
  static func merged(_ lists: [[Endpoint]]) -> [Endpoint] {
    var endpoints: [SocketAddress: Endpoint] = [:]
    for endpoint in lists.joined() {
      guard let known = endpoints[endpoint.address] else {
        endpoints[endpoint.address] = endpoint
        continue
      }
      // Kubernetes shows an endpoint twice while it moves it between slices.
      endpoints[endpoint.address] = Endpoint(
        known.address,
        isReady: known.isReady || endpoint.isReady,
        zone: known.zone.isEmpty ? endpoint.zone : known.zone,
        identity: known.identity ?? endpoint.identity,
        // Who says that it takes the mesh's transport is believed before who says nothing of it.
        isMeshed: known.isMeshed || endpoint.isMeshed
      )
    }
    return endpoints.values.sorted { ($0.address.ip, $0.address.port) < ($1.address.ip, $1.address.port) }
  }
}
