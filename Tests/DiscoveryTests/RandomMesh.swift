import MeshModel
import Policy
import WeftTestKit

@testable import Discovery

/// A mesh that changes at random, as simple as it can be: the agent's catalog is held to it.
struct RandomMesh {
  var services: [String: Service] = [:]
  var mesh = MeshConfiguration()
  var policies: [NetworkPolicy] = []
  /// Services that no proxy takes, and no fault of the others.
  var poisoned: Set<String> = []

  static let namespaces = ["shop", "ops"]
  static let names = (0..<8).map { "s\($0)" }

  /// A change, and what the catalog says of it.
  mutating func change(_ catalog: inout ResourceCatalog, _ random: inout SplitMix64) -> Set<ResourceKey> {
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<3:
      let service = service(&random)
      services[service.fullName] = service
      poisoned.remove(service.fullName)
      return catalog.replace(service)
    case 3..<6:
      guard let name = services.keys.sorted().randomElement(using: &random), var service = services[name] else {
        return []
      }
      let endpoints = endpoints(&random)
      for index in service.ports.indices { service.ports[index].endpoints = endpoints }
      services[name] = service
      let ports = Dictionary(service.ports.map { ($0.port, endpoints) }) { first, _ in first }
      return catalog.replaceEndpoints(ports, of: name)
    case 6:
      guard let name = services.keys.sorted().randomElement(using: &random) else { return [] }
      services[name] = nil
      poisoned.remove(name)
      return catalog.remove(name)
    case 7:
      guard var service = services.values.sorted(by: { $0.fullName < $1.fullName }).randomElement(using: &random) else {
        return []
      }
      service.ports[0].name = "Not-A-Label"
      services[service.fullName] = service
      poisoned.insert(service.fullName)
      return catalog.replace(service)
    default:
      changeDocuments(&random)
      return catalog.replace(documents: mesh, policies: policies)
    }
  }

  /// Takes back what no proxy takes.
  mutating func heal(_ catalog: inout ResourceCatalog) -> Set<ResourceKey> {
    var changes: Set<ResourceKey> = []
    for name in poisoned {
      services[name]?.ports[0].name = ""
      if let service = services[name] { changes.formUnion(catalog.replace(service)) }
    }
    poisoned = []
    return changes
  }

  private func pick(_ list: [String], _ random: inout SplitMix64) -> String { list.randomElement(using: &random) ?? "" }

  private func service(_ random: inout SplitMix64) -> Service {
    // Few addresses, so that services claim the same.
    let addresses = (0..<Int.random(in: 0...2, using: &random)).map { _ in
      IPAddress(v4: 0xf000_0100 + UInt32.random(in: 0..<12, using: &random))
    }
    let ports = Bool.random(using: &random) ? [80] : [80, 90] as [UInt16]
    return Service(
      namespace: pick(Self.namespaces, &random),
      name: pick(Self.names, &random),
      addresses: Set(addresses).sorted(),
      ports: ports.map { .init(port: $0, endpoints: endpoints(&random)) },
      forwardsClients: Int.random(in: 0..<4, using: &random) == 0
    )
  }

  private func endpoints(_ random: inout SplitMix64) -> [Endpoint] {
    (0..<Int.random(in: 0...3, using: &random)).map { _ in
      let ip = IPAddress(v4: 0x0a00_0000 + UInt32.random(in: 0..<16, using: &random))
      let identity = Self.identities.randomElement(using: &random) ?? nil
      let isMeshed = Int.random(in: 0..<3, using: &random) == 0
      return Endpoint(
        SocketAddress(ip, port: 8080),
        isReady: Bool.random(using: &random),
        identity: identity,
        isMeshed: isMeshed
      )
    }
  }

  private mutating func changeDocuments(_ random: inout SplitMix64) {
    let namespace = pick(Self.namespaces, &random)
    let name = "d\(Int.random(in: 0..<5, using: &random))"
    let selector = LabelSelector(matchLabels: Bool.random(using: &random) ? [:] : ["app": pick(["a", "b"], &random)])
    let isGone = Int.random(in: 0..<3, using: &random) == 0
    switch Int.random(in: 0..<7, using: &random) {
    case 5:
      let namespace = pick(Self.namespaces + [PeerAuthentication.rootNamespace], &random)
      let isWhole = namespace == PeerAuthentication.rootNamespace
      mesh.peerAuthentications.removeAll { $0.namespace == namespace && $0.name == name }
      if !isGone {
        mesh.peerAuthentications.append(
          PeerAuthentication(
            namespace: namespace,
            name: name,
            selector: isWhole ? LabelSelector() : selector,
            mode: Bool.random(using: &random) ? .strict : .permissive
          )
        )
      }
    case 0, 1:
      mesh.routes.removeAll { $0.namespace == namespace && $0.name == name }
      if !isGone { mesh.routes.append(route(namespace, name, &random)) }
    case 2:
      mesh.traffic.removeAll { $0.namespace == namespace && $0.name == name }
      let target: TrafficPolicy.Target =
        Bool.random(using: &random)
        ? .service(pick(Self.names, &random)) : .route("d\(Int.random(in: 0..<5, using: &random))")
      let fault = TrafficPolicy.Fault(delay_ms: UInt32.random(in: 1...9, using: &random))
      if !isGone {
        mesh.traffic.append(TrafficPolicy(namespace: namespace, name: name, targets: [target], fault: fault))
      }
    case 3:
      policies.removeAll { $0.namespace == namespace && $0.name == name }
      if !isGone {
        policies.append(NetworkPolicy(namespace: namespace, name: name, podSelector: selector, ingress: []))
      }
    case 4:
      mesh.authorizations.removeAll { $0.namespace == namespace && $0.name == name }
      if !isGone {
        mesh.authorizations.append(AuthorizationPolicy(namespace: namespace, name: name, selector: selector))
      }
    default:
      mesh.sidecars.removeAll { $0.namespace == namespace && $0.name == name }
      let mode: OutboundMode = Bool.random(using: &random) ? .allowAny : .registryOnly
      if !isGone {
        mesh.sidecars.append(
          SidecarPolicy(namespace: namespace, name: name, selector: selector, outboundMode: mode)
        )
      }
    }
  }

  private func route(_ namespace: String, _ name: String, _ random: inout SplitMix64) -> HTTPRoute {
    func reference(_ random: inout SplitMix64) -> (String, String) {
      (pick(Self.namespaces, &random), pick(Self.names, &random))
    }
    let parents = (0..<Int.random(in: 1...2, using: &random)).map { _ in
      let (namespace, service) = reference(&random)
      return HTTPRoute.Parent(namespace: namespace, service: service)
    }
    let backends = (0..<Int.random(in: 0...2, using: &random)).map { _ in
      let (namespace, service) = reference(&random)
      return HTTPRoute.Backend(namespace: namespace, service: service, port: 80)
    }
    return HTTPRoute(namespace: namespace, name: name, parents: parents, rules: [.init(backends: backends)])
  }
}

