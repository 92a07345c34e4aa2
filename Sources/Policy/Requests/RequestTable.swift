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

  let faults: [CompiledFault]
  let securities: [EndpointSecurity]
  let matches: MatchList
  let names: NameTable
  let serverNames: ServerNameTable
  let hostNames: ServerNameTable
  /// The numbers of all ports, in order, each once.
  let portNumbers: [UInt16]
  /// The TLSRoutes of ports that have some.
  let serverRoutes: [Int: ServerRoutes]
  let addresses: AddressTable
  let peers: PeerTable

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
}
