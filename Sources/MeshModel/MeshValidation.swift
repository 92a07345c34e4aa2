/// Holds all that speaks of requests to `SnapshotLimits` and to the rules of its documents, whoever made it.
enum MeshValidation {
  private typealias Words = SnapshotValidation

  static func check(_ mesh: MeshConfiguration) throws(SnapshotError) {
    try ServiceValidation.check(mesh.services)
    try each(mesh.routes, "mesh.routes", limit: SnapshotLimits.maxRoutes) { (route, place) throws(SnapshotError) in
      try RouteValidation.check(route, place)
    }
    try each(mesh.authorizations, "mesh.authorizations") { (policy, place) throws(SnapshotError) in
      try Words.check(policy.selector, "\(place).selector")
      try AuthorizationValidation.check(policy, place)
    }
    try each(mesh.authentications, "mesh.authentications") { (document, place) throws(SnapshotError) in
      try Words.check(document.selector, "\(place).selector")
      try TokenValidation.check(document, place)
    }
    try each(mesh.traffic, "mesh.traffic") { (policy, place) throws(SnapshotError) in
      try TrafficValidation.check(policy, place)
    }
    try each(mesh.telemetry, "mesh.telemetry") { (policy, place) throws(SnapshotError) in
      try Words.check(policy.selector, "\(place).selector")
      try Words.range(policy.sampledPartsPerMillion, 0...1_000_000, "\(place).sampledPartsPerMillion")
    }
    try each(mesh.sidecars, "mesh.sidecars") { (policy, place) throws(SnapshotError) in
      try Words.check(policy.selector, "\(place).selector")
    }
  }

  private static func each<Object: MeshObject>(
    _ objects: [Object],
    _ list: String,
    limit: Int = SnapshotLimits.maxPolicies,
    _ check: (Object, String) throws(SnapshotError) -> Void
  ) throws(SnapshotError) {
    try Words.bound(objects.count, limit, list)
    for (index, object) in objects.enumerated() {
      let place = "\(list)[\(index)]"
      try Words.name(object, place)
      try check(object, place)
    }
  }
}

/// Services, their ports and endpoints.
enum ServiceValidation {
  private typealias Words = SnapshotValidation

  static func check(_ services: [Service]) throws(SnapshotError) {
    try Words.bound(services.count, SnapshotLimits.maxServices, "mesh.services")
    var owners: [SocketAddress: String] = [:]
    var endpoints = 0
    for (index, service) in services.enumerated() {
      let place = "mesh.services[\(index)]"
      try Words.name(service, place)
      try Words.bound(service.addresses.count, SnapshotLimits.maxServiceAddresses, "\(place).addresses")
      try Words.bound(service.ports.count, SnapshotLimits.maxServicePorts, "\(place).ports")
      var numbers: Set<UInt16> = []
      for (index, port) in service.ports.enumerated() {
        let place = "\(place).ports[\(index)]"
        try check(port, place)
        endpoints += port.endpoints.count
        guard numbers.insert(port.port).inserted else { throw SnapshotError(place, "\(port.port) is given twice") }
        for address in service.addresses {
          let address = SocketAddress(address, port: port.port)
          guard let other = owners.updateValue(service.fullName, forKey: address) else { continue }
          throw SnapshotError(place, "\(address) is already an address of \(other)")
        }
      }
    }
    try Words.bound(endpoints, SnapshotLimits.maxEndpoints, "mesh.services: all endpoints")
  }

  private static func check(_ port: Service.Port, _ place: String) throws(SnapshotError) {
    try Words.range(port.port, 1...UInt16.max, "\(place).port")
    guard port.name.isEmpty || LabelSyntax.isDNSLabel(port.name) else {
      throw SnapshotError("\(place).name", "\"\(port.name)\" is not a DNS label")
    }
    try Words.bound(port.endpoints.count, SnapshotLimits.maxPortEndpoints, "\(place).endpoints")
    for (index, endpoint) in port.endpoints.enumerated() {
      guard endpoint.address.port > 0, !endpoint.address.ip.isUnspecified, LabelSyntax.isValue(endpoint.zone) else {
        throw SnapshotError("\(place).endpoints[\(index)]", "\"\(endpoint)\" is no endpoint")
      }
    }
  }
}
