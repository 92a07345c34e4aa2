/// PeerAuthentications.
enum PeerValidation {
  private typealias Words = SnapshotValidation

  static func check(_ document: PeerAuthentication, _ place: String) throws(SnapshotError) {
    try Words.bound(document.ports.count, SnapshotLimits.maxPorts, "\(place).ports")
    if document.reach == .workload, document.namespace == PeerAuthentication.rootNamespace {
      throw SnapshotError("\(place).selector", "selects workloads of the root namespace, which Istio does not")
    }
    if document.reach != .workload, !document.ports.isEmpty {
      throw SnapshotError("\(place).ports", "are for workloads that a selector names, and there is none")
    }
    var seen: Set<UInt16> = []
    for (index, port) in document.ports.enumerated() {
      try Words.range(port.port, 1...UInt16.max, "\(place).ports[\(index)]")
      guard seen.insert(port.port).inserted else {
        throw SnapshotError("\(place).ports[\(index)]", "\(port.port) is given twice")
      }
    }
    try Words.range(document.expires_s, SnapshotLimits.expiry_s, "\(place).expires_s")
  }
}
