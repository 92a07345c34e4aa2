internal import MeshModel

/// What to capture and what to leave alone: every value typed and in range.
public struct CaptureOptions: Equatable, Sendable {
  /// The proxy's traffic is recognised by any of these and never touched.
  var proxyUsers: [UInt32] = [Self.defaultProxyUser]
  var proxyGroups: [UInt32] = []
  var proxyMarks: [PacketMark] = []

  var outboundPort = PortRange.outbound
  var inboundPorts = PortRange.inbound

  var includeInboundPorts = Selection<PortRange>.all
  var excludeInboundPorts: [PortRange] = []

  /// What is captured is what either of the two includes; exclusions win over both.
  var includeOutboundPrefixes = Selection<IPPrefix>.all
  var includeOutboundPorts: [PortRange] = []
  var excludeOutboundPorts: [PortRange] = []
  var excludeOutboundPrefixes: [IPPrefix] = []

  var excludeInterfaces: [InterfaceName] = []
  var virtualInterfaces: [InterfaceName] = []
  var excludeUsers: [UInt32] = []
  var excludeGroups: [UInt32] = []

  var nonTCP = NonTCP.allow
  /// Where DNS may go when `nonTCP` denies the rest.
  var resolvers = Selection<IPPrefix>.all
  /// Whether what programs ask of name servers goes to the mesh's.
  var captureDNS = false
  var refuseQUIC = false
  var dropInvalid = false
  var families = Families.auto

  /// The uid of mesh proxies by convention; `scripts/weft-init` makes the user.
  static let defaultProxyUser: UInt32 = 1337

  init() {}

  /// All, or only what is listed; an empty list is nothing.
  enum Selection<Element: Hashable & Sendable>: Equatable, Sendable {
    case all
    case only([Element])
  }

  /// What happens to UDP, ICMP, SCTP and whatever else is not TCP.
  enum NonTCP: String, Sendable, CaseIterable {
    case allow
    case deny
  }

  /// Which families are captured; a family that is not is refused, never leaked.
  enum Families: String, Sendable, CaseIterable {
    case auto
    case v4 = "4"
    case v6 = "6"
  }
}

extension CaptureOptions {
  /// Ports on which the proxy itself is spoken to from outside, never redirected.
  static let directPorts = [PortRange.transport, .metrics, .health]

  /// Finds what cannot work together; each is a `UsageError` that names the options.
  func validated() throws(UsageError) -> CaptureOptions {
    if inboundPorts.overlaps(outboundPort) {
      throw UsageError(
        "--inbound-ports",
        "\(inboundPorts)",
        "overlaps --outbound-port \(outboundPort); give ports that do not"
      )
    }
    for direct in Self.directPorts {
      for (option, range) in [("--outbound-port", outboundPort), ("--inbound-ports", inboundPorts)]
      where range.overlaps(direct) {
        throw UsageError(
          option,
          "\(range)",
          "port \(direct) is the proxy's own (15008 transport, 15020 metrics, 15021 health)"
        )
      }
    }
    if captureDNS {
      for (option, range) in [("--outbound-port", outboundPort), ("--inbound-ports", inboundPorts)]
      where range.overlaps(.names) {
        throw UsageError(option, "\(range)", "port \(PortRange.names) is where --capture-dns sends what programs ask")
      }
    }
    if proxyUsers.isEmpty, proxyGroups.isEmpty, proxyMarks.isEmpty {
      throw UsageError("--proxy-uid", nil, "nothing would tell the proxy's traffic from others' and it would loop")
    }
    return self
  }
}
