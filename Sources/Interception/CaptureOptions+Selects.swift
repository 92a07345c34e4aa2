internal import MeshModel

/// What the rules do, said once more without rules: verification needs to know what ought to happen to a probe.
extension CaptureOptions {
  /// Whether a program that is not excluded, dialling `address` of another host, is sent to the proxy.
  func selectsOutbound(_ address: SocketAddress) -> Bool {
    if excludeOutboundPorts.contains(where: { $0.contains(address.port) }) { return false }
    if excludeOutboundPrefixes.contains(where: { $0.contains(address.ip) }) { return false }
    if includeOutboundPorts.contains(where: { $0.contains(address.port) }) { return true }
    return switch includeOutboundPrefixes {
    case .all: true
    case .only(let prefixes): prefixes.contains { $0.contains(address.ip) }
    }
  }

  /// Whether what a program that is not excluded asks of a name server at `address` goes to the mesh's.
  func selectsNames(_ address: IPAddress) -> Bool {
    captureDNS && !excludeOutboundPorts.contains { $0.overlaps(.dns) }
      && !excludeOutboundPrefixes.contains { $0.contains(address) }
  }

  /// Whether a connection from outside to `port` is sent to the proxy.
  func selectsInbound(_ port: UInt16) -> Bool {
    let apart = excludeInboundPorts + Self.directPorts + [outboundPort, inboundPorts]
    if apart.contains(where: { $0.contains(port) }) { return false }
    return switch includeInboundPorts {
    case .all: true
    case .only(let ports): ports.contains { $0.contains(port) }
    }
  }

  /// A user and group that the rules do not leave alone, from the top of the range where no real ones are.
  var ordinaryOwner: (user: UInt32, group: UInt32) {
    func free(_ taken: [UInt32]) -> UInt32 {
      // Nobody's number (65534) by convention, else the next below; the lists are finite, so one is free.
      (0...65534).reversed().lazy.map(UInt32.init).first { !taken.contains($0) } ?? 0
    }
    return (free(proxyUsers + excludeUsers), free(proxyGroups + excludeGroups))
  }
}
