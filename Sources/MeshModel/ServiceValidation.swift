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
      try Words.bound(service.hosts.count, SnapshotLimits.maxServiceHosts, "\(place).hosts")
      for (index, host) in service.hosts.enumerated() {
        try Words.refuse(host, HTTPSyntax.hostnameProblem(host, mayBeWild: true), "\(place).hosts[\(index)]")
      }
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
    try Words.bound(port.named.count, SnapshotLimits.maxPortNames, "\(place).named")
    for (index, endpoint) in port.named.enumerated() {
      try Words.refuse(endpoint.host, HTTPSyntax.hostnameProblem(endpoint.host), "\(place).named[\(index)]")
      guard endpoint.port > 0, LabelSyntax.isValue(endpoint.zone) else {
        throw SnapshotError("\(place).named[\(index)]", "\"\(endpoint)\" is no endpoint")
      }
    }
  }
}
