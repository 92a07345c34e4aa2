internal import MeshModel

/// Indices of a service in the documents and of one of its ports.
struct ServicePlace: Hashable {
  let service: Int
  let port: Int
}

/// Finds, in the documents, whom a request is for, and says how.
struct DestinationSearch {
  private let mesh: MeshConfiguration
  private let workload: Workload

  init(_ mesh: MeshConfiguration, _ workload: Workload) {
    self.mesh = mesh
    self.workload = workload
  }

  /// By name, else by address.
  func find(_ request: ImaginedRequest) -> (RequestExplanation.Destination, ServicePlace?) {
    let address = request.destination ?? request.hostAddress
    let dialled = address?.port ?? request.port ?? 80
    var reasons: [String] = []
    switch byName(request.host, dialled) {
    case .found(let place, let reason): return (destination(place, .byName, reason), place)
    case .unknown(let reason): reasons.append(reason)
    }
    if let address {
      switch byAddress(address) {
      case .found(let place, let reason):
        reasons.append(reason)
        return (destination(place, .byAddress, reasons.joined(separator: "; ")), place)
      case .unknown(let reason): reasons.append(reason)
      }
    }
    return (.init(service: "", found: .not, reason: reasons.joined(separator: "; ")), nil)
  }

  /// What one way of looking came to, with the reason.
  enum Answer {
    case found(ServicePlace, String)
    case unknown(String)
  }

  private func destination(
    _ place: ServicePlace,
    _ found: RequestExplanation.Destination.Found,
    _ reason: String
  ) -> RequestExplanation.Destination {
    let service = mesh.services[place.service]
    let port = service.ports[place.port]
    // A headless service is dialled by its endpoints, of whom nothing is known before somebody speaks.
    let isHTTPOnly = port.appProtocol == .http && !service.addresses.isEmpty
    let reason =
      reason + (isHTTPOnly ? "; it is declared to speak HTTP, so nothing else goes through at its address" : "")
    return .init(service: "\(service.fullName):\(service.ports[place.port].port)", found: found, reason: reason)
  }

  private func byName(_ host: String, _ port: UInt16) -> Answer {
    let answer = byMeshName(host, port)
    guard case .unknown = answer, let place = byHost(host, port) else { return answer }
    return .found(place, "\(host) is one of the hosts of service \(mesh.services[place.service].fullName)")
  }

  /// By names that are none of the mesh's: the whole one, else the longest `*.`; of several services one of the workload's own
  /// namespace, then the first by name.
  private func byHost(_ host: String, _ port: UInt16) -> ServicePlace? {
    let name = host.hasSuffix(".") ? String(host.dropLast()).lowercased() : host.lowercased()
    var best: (length: Int, isWhole: Bool, rank: (Int, String), place: ServicePlace)?
    for (index, service) in mesh.services.enumerated() {
      guard let number = service.ports.firstIndex(where: { $0.port == port && $0.appProtocol.maySpeakHTTP }) else {
        continue
      }
      for known in service.hosts {
        let isWhole = known == name
        guard isWhole || known.hasPrefix("*.") && name.hasSuffix(known.dropFirst()) && name.count >= known.count else {
          continue
        }
        let rank = (service.namespace == workload.namespace ? 0 : 1, "\(service.fullName):\(port)")
        if let best, order(best.isWhole, best.length) > order(isWhole, known.count) { continue }
        if let best, order(best.isWhole, best.length) == order(isWhole, known.count), best.rank <= rank { continue }
        best = (known.count, isWhole, rank, ServicePlace(service: index, port: number))
      }
    }
    return best?.place
  }

  private func order(_ isWhole: Bool, _ length: Int) -> Int { isWhole ? Int.max : length }

  /// By the names that a service of the mesh has.
  func byMeshName(_ host: String, _ port: UInt16) -> Answer {
    guard let (name, namespace) = parts(of: host) else {
      return .unknown(
        "\(host) is not the name of a service, which is NAME, NAME.NAMESPACE, or that with .svc, .svc.cluster.local or .mesh"
      )
    }
    guard let index = mesh.services.firstIndex(where: { $0.namespace == namespace && $0.name == name }) else {
      return .unknown("\(host) would be service \(name) of namespace \(namespace), and there is none")
    }
    let service = mesh.services[index]
    guard let place = service.ports.firstIndex(where: { $0.port == port }) else {
      let ports = service.ports.map { "\($0.port)" }.joined(separator: ", ")
      return .unknown(
        "\(host) is service \(service.fullName), which has no port \(port)"
          + (ports.isEmpty ? ", nor any other" : ", only \(ports)")
      )
    }
    return .found(
      ServicePlace(service: index, port: place),
      "\(host) is service \(service.fullName), and \(port) its port"
    )
  }

  private func parts(of host: String) -> (name: String, namespace: String)? {
    var text = host.lowercased()
    if text.hasSuffix(".") { text.removeLast() }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard labels.allSatisfy({ !$0.isEmpty }) else { return nil }
    switch labels.count {
    case 1: return (labels[0], workload.namespace)
    case 2: return (labels[0], labels[1])
    case 3 where labels[2] == "svc" || labels[2] == "mesh": return (labels[0], labels[1])
    case 5 where labels[2...] == ["svc", "cluster", "local"]: return (labels[0], labels[1])
    default: return nil
    }
  }

  /// By the addresses that a service has.
  func byAddress(_ address: SocketAddress) -> Answer {
    for (index, service) in mesh.services.enumerated() where service.addresses.contains(address.ip) {
      if let place = service.ports.firstIndex(where: { $0.port == address.port }) {
        return .found(
          ServicePlace(service: index, port: place),
          "\(address) is an address of service \(service.fullName)"
        )
      }
    }
    if let service = mesh.services.first(where: { $0.addresses.contains(address.ip) }) {
      return .unknown("\(address.ip) is an address of service \(service.fullName), which has no port \(address.port)")
    }
    return .unknown("\(address.ip) is the address of no service")
  }
}
