/// The TLS of DestinationRules.
enum UpstreamTLSValidation {
  private typealias Words = SnapshotValidation

  static func check(_ policy: TrafficPolicy, _ place: String) throws(SnapshotError) {
    if let tls = policy.tls { try check(tls, "\(place).tls") }
    try Words.bound(policy.portTLS.count, SnapshotLimits.maxServicePorts, "\(place).portTLS")
    var seen: Set<UInt16> = []
    for (index, port) in policy.portTLS.enumerated() {
      let place = "\(place).portTLS[\(index)]"
      try Words.range(port.port, 1...UInt16.max, "\(place).port")
      guard seen.insert(port.port).inserted else { throw SnapshotError(place, "\(port.port) is given twice") }
      if let tls = port.tls { try check(tls, "\(place).tls") }
    }
  }

  private static func check(_ tls: UpstreamTLS, _ place: String) throws(SnapshotError) {
    if let server = tls.server {
      if let file = server.authorities { try Words.refuse(file, UpstreamTLS.fileProblem(file), "\(place).authorities") }
      if server.skipsVerification, server.authorities != nil || !server.alternativeNames.isEmpty {
        throw SnapshotError("\(place).skipsVerification", "does not go with authorities or alternativeNames")
      }
      if let name = server.name { try Words.refuse(name, HTTPSyntax.hostnameProblem(name), "\(place).name") }
      try Words.bound(server.alternativeNames.count, SnapshotLimits.maxTrafficTerms, "\(place).alternativeNames")
      for (index, name) in server.alternativeNames.enumerated() {
        try Words.refuse(name, UpstreamTLS.alternativeNameProblem(name), "\(place).alternativeNames[\(index)]")
      }
    }
    guard case .mutual(_, let own) = tls else { return }
    try Words.refuse(own.chain, UpstreamTLS.fileProblem(own.chain), "\(place).chain")
    try Words.refuse(own.key, UpstreamTLS.fileProblem(own.key), "\(place).key")
  }
}

extension UpstreamTLS {
  /// What is wrong with the path of a file, as a clause: a proxy's working directory is nobody's business.
  public static func fileProblem(_ text: String) -> String? {
    if !text.hasPrefix("/") { return "is not the path of a file from the root on, as /etc/ssl/ca.pem" }
    if let problem = HTTPSyntax.lengthProblem(text, SnapshotLimits.maxPathBytes) { return problem }
    return text.utf8.contains { $0 < 0x20 || $0 == 0x7f } ? "holds a control character" : nil
  }

  /// What is wrong with a name that a certificate must have, as a clause: a DNS name, an address or a URI. Names in
  /// certificates have wildcards; what is compared with them has none.
  public static func alternativeNameProblem(_ text: String) -> String? {
    if let problem = HTTPSyntax.textProblem(text) { return problem }
    if text.utf8.contains(UInt8(ascii: "*")) { return "has a *; a certificate's names are compared whole" }
    if text.contains("://") || IPAddress(text) != nil { return nil }
    return LabelSyntax.isSubdomain(text.lowercased()) ? nil : "is no DNS name, address or URI"
  }
}
