internal import MeshModel

/// Finds service ports by virtual address, and by the endpoints that serve them.
struct AddressTable: Sendable {
  /// An endpoint: index of the port, then of the endpoint within it.
  private typealias Place = UInt64

  /// Ports by each of their service's addresses.
  private var virtual: SlotTable<UInt32>
  /// Endpoints by address and port, each once.
  private var served: SlotTable<UInt64>
  /// Endpoints by address alone, each address once.
  private var known: SlotTable<UInt64>
  /// Those of them that forward clients.
  private var forwarders: SlotTable<UInt64>
  /// Those of them at whose address a proxy takes the mesh's transport.
  private var meshed: SlotTable<UInt64>
  private let hash: KeyHash

  /// The addresses of `ports`. Where an endpoint serves several services, one of the workload's own namespace is found
  /// first, since endpoints are asked for where they are served; then the first.
  init(_ ports: [ServicePort], _ services: [Service], own namespace: String, _ hash: KeyHash) {
    self.hash = hash
    virtual = SlotTable(capacity: ports.reduce(0) { $0 + services[Int($1.serviceIndex)].addresses.count })
    let endpoints = ports.reduce(0) { $0 + $1.endpoints.count }
    served = SlotTable(capacity: endpoints)
    known = SlotTable(capacity: endpoints)
    meshed = SlotTable(capacity: ports.reduce(0) { $0 + $1.endpoints.count(where: \.isMeshed) })
    let forwarding = ports.indices.filter { services[Int(ports[$0].serviceIndex)].forwardsClients }
    forwarders = SlotTable(capacity: forwarding.reduce(0) { $0 + ports[$1].endpoints.count })
    for index in forwarding { insertForwarders(of: ports[index], UInt64(index) << 32, ports) }
    for (index, port) in ports.enumerated() {
      for ip in services[Int(port.serviceIndex)].addresses {
        virtual.insert(hash.hash(high: ip.high, low: ip.low, port: port.port), UInt32(index)) {
          Self.isAddress(ip, port.port, of: ports[Int($0)], services)
        }
      }
    }
    for isOwn in [true, false] {
      for (index, port) in ports.enumerated() where (port.namespace == namespace) == isOwn {
        insertEndpoints(of: port, UInt64(index) << 32, ports)
      }
    }
  }

  private mutating func insertEndpoints(of port: ServicePort, _ base: Place, _ ports: [ServicePort]) {
    for (number, endpoint) in port.endpoints.enumerated() {
      let address = endpoint.address
      let place = base | UInt64(number)
      served.insert(hash.hash(high: address.ip.high, low: address.ip.low, port: address.port), place) {
        let other = Self.address($0, ports)
        return other.ip == address.ip && other.port == address.port
      }
      let key = hash.hash(high: address.ip.high, low: address.ip.low)
      known.insert(key, place) { Self.address($0, ports).ip == address.ip }
      if endpoint.isMeshed { meshed.insert(key, place) { Self.address($0, ports).ip == address.ip } }
    }
  }

  private mutating func insertForwarders(of port: ServicePort, _ base: Place, _ ports: [ServicePort]) {
    for (number, endpoint) in port.endpoints.enumerated() {
      let ip = endpoint.address.ip
      forwarders.insert(hash.hash(high: ip.high, low: ip.low), base | UInt64(number)) {
        Self.address($0, ports).ip == ip
      }
    }
  }

  /// The port whose service has this virtual address.
  func index(at address: SocketAddress, _ ports: [ServicePort], _ services: [Service]) -> Int? {
    virtual.first(hash.hash(high: address.ip.high, low: address.ip.low, port: address.port)) {
      Self.isAddress(address.ip, address.port, of: ports[Int($0)], services)
    }
    .map(Int.init)
  }

  /// The port that an endpoint serves.
  func index(servedAt address: SocketAddress, _ ports: [ServicePort]) -> Int? {
    served.first(hash.hash(high: address.ip.high, low: address.ip.low, port: address.port)) {
      let other = Self.address($0, ports)
      return other.ip == address.ip && other.port == address.port
    }
    .map { Int($0 >> 32) }
  }

  /// Whether any endpoint has this address.
  func isEndpoint(_ ip: IPAddress, _ ports: [ServicePort]) -> Bool {
    known.first(hash.hash(high: ip.high, low: ip.low)) { Self.address($0, ports).ip == ip } != nil
  }

  /// Whether any endpoint of a service that forwards clients has this address.
  func isForwarder(_ ip: IPAddress, _ ports: [ServicePort]) -> Bool {
    forwarders.first(hash.hash(high: ip.high, low: ip.low)) { Self.address($0, ports).ip == ip } != nil
  }

  /// An endpoint at whose address a proxy takes the mesh's transport: the one with this port, else any.
  func meshed(at address: SocketAddress, _ ports: [ServicePort]) -> Endpoint? {
    let key = hash.hash(high: address.ip.high, low: address.ip.low)
    guard let any = meshed.first(key, where: { Self.address($0, ports).ip == address.ip }) else { return nil }
    let exact = served.first(hash.hash(high: address.ip.high, low: address.ip.low, port: address.port)) {
      Self.address($0, ports) == address
    }
    if let exact, Self.endpoint(exact, ports).isMeshed { return Self.endpoint(exact, ports) }
    return Self.endpoint(any, ports)
  }

  /// Whether a proxy takes the mesh's transport there.
  func isMeshed(_ ip: IPAddress, _ ports: [ServicePort]) -> Bool {
    meshed.first(hash.hash(high: ip.high, low: ip.low)) { Self.address($0, ports).ip == ip } != nil
  }

  private static func isAddress(_ ip: IPAddress, _ number: UInt16, of port: ServicePort, _ services: [Service]) -> Bool
  {
    port.port == number && services[Int(port.serviceIndex)].addresses.contains(ip)
  }

  private static func address(_ place: Place, _ ports: [ServicePort]) -> SocketAddress {
    ports[Int(place >> 32)].endpoints[Int(truncatingIfNeeded: place & 0xffff_ffff)].address
  }

  private static func endpoint(_ place: Place, _ ports: [ServicePort]) -> Endpoint {
    ports[Int(place >> 32)].endpoints[Int(truncatingIfNeeded: place & 0xffff_ffff)]
  }
}
