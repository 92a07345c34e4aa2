internal import ArgumentParser
internal import ProxyPath

/// What options must be, each by itself and beside the others.
extension ProxyOptions {
  /// A name becomes part of a file's name and of every record: this is as much as anybody reads.
  private static let nameLimit = 64
  /// What Kubernetes allows a ServiceAccount's name: a DNS subdomain (RFC 1123).
  private static let serviceAccountLimit = 253

  func validate() throws {
    try require(
      !name.isEmpty && name.utf8.count <= Self.nameLimit && name.utf8.allSatisfy(isNameByte),
      "--name \"\(name)\": up to \(Self.nameLimit) letters, digits, '-', '_' and '.'"
    )
    try require(
      !serviceAccount.isEmpty && serviceAccount.utf8.count <= Self.serviceAccountLimit
        && serviceAccount.utf8.allSatisfy(isNameByte) && serviceAccount != "." && serviceAccount != "..",
      "--service-account \"\(serviceAccount)\": up to \(Self.serviceAccountLimit) letters, digits, '-', '_' and '.', as a "
        + "SPIFFE ID may have"
    )
    try require(
      !inboundPorts.ports.contains(outboundPort),
      "--inbound-ports \(inboundPorts) holds the outbound port \(outboundPort): they must differ"
    )
    try require(
      agent == nil || snapshot == nil,
      "--agent and --snapshot are two sources of the same documents: give one of them"
    )
    try require(agent != "", "--agent needs the path of the agent's socket")
    try require(names != true || agent != nil, "--names needs an agent that answers: give its socket with --agent")
    if names == true, let option = optionWithNamesPort {
      throw ValidationError("\(option) holds port \(ProxySettings.namesPort), which --names is about: choose another")
    }
    let range = inboundPorts.ports
    for (role, port) in [
      ("mesh transport's", ProxySettings.transportPort), ("metrics", metricsPort), ("health", healthPort),
    ] where range.count > 1 && range.contains(port) {
      throw ValidationError(
        "--inbound-ports \(inboundPorts) holds the \(role) port \(port): take a range without it, such as 15100-15109"
      )
    }
    for (option, port) in [
      ("--outbound-port", outboundPort), ("--inbound-ports", range.lowerBound), ("--metrics-port", metricsPort),
      ("--health-port", healthPort),
    ] {
      try require(
        port != ProxySettings.transportPort,
        "\(option) \(port) is the mesh transport's port: choose another"
      )
    }
    for (option, port) in [("--metrics-port", metricsPort), ("--health-port", healthPort)] where port != 0 {
      try require(
        port != outboundPort && !inboundPorts.ports.contains(port),
        "\(option) \(port) is a capture port: choose another, or 0 for none"
      )
    }
    try require(metricsPort == 0 || metricsPort != healthPort, "--health-port \(healthPort) is the metrics port too")
  }

  /// The option that wants the port of names for something else.
  var optionWithNamesPort: String? {
    let used = [
      ("--outbound-port", outboundPort...outboundPort), ("--inbound-ports", inboundPorts.ports),
      ("--metrics-port", metricsPort...metricsPort), ("--health-port", healthPort...healthPort),
    ]
    return used.first { $0.1.contains(ProxySettings.namesPort) }?.0
  }

  private func require(_ holds: Bool, _ message: String) throws {
    guard holds else { throw ValidationError(message) }
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
