public import MeshModel

/// What to capture and what to leave alone: every value typed and in range.
public struct CaptureOptions: Equatable, Sendable {
  /// The proxy's traffic is recognised by any of these and never touched.
  public var proxyUsers: [UInt32] = [Self.defaultProxyUser]
  public var proxyGroups: [UInt32] = []
  public var proxyMarks: [PacketMark] = []

  public var outboundPort = PortRange.outbound
  public var inboundPorts = PortRange.inbound

  public var includeInboundPorts = Selection<PortRange>.all
  public var excludeInboundPorts: [PortRange] = []

  /// What is captured is what either of the two includes; exclusions win over both.
  public var includeOutboundPrefixes = Selection<IPPrefix>.all
  public var includeOutboundPorts: [PortRange] = []
  public var excludeOutboundPorts: [PortRange] = []
  public var excludeOutboundPrefixes: [IPPrefix] = []

  public var excludeInterfaces: [InterfaceName] = []
  public var virtualInterfaces: [InterfaceName] = []
  public var excludeUsers: [UInt32] = []
  public var excludeGroups: [UInt32] = []

  public var nonTCP = NonTCP.allow
  /// Where DNS may go when `nonTCP` denies the rest.
  public var resolvers = Selection<IPPrefix>.all
  public var refuseQUIC = false
  public var dropInvalid = false
  public var families = Families.auto

  /// The uid of mesh proxies by convention; `scripts/weft-init` makes the user.
  public static let defaultProxyUser: UInt32 = 1337

  public init() {}

  /// All, or only what is listed; an empty list is nothing.
  public enum Selection<Element: Hashable & Sendable>: Equatable, Sendable {
    case all
    case only([Element])
  }

  /// What happens to UDP, ICMP, SCTP and whatever else is not TCP.
  public enum NonTCP: String, Sendable, CaseIterable {
    case allow
    case deny
  }

  /// Which families are captured; a family that is not is refused, never leaked.
  public enum Families: String, Sendable, CaseIterable {
    case auto
    case v4 = "4"
    case v6 = "6"
  }
}

extension CaptureOptions {
  /// Ports on which the proxy itself is spoken to from outside, never redirected.
  static let directPorts = [PortRange.transport, .metrics, .health]

  /// Finds what cannot work together; each is a `UsageError` that names the options.
  public func validated() throws(UsageError) -> CaptureOptions {
    if inboundPorts.overlaps(outboundPort) {
      throw UsageError(
        "--inbound-ports", "\(inboundPorts)", "overlaps --outbound-port \(outboundPort); give ports that do not")
    }
    for direct in Self.directPorts {
      for (option, range) in [("--outbound-port", outboundPort), ("--inbound-ports", inboundPorts)]
      where range.overlaps(direct) {
        throw UsageError(
          option, "\(range)", "port \(direct) is the proxy's own (15008 transport, 15020 metrics, 15021 health)")
      }
    }
    if proxyUsers.isEmpty, proxyGroups.isEmpty, proxyMarks.isEmpty {
      throw UsageError("--proxy-uid", nil, "nothing would tell the proxy's traffic from others' and it would loop")
    }
    return self
  }
}
