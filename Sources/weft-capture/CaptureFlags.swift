internal import ArgumentParser
internal import Interception

/// What to capture. Values stay text here: Interception types them, so that a bad one is told in one way.
struct CaptureFlags: ParsableArguments {
  @Option(help: ArgumentHelp("User of the proxy; repeatable. (default: 1337)", valueName: "uid"))
  var proxyUid: [String] = []

  @Option(help: ArgumentHelp("Group of the proxy; repeatable.", valueName: "gid"))
  var proxyGid: [String] = []

  @Option(help: ArgumentHelp("Mark on the proxy's packets; repeatable.", valueName: "mark[/mask]"))
  var proxyMark: [String] = []

  @Option(help: ArgumentHelp("Where outbound connections go. (default: 15001)", valueName: "port"))
  var outboundPort: String?

  @Option(help: ArgumentHelp("Where inbound connections go: a port or a range. (default: 15006)", valueName: "ports"))
  var inboundPorts: String?

  @Option(help: ArgumentHelp("Inbound ports to capture: list, '*' or none. (default: *)", valueName: "ports"))
  var includeInboundPorts: [String] = []

  @Option(help: ArgumentHelp("Inbound ports to leave alone.", valueName: "ports"))
  var excludeInboundPorts: [String] = []

  @Option(
    help: ArgumentHelp(
      "Outbound ports to capture whatever the address; alone, only these are captured.",
      valueName: "ports"
    )
  )
  var includeOutboundPorts: [String] = []

  @Option(help: ArgumentHelp("Outbound ports to leave alone.", valueName: "ports"))
  var excludeOutboundPorts: [String] = []

  @Option(help: ArgumentHelp("Destinations to capture: list, '*' or none. (default: *)", valueName: "cidrs"))
  var includeOutboundCidrs: [String] = []

  @Option(help: ArgumentHelp("Destinations to leave alone.", valueName: "cidrs"))
  var excludeOutboundCidrs: [String] = []

  @Option(help: ArgumentHelp("Interfaces to leave alone in both directions; eth+ means a prefix.", valueName: "names"))
  var excludeInterfaces: [String] = []

  @Option(
    help: ArgumentHelp("Bridges and taps in this namespace whose traffic counts as outbound.", valueName: "names")
  )
  var virtualInterfaces: [String] = []

  @Option(help: ArgumentHelp("Users whose connections are left alone.", valueName: "uids"))
  var excludeUids: [String] = []

  @Option(help: ArgumentHelp("Groups whose connections are left alone.", valueName: "gids"))
  var excludeGids: [String] = []

  @Option(name: .customLong("non-tcp"), help: ArgumentHelp("UDP, ICMP, SCTP: allow or deny.", valueName: "verdict"))
  var nonTCP: String?

  @Option(help: ArgumentHelp("Where DNS may go under --non-tcp deny. (default: *)", valueName: "cidrs"))
  var resolvers: [String] = []

  @Flag(
    name: .customLong("capture-dns"),
    help: "Names: DNS (UDP and TCP 53) goes to port 15053, where the mesh answers."
  )
  var captureDNS = false

  @Flag(name: .customLong("refuse-quic"), help: "Refuse UDP to port 443, so that clients use TCP.")
  var refuseQUIC = false

  @Flag(help: "Drop TCP that conntrack finds invalid, so that no stray reset is sent.")
  var dropInvalid = false

  @Option(help: ArgumentHelp("Families to capture: auto, 4 or 6; the other is refused.", valueName: "family"))
  var family: String?

  /// The options with every value in its type.
  func typed() throws -> CaptureOptions {
    var text = CaptureOptionText()
    text.proxyUsers = proxyUid
    text.proxyGroups = proxyGid
    text.proxyMarks = proxyMark
    text.outboundPort = outboundPort
    text.inboundPorts = inboundPorts
    text.includeInboundPorts = includeInboundPorts
    text.excludeInboundPorts = excludeInboundPorts
    text.includeOutboundPorts = includeOutboundPorts
    text.excludeOutboundPorts = excludeOutboundPorts
    text.includeOutboundPrefixes = includeOutboundCidrs
    text.excludeOutboundPrefixes = excludeOutboundCidrs
    text.excludeInterfaces = excludeInterfaces
    text.virtualInterfaces = virtualInterfaces
    text.excludeUsers = excludeUids
    text.excludeGroups = excludeGids
    text.nonTCP = nonTCP
    text.resolvers = resolvers
    text.families = family
    text.captureDNS = captureDNS
    text.refuseQUIC = refuseQUIC
    text.dropInvalid = dropInvalid
    return try text.typed()
  }
}
