public import MeshModel

/// Puts the services that hosts registered beside those that documents give.
///
/// Of a service that has both, the document says what it is: its ports, its addresses where it gives any, and its
/// annotations. Its endpoints are those of its EndpointSlices and of the registered instances together.
public struct ServiceMerge: Sendable {
  /// All services, in order of namespace and name.
  public private(set) var services: [Service] = []
  /// What was left out and why, a sentence each, up to a bound.
  public private(set) var notes: [String] = []

  /// As many as an operator reads; each is about one service.
  private static let maxNotes = 50

  private var owners: [SocketAddress: String] = [:]
  private var endpoints = 0

  /// Merges what `documents` give with what is registered, each service once.
  public init(_ documents: CompiledDocuments, _ registered: [RegisteredService]) {
    self.init(documents.mesh.services, headless: documents.headless, registered)
  }

  /// Merges what documents give of one service, if anything, with what is registered of it. What another service has is
  /// not looked at.
  public init(_ document: Service?, isHeadless: Bool, _ registered: RegisteredService) {
    self.init(document.map { [$0] } ?? [], headless: isHeadless ? [document?.fullName ?? ""] : [], [registered])
  }

  private init(_ documents: [Service], headless: Set<String>, _ registered: [RegisteredService]) {
    var rest = Dictionary(registered.map { (Name($0), $0) }, uniquingKeysWith: { _, last in last })
    // Documents first: an address that one gives is never lost to a service that was only registered.
    for service in documents {
      let isHeadless = headless.contains(service.fullName)
      let other = rest.removeValue(forKey: Name(service))
      add(other.map { merged(service, $0, isHeadless: isHeadless) } ?? service)
    }
    for (name, service) in rest.sorted(by: { $0.key < $1.key }) where !service.instances.isEmpty {
      let ports = service.ports
      add(
        Service(
          namespace: name.namespace,
          name: name.name,
          addresses: free(service.virtualAddresses, ports),
          ports: ports
        )
      )
    }
    services.sort { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }

  private struct Name: Hashable, Comparable {
    let namespace: String
    let name: String

    init(_ service: Service) { (namespace, name) = (service.namespace, service.name) }
    init(_ service: RegisteredService) { (namespace, name) = (service.namespace, service.name) }

    static func < (left: Self, right: Self) -> Bool { (left.namespace, left.name) < (right.namespace, right.name) }
  }

  private mutating func merged(_ document: Service, _ registered: RegisteredService, isHeadless: Bool) -> Service {
    var service = document
    let ports = registered.ports
    for port in ports {
      guard let index = Self.match(port, of: ports.count, in: document.ports) else {
        note("service \(document.fullName): the registered port \(Self.called(port)) is none of the document's")
        continue
      }
      service.ports[index].endpoints = EndpointMerge.merged([service.ports[index].endpoints, port.endpoints])
    }
    if service.addresses.isEmpty, !isHeadless { service.addresses = free(registered.virtualAddresses, service.ports) }
    return service
  }

  /// The port of the document that a registered one stands behind: that of its name, or of its number where one of the
  /// two has no name; or the only one, where there is one on both sides, since a service's port may differ from its
  /// program's.
  private static func match(_ port: Service.Port, of count: Int, in ports: [Service.Port]) -> Int? {
    if !port.name.isEmpty, let index = ports.firstIndex(where: { $0.name == port.name }) { return index }
    if count == 1, ports.count == 1 { return 0 }
    return ports.firstIndex { $0.port == port.port && ($0.name.isEmpty || port.name.isEmpty) }
  }

  /// The addresses that no service before has on one of these ports.
  private mutating func free(_ addresses: [IPAddress], _ ports: [Service.Port]) -> [IPAddress] {
    addresses.prefix(SnapshotLimits.maxServiceAddresses).filter { address in
      for port in ports {
        guard let owner = owners[SocketAddress(address, port: port.port)] else { continue }
        note("the virtual address \(address) is left out, since service \(owner) has it by its document")
        return false
      }
      return true
    }
  }

  /// Takes a service as far as the bounds of a snapshot let it: those who registered it cannot be refused any more.
  private mutating func add(_ service: Service) {
    guard services.count < SnapshotLimits.maxServices else {
      return note("service \(service.fullName) is left out: it is beyond the \(SnapshotLimits.maxServices) allowed")
    }
    var service = service
    if service.ports.count > SnapshotLimits.maxServicePorts {
      note("service \(service.fullName) has \(service.ports.count) ports, and \(SnapshotLimits.maxServicePorts) count")
      service.ports.removeLast(service.ports.count - SnapshotLimits.maxServicePorts)
    }
    for index in service.ports.indices {
      let count = service.ports[index].endpoints.count
      let room = min(SnapshotLimits.maxPortEndpoints, SnapshotLimits.maxEndpoints - endpoints)
      if count > room {
        note(
          "service \(service.fullName) has \(count) endpoints on a port, and \(room) count, those that are ready first"
        )
        let sorted =
          service.ports[index].endpoints.filter(\.isReady) + service.ports[index].endpoints.filter { !$0.isReady }
        service.ports[index].endpoints = EndpointMerge.merged([Array(sorted.prefix(room))])
      }
      endpoints += service.ports[index].endpoints.count
      for address in service.addresses {
        owners[SocketAddress(address, port: service.ports[index].port)] = service.fullName
      }
    }
    services.append(service)
  }

  private mutating func note(_ sentence: String) {
    if notes.count < Self.maxNotes { notes.append(sentence) }
  }

  private static func called(_ port: Service.Port) -> String {
    port.name.isEmpty ? "\(port.port)" : "\(port.name):\(port.port)"
  }
}
