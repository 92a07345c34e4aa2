public import HTTP1
public import MeshModel

/// All that one snapshot says of requests, compiled for one workload: immutable, and shared by all workers. Looking
/// something up neither allocates nor locks.
public final class RequestTable: Sendable {
  /// Whom it was compiled for.
  public let workload: Workload
  /// What it was compiled from.
  public let mesh: MeshConfiguration
  /// Every port of every service, in the documents' order: an index into this is what requests are known by.
  public let ports: [ServicePort]
  /// The rules of the routes that apply to the workload, route by route.
  public let rules: [CompiledRule]
  /// What rules name as `backendRefs`.
  public let backends: [CompiledBackend]
  /// Every limit of every policy in use; an index into this is what counters are kept by.
  public let rateLimits: [CompiledRateLimit]
  /// What becomes of requests to names the mesh does not know.
  public let outboundMode: OutboundMode
  /// What is sampled and recorded.
  public let telemetry: TelemetrySettings

  private let faults: [CompiledFault]
  private let securities: [EndpointSecurity]
  private let matches: MatchList
  private let names: NameTable
  private let serverNames: ServerNameTable
  private let hostNames: ServerNameTable
  /// The numbers of all ports, in order, each once.
  private let portNumbers: [UInt16]
  /// The TLSRoutes of ports that have some.
  let serverRoutes: [Int: ServerRoutes]
  private let addresses: AddressTable
  private let peers: PeerTable

  /// Compiles `mesh` for `workload`. What the snapshot's validation refuses never takes effect here: a match whose pattern
  /// cannot be compiled never holds. `peers` says who else is an endpoint, where `mesh` has a part of the services only.
  public init(_ mesh: MeshConfiguration, for workload: Workload, peers: [IPAddress: PeerStanding] = [:]) {
    self.workload = workload
    self.mesh = mesh
    var ports: [ServicePort] = []
    ports.reserveCapacity(mesh.services.reduce(0) { $0 + $1.ports.count })
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(mesh.services.count)
    for (index, service) in mesh.services.enumerated() {
      let first = ports.count
      for port in service.ports { ports.append(ServicePort(service, UInt32(index), port)) }
      ranges.append(first..<ports.count)
    }
    let hash = KeyHash(seed: UInt64.random(in: 1 ... .max))
    names = NameTable(ports, own: workload.namespace, hash)
    serverNames = ServerNameTable(ports, mesh.services, own: workload.namespace, ofTLS: true)
    hostNames = ServerNameTable(ports, mesh.services, own: workload.namespace, ofTLS: false)
    portNumbers = Set(ports.map(\.port)).sorted()
    addresses = AddressTable(ports, mesh.services, own: workload.namespace, hash)
    self.peers = PeerTable(peers, hash)
    var compiler = RouteCompiler(mesh, for: workload, names)
    for (service, range) in zip(mesh.services, ranges) { compiler.complete(&ports, range, of: service) }
    self.ports = ports
    rules = compiler.rules
    backends = compiler.backends
    rateLimits = compiler.rateLimits
    faults = compiler.faults
    securities = compiler.securities
    matches = compiler.matches
    serverRoutes = compiler.serverRoutes
    outboundMode = OutboundMode(mesh.sidecars, for: workload)
    telemetry = TelemetrySettings(mesh.telemetry, for: workload)
  }

  /// What `older` says, with the endpoints of `mesh`, which differs from what it was compiled from in nothing else
  /// (`MeshConfiguration.isSameButEndpoints`). All numbers stay what they were, and nothing is compiled again: endpoints
  /// come and go all day.
  public init(_ older: RequestTable, endpointsOf mesh: MeshConfiguration, peers: [IPAddress: PeerStanding]) {
    workload = older.workload
    self.mesh = mesh
    var ports = older.ports
    var index = 0
    for service in mesh.services {
      for port in service.ports {
        ports[index].endpoints = port.endpoints
        index += 1
      }
    }
    let hash = KeyHash(seed: UInt64.random(in: 1 ... .max))
    addresses = AddressTable(ports, mesh.services, own: older.workload.namespace, hash)
    self.peers = PeerTable(peers, hash)
    self.ports = ports
    rules = older.rules
    backends = older.backends
    rateLimits = older.rateLimits
    outboundMode = older.outboundMode
    telemetry = older.telemetry
    faults = older.faults
    securities = older.securities
    matches = older.matches
    serverRoutes = older.serverRoutes
    names = older.names
    serverNames = older.serverNames
    hostNames = older.hostNames
    portNumbers = older.portNumbers
  }