extension RandomMesh {
  /// What a proxy must hold that asked for `lookups`: worked out from the mesh as a whole.
  func snapshot(for node: ProxyNode, _ lookups: [LookupKey]) throws -> Snapshot {
    var queue = lookups.compactMap { service(behind: $0) }
    queue += services.values.filter { service in
      service.ports.contains { $0.endpoints.contains { node.addresses.contains($0.address.ip) } }
    }
    .map(\.fullName)
    var found: Set<String> = []
    var mesh = MeshConfiguration(
      authorizations: self.mesh.authorizations.filter { $0.selects(node.workload) },
      peerAuthentications: self.mesh.peerAuthentications.filter { $0.selects(node.workload) },
      sidecars: self.mesh.sidecars.filter { $0.selects(node.workload) }
    )
    while let name = queue.popLast() {
      guard let service = services[name], found.insert(name).inserted else { continue }
      mesh.services.append(withOwnAddresses(service))
      let attached = self.mesh.routes.filter { route in
        route.parents.contains { "\($0.namespace)/\($0.service)" == name }
      }
      for route in attached where [node.workload.namespace, service.namespace].contains(route.namespace) {
        if !mesh.routes.contains(route) { mesh.routes.append(route) }
        queue += route.rules.flatMap(\.backends).map { "\($0.namespace)/\($0.service)" }
      }
      for policy in self.mesh.traffic where !mesh.traffic.contains(policy) {
        let isMeant = policy.targets.contains { target in
          switch target {
          case .service(let service): "\(policy.namespace)/\(service)" == name
          case .route(let route): attached.contains { $0.key == HTTPRoute.key(.http, "\(policy.namespace)/\(route)") }
          case .grpcRoute(let route):
            attached.contains { $0.key == HTTPRoute.key(.grpc, "\(policy.namespace)/\(route)") }
          case .host(let host): policy.namespace == service.namespace && service.hostPatterns.contains(host)
          }
        }
        if isMeant { mesh.traffic.append(policy) }
      }
    }
    return try Snapshot(policies: policies.filter { $0.selects(node.workload) }, mesh: mesh)
  }

  /// What is known of peers among addresses that were asked for.
  func peers(_ lookups: [LookupKey]) -> [IPAddress: PeerStanding] {
    var peers: [IPAddress: PeerStanding] = [:]
    for case .address(let ip) in lookups {
      let serving = services.values.filter { $0.ports.contains { $0.endpoints.contains { $0.address.ip == ip } } }
      guard !serving.isEmpty else { continue }
      let proxies = serving.flatMap(\.ports).flatMap(\.endpoints).filter { $0.address.ip == ip && $0.isMeshed }
      peers[ip] = PeerStanding(
        isEndpoint: true,
        forwardsClients: serving.contains(where: \.forwardsClients),
        isMeshed: !proxies.isEmpty,
        identity: proxies.allSatisfy { $0.identity == proxies[0].identity } ? proxies.first?.identity : nil
      )
    }
    return peers
  }

  /// Whose proxies are at addresses.
  private static let identities: [SPIFFEID?] = [
    nil, try? SPIFFEID("spiffe://weft.local/ns/shop/sa/a"), try? SPIFFEID("spiffe://weft.local/ns/shop/sa/b"),
  ]

  private func service(behind key: LookupKey) -> String? {
    switch key {
    case .host(let namespace, let service): "\(namespace)/\(service)"
    case .address(let ip): services.values.filter { $0.addresses.contains(ip) }.map(\.fullName).min()
    }
  }

  private func withOwnAddresses(_ service: Service) -> Service {
    var own = service
    own.addresses.removeAll { self.service(behind: .address($0)) != service.fullName }
    return own
  }
}
