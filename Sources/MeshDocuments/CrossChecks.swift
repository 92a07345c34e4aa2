internal import MeshModel

/// Finds what documents say of each other that cannot be, or that is probably not meant.
struct CrossChecks {
  /// The ports of each service, by `namespace/name`.
  private let ports: [String: Set<UInt16>]

  init(services: [Service]) {
    ports = Dictionary(
      services.map { ($0.fullName, Set($0.ports.map(\.port))) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  func check(_ documents: DocumentCollection) {
    checkAddresses(documents.services)
    for reference in documents.routes.flatMap(\.references) { check(reference) }
    checkTargets(documents)
    checkWorkloads(documents.telemetry.map { ($0.name, $0.policy.selector) }, "telemetry")
    checkWorkloads(documents.sidecars.map { ($0.name, $0.policy.selector) }, "sidecar")
  }

  /// One address and port cannot be two services.
  private func checkAddresses(_ documents: [ServiceDocument]) {
    var owners: [SocketAddress: ServiceDocument] = [:]
    for document in documents {
      for address in document.service.addresses {
        for port in document.service.ports {
          let address = SocketAddress(address, port: port.port)
          if let other = owners.updateValue(document, forKey: address) {
            document.addressField.error(
              "\(address) is already an address of service \(other.service.fullName), "
                + "given at \(other.addressField.place)"
            )
          }
        }
      }
    }
  }

  /// A route may come before its services, so this is only a warning.
  private func check(_ reference: ServiceReference) {
    let fullName = "\(reference.namespace)/\(reference.service)"
    guard let ports = ports[fullName] else {
      return reference.field.warning("service \(fullName) is not given; until it is, nothing goes there")
    }
    if let port = reference.port, !ports.contains(port) {
      reference.field.warning("service \(fullName) has no port \(port)")
    }
  }

  /// What a policy is for must be there, and two policies for one thing would contradict each other.
  private func checkTargets(_ documents: DocumentCollection) {
    let routes = Set(documents.routes.map(\.route.fullName))
    var owners: [String: Field] = [:]
    for document in documents.traffic {
      for (field, target) in zip(document.targets, document.policy.targets) {
        let name: String
        let isGiven: Bool
        switch target {
        case .service(let service):
          name = "service \(document.name.namespace)/\(service)"
          isGiven = ports["\(document.name.namespace)/\(service)"] != nil
        case .route(let route):
          name = "route \(document.name.namespace)/\(route)"
          isGiven = routes.contains("\(document.name.namespace)/\(route)")
        }
        if !isGiven { field.warning("\(name) is not given; the policy has no effect on it") }
        if let other = owners.updateValue(field, forKey: name) {
          field.error("\(name) already has a traffic policy, at \(other.place)")
        }
      }
    }
  }

  /// Two documents that select the same workloads: Istio takes one of them, and does not say which.
  private func checkWorkloads(_ documents: [(name: ObjectName, selector: LabelSelector)], _ noun: String) {
    struct Key: Hashable {
      let namespace: String
      let selector: LabelSelector
    }
    var owners: [Key: ObjectName] = [:]
    for (name, selector) in documents {
      if let other = owners.updateValue(name, forKey: Key(namespace: name.namespace, selector: selector)) {
        name.field.error("\(noun) \(other.namespace)/\(other.name) at \(other.field.place) is for the same workloads")
      }
    }
  }
}