  /// The table without documents, which knows nobody.
  public static let empty = RequestTable(.empty, for: .unlabelled)

  /// The port that a host and the port dialled name. The host is as it came, in any case, perhaps with a dot at its end,
  /// without a port: `web` is a service of the workload's namespace, and `web.shop`, `web.shop.svc`,
  /// `web.shop.svc.cluster.local` and `web.shop.mesh` are one of namespace `shop`; else it is one of a service's `hosts`, whole
  /// or by the longest `*.` that holds it, on a port on which requests may come. Nil: the mesh does not know it.
  public func port(named host: UnsafeRawBufferPointer, _ dialled: UInt16) -> Int? {
    names.index(host, dialled) ?? hostNames.index(host, dialled)
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

  /// How the endpoints of all ports are spoken to, where DestinationRules say so by a TLS of their own; each once.
  public var ownTLS: Set<ClusterTLS> {
    Set(securities.compactMap { if case .tls(let settings) = $0 { settings } else { nil } })
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

  /// What becomes of a request for `port`, by the routes attached to it, in Gateway API's order of precedence.
  ///
  /// The path compared is `path` where one is given, and must be given where something else is forwarded than came.
  /// `draw` is a random number for the choice among weighted backends, used for nothing else.
  public func route(
    _ port: Int,
    _ head: borrowing RequestHead,
    path: UnsafeRawBufferPointer? = nil,
    draw: UInt64,
    scratch: PatternScratch
  ) -> RouteChoice {
    let groups = ports[port].groups
    guard !groups.isEmpty else { return .direct }
    guard let rule = matches.first(groups, head, path: path ?? head.routedPath, scratch) else { return .noRule }
    return choose(rule, port, draw)
  }

  @inline(__always)
  func choose(_ rule: Int, _ port: Int, _ draw: UInt64) -> RouteChoice {
    let entries = rules[rule].backends
    if entries.isEmpty || rules[rule].redirect != nil {
      return .rule(rule, backend: Int32(truncatingIfNeeded: port), backendEntry: -1)
    }
    // The high half of the product is spread over 0..<total as evenly as `draw` is over its own range.
    var left = draw.multipliedFullWidth(by: rules[rule].totalWeight).high
    for entry in entries {
      let weight = UInt64(backends[entry].weight)
      guard left >= weight else {
        let backend = backends[entry].port
        return backend < 0
          ? .noBackend(rule: rule) : .rule(rule, backend: backend, backendEntry: Int32(truncatingIfNeeded: entry))
      }
      left -= weight
    }
    return .noBackend(rule: rule)
  }

  /// How the endpoints of a port are spoken to, where a DestinationRule says so; nil: by the mesh's mutual TLS where they
  /// belong to the mesh, and else as it came.
  public func security(of port: Int) -> EndpointSecurity? {
    let index = ports[port].securityIndex
    return index == ServicePort.none ? nil : securities[Int(index)]
  }

  /// The faults for a request: the rule's, or of a request that no rule takes the service's.
  public func fault(_ choice: RouteChoice, port: Int) -> CompiledFault? {
    switch choice {
    case .rule(let rule, _, _), .noBackend(let rule): return rules[rule].fault
    case .direct:
      let index = ports[port].faultIndex
      return index == ServicePort.none ? nil : faults[Int(index)]
    case .noRule: return nil
    }
  }

  /// The limit that counts a request, as an index of `rateLimits`: the first whose conditions all hold, of those of the
  /// rule, or of a request that no rule takes those of the service. `source` is the client's address.
  public func rateLimit(
    _ choice: RouteChoice,
    port: Int,
    _ head: borrowing RequestHead,
    source: IPAddress,
    scratch: PatternScratch
  ) -> Int? {
    let range: Range<Int>
    switch choice {
    case .rule(let rule, _, _), .noBackend(let rule): range = rules[rule].rateLimits
    case .direct, .noRule: range = Int(ports[port].limits.lowerBound)..<Int(ports[port].limits.upperBound)
    }
    for index in range where !rateLimits[index].isDead && (rateLimits[index].source?.contains(source) ?? true) {
      if matches.holds(rateLimits[index].conditions, head, scratch) { return index }
    }
    return nil
  }
}

extension ServicePort {
  fileprivate init(_ service: Service, _ index: UInt32, _ port: Service.Port) {
    namespace = service.namespace
    self.service = service.name
    self.port = port.port
    appProtocol = port.appProtocol
    endpoints = port.endpoints
    balancing = nil
    securityIndex = Self.none
    faultIndex = Self.none
    groups = 0..<0
    limits = 0..<0
    serviceIndex = index
  }
}
