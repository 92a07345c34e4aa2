internal import MeshModel

/// Finds what documents say of each other that cannot be, or that is probably not meant. Of two that contradict each
/// other, the later one is wrong.
struct CrossChecks {
  let findings: Findings

  /// The services of which none claims an address and port of one before it.
  func withoutClashes(_ services: [Assembly.Part<ServiceDocument>]) -> [Assembly.Part<ServiceDocument>] {
    var owners: [SocketAddress: Int] = [:]
    owners.reserveCapacity(2 * services.count)
    var names: [String: Int] = [:]
    return services.indices.filter { index in
      let (document, content) = services[index]
      let addresses = content.service.addresses.flatMap { address in
        content.service.ports.map { SocketAddress(address, port: $0.port) }
      }
      var clashes = false
      for address in addresses {
        guard let owner = owners[address] else { continue }
        clashes = true
        let (other, otherContent) = services[owner]
        findings.error(
          document,
          content.addressSpot,
          about: other.key,
          "\(address) is already an address of service \(other.key.fullName), given "
            + other.given(otherContent.addressSpot)
        )
      }
      if let owner = names[content.fullName] {
        clashes = true
        let other = services[owner].document
        let message =
          "\(other.kind.noun) \(other.key.fullName), given \(other.given(other.nameSpot)), is a service of this name already"
        findings.error(document, document.nameSpot, about: other.key, message)
      }
      guard !clashes else { return false }
      names[content.fullName] = index
      for address in addresses { owners[address] = index }
      return true
    }.map { services[$0] }
  }

  /// The services whose own endpoints, of all together and beside others, a mesh may have.
  func withinBounds(
    _ services: [Assembly.Part<ServiceDocument>],
    beside others: Int
  ) -> [Assembly.Part<ServiceDocument>] {
    var total = others
    return services.filter { document, content in
      let count = content.service.ports.reduce(0) { $0 + $1.endpoints.count }
      guard total + count <= SnapshotLimits.maxEndpoints else {
        findings.bound(document, "takes all services beyond the \(SnapshotLimits.maxEndpoints) endpoints allowed")
        return false
      }
      total += count
      return true
    }
  }

  /// Warns of services and ports that are not given: a route may come before its services.
  func check(_ routes: [Assembly.Part<RouteDocument>], against service: (DocumentKey) -> Service?) {
    for (document, content) in routes {
      for reference in content.references {
        if let service = service(reference.key) {
          guard let port = reference.port, !service.ports.contains(where: { $0.port == port }) else { continue }
          findings.warning(
            document,
            reference.spot,
            about: reference.key,
            "service \(reference.key.fullName) has no port \(port)"
          )
        } else {
          findings.warning(
            document,
            reference.spot,
            about: reference.key,
            "service \(reference.key.fullName) is not given; until it is, nothing goes there"
          )
        }
      }
    }
  }

  /// Refuses the policies that have a target or the name of one before. What a policy is for should be there.
  func checkClashes(_ policies: [Assembly.Part<TrafficDocument>], isGiven: (DocumentKey) -> Bool) {
    var owners: [DocumentKey: (document: ReadDocument, spot: Spot)] = [:]
    var names: [String: ReadDocument] = [:]
    for (document, content) in policies {
      var own: [DocumentKey: (ReadDocument, Spot)] = [:]
      var clashes = false
      if let other = names[document.key.fullName] {
        clashes = true
        let message =
          "\(other.kind.noun) \(other.key.fullName), given \(other.given(other.nameSpot)), has this name already"
        findings.error(document, document.nameSpot, about: other.key, message)
      }
      for (spot, target) in zip(content.targets, content.policy.targets) {
        let (noun, key) = target.named(in: document.key.namespace)
        if !isGiven(key) {
          let message = "\(noun) \(key.fullName) is not given; the policy has no effect on it"
          findings.warning(document, spot, about: key, message)
        }
        if let (other, otherSpot) = owners[key] ?? own[key] {
          clashes = true
          let message = "\(noun) \(key.fullName) already has a traffic policy, \(other.given(otherSpot))"
          findings.error(document, spot, about: other.key, message)
        }
        own[key] = (document, spot)
      }
      guard !clashes else { continue }
      names[document.key.fullName] = document
      owners.merge(own) { first, _ in first }
    }
  }

  /// Refuses the documents that select the same workloads as one before: Istio takes one of them, and does not say which.
  func checkClashes<Content>(_ documents: [Assembly.Part<Content>], _ selector: KeyPath<Content, LabelSelector>) {
    var owners: [Selection: ReadDocument] = [:]
    for (document, content) in documents {
      let selection = Selection(namespace: document.key.namespace, selector: content[keyPath: selector])
      guard let other = owners[selection] else {
        owners[selection] = document
        continue
      }
      let name = "\(document.kind.noun) \(other.key.fullName) \(other.given(other.nameSpot))"
      findings.error(document, document.nameSpot, about: other.key, "\(name) is for the same workloads")
    }
  }
}

/// What a document without a name of what it is for is for.
struct Selection: Hashable, Sendable {
  let namespace: String
  let selector: LabelSelector
}

extension TrafficPolicy.Target {
  func named(in namespace: String) -> (noun: String, key: DocumentKey) {
    let (kind, name): (DocumentKind, String)
    switch self {
    case .service(let service): (kind, name) = (.service, service)
    case .route(let route): (kind, name) = (.httpRoute, route)
    case .grpcRoute(let route): (kind, name) = (.grpcRoute, route)
    case .host(let host): return ("host", DocumentKey(host: host, in: namespace))
    }
    return (kind.noun, DocumentKey(kind, namespace: namespace, name: name))
  }
}

extension DocumentKey {
  /// Stands for the services of a namespace that have a host like this (`Service.hostPatterns`); no document is called so.
  init(host: String, in namespace: String) { self.init(kind: Self.hostKind, namespace: namespace, name: host) }

  /// No `kind` of a document.
  static let hostKind = "host"
}

extension Service {
  /// What documents may call it by a host.
  var hostKeys: [DocumentKey] { hostPatterns.map { DocumentKey(host: $0, in: namespace) } }
}
