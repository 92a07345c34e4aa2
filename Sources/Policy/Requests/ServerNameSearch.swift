internal import MeshModel

/// Finds, in the documents, which service a TLS client is for by the name in its hello, and tells of the hosts that were
/// looked at. What `ServerNameTable` does for the path, this does for people.
struct ServerNameSearch {
  /// Hosts that are told at most: those that hold the name come first, of others a few show a slip of the pen.
  static let toldHosts = 50

  /// What a name led to.
  struct Found {
    /// Nil where the mesh does not know it.
    var place: ServicePlace?
    var reason: String
    var hosts: [ServerNameExplanation.HostPart] = []
    var hostsLeftOut = 0
  }

  /// A host that holds the name.
  private struct Holder {
    let service: Int
    let host: String
    /// The service's port with the number dialled, where TLS is spoken there.
    let port: Int?
    let reason: String

    var isWild: Bool { host.hasPrefix("*.") }
  }

  private let mesh: MeshConfiguration
  private let workload: Workload

  init(_ mesh: MeshConfiguration, _ workload: Workload) {
    self.mesh = mesh
    self.workload = workload
  }

  /// The service for a hello.
  func find(_ question: ServerNameQuestion) -> Found {
    guard !question.name.isEmpty else { return Found(place: nil, reason: "the hello asks for no name") }
    let (name, port) = (question.comparedName, question.port)
    let (holders, others, count) = search(name, port)
    var found: Found
    let chosen: Holder?
    switch DestinationSearch(mesh, workload).byMeshName(question.name, port) {
    case .found(let place, let reason):
      chosen = nil
      found = Found(place: place, reason: reason)
      found.hosts = holders.map { part($0, "it holds the name, and names of the mesh come before hosts") }
    case .unknown(let reason):
      chosen = holders.filter { $0.port != nil }.min(by: precedes)
      if let chosen, let number = chosen.port {
        found = Found(
          place: ServicePlace(service: chosen.service, port: number),
          reason: chosen.isWild
            ? "\(chosen.host), a host of service \(fullName(chosen)), holds \(name)"
            : "\(name) is one of the hosts of service \(fullName(chosen))"
        )
        let rest = holders.filter { $0.service != chosen.service || $0.host != chosen.host }.sorted(by: precedes)
        found.hosts = [part(chosen, isChosen: true, chosen.reason)] + rest.map { part($0, rejection($0, chosen)) }
      } else {
        let none = holders.isEmpty ? "no host of a service holds it" : "no host that holds it leads on port \(port)"
        found = Found(place: nil, reason: count == 0 ? reason : "\(reason); \(none)")
        found.hosts = holders.map { part($0, $0.reason) }
      }
    }
    found.hosts = Array((found.hosts + others).prefix(Self.toldHosts))
    found.hostsLeftOut = count - found.hosts.count
    return found
  }

  /// The hosts that hold the name, some of those that do not, and how many there are in all.
  private func search(_ name: String, _ port: UInt16) -> ([Holder], [ServerNameExplanation.HostPart], count: Int) {
    var (holders, others, count): ([Holder], [ServerNameExplanation.HostPart], Int) = ([], [], 0)
    for (index, service) in mesh.services.enumerated() {
      count += service.hosts.count
      for host in service.hosts {
        let rest = host.dropFirst()
        let isWild = host.hasPrefix("*.")
        if host == name || isWild && name.hasSuffix(rest) && name.utf8.count >= host.utf8.count {
          let place = service.ports.firstIndex { $0.port == port && $0.appProtocol == .tls }
          holders.append(Holder(service: index, host: host, port: place, reason: reason(service, host, port)))
        } else if others.count < Self.toldHosts {
          let why =
            !isWild
            ? "it is another name"
            : name == rest.dropFirst()
              ? "the * stands for one label at least" : "it holds names that end in \(rest)"
          others.append(.init(service: service.fullName, host: host, holds: false, reason: why))
        }
      }
    }
    return (holders, others, count)
  }

  /// Why a host that holds the name leads, or cannot.
  private func reason(_ service: Service, _ host: String, _ port: UInt16) -> String {
    guard let known = service.ports.first(where: { $0.port == port }) else {
      let ports = service.ports.map { "\($0.port)" }.joined(separator: ", ")
      return "it holds the name, and the service has no port \(port)" + (ports.isEmpty ? "" : ", only \(ports)")
    }
    guard known.appProtocol == .tls else {
      return "it holds the name, and port \(port) is not declared to speak TLS (protocol: TLS or HTTPS)"
    }
    return host.hasPrefix("*.") ? "it is the longest *. that holds the name" : "it is the whole name"
  }

  /// Why another one leads.
  private func rejection(_ holder: Holder, _ chosen: Holder) -> String {
    guard holder.port != nil else { return holder.reason }
    let whose = fullName(chosen)
    guard holder.host == chosen.host else {
      return "it holds the name, and \(chosen.host) of \(whose) is \(chosen.isWild ? "longer" : "the whole name")"
    }
    return mesh.services[chosen.service].namespace == workload.namespace
      && mesh.services[holder.service].namespace != workload.namespace
      ? "\(whose) has it too, and is of the workload's own namespace"
      : "\(whose) has it too, and comes first by name"
  }

  /// Whole names before `*.`, longer before shorter, the workload's own namespace first, then by name.
  private func precedes(_ left: Holder, _ right: Holder) -> Bool { rank(left) < rank(right) }

  private func rank(_ holder: Holder) -> (Int, Int, Int, String) {
    let service = mesh.services[holder.service]
    let isOwn = service.namespace == workload.namespace
    let name = holder.port.map { "\(service.fullName):\(service.ports[$0].port)" } ?? service.fullName
    return (holder.isWild ? 1 : 0, -holder.host.utf8.count, isOwn ? 0 : 1, name)
  }

  private func fullName(_ holder: Holder) -> String { mesh.services[holder.service].fullName }

  private func part(_ holder: Holder, isChosen: Bool = false, _ reason: String) -> ServerNameExplanation.HostPart {
    .init(service: fullName(holder), host: holder.host, holds: true, isChosen: isChosen, reason: reason)
  }
}
