internal import MeshModel

/// What is not TCP cannot be redirected; it can be refused, all of it (case 17) or QUIC alone (case 18).
extension ChainBuilder {
  func addNonTCP(to table: inout TablePlan) {
    guard options.nonTCP == .deny else { return }
    let comment = "weft case 17: what is not TCP"
    table.hook(.output, [.notTCP], .nonTCPOut, comment)
    table.hook(.input, [.notTCP], .nonTCPIn, comment)
    for interface in options.virtualInterfaces {
      table.hook(.forward, [.input(interface), .notTCP], .nonTCP, "weft cases 15 17: virtual interface")
    }
    table.add(
      .nonTCPOut,
      proxyItself + [ownAddresses] + excludedOutputs + excludedPrograms
        + [Rule([], .jump(.nonTCP), "weft case 17: which destinations")]
    )
    table.add(.nonTCP, knownFlows + excludedDestinations(.udp) + dns + icmpThatIPNeeds + refusals)
    table.add(
      .nonTCPIn,
      [Self.fromLoopback] + excludedInputs + knownFlows + excludedInboundPorts(.udp) + icmpThatIPNeeds + refusals
    )
  }

  func addQUIC(to table: inout TablePlan) {
    guard options.refuseQUIC, options.nonTCP == .allow else { return }
    let comment = "weft case 18: QUIC"
    let refusal = [Rule([.transport(.udp)], .refuse(.portUnreachable), "weft case 18: so that clients use TCP")]
    table.hook(.output, [.ports(.udp, .quic)], .quicOut, comment)
    table.hook(.input, [.ports(.udp, .quic)], .quicIn, comment)
    for interface in options.virtualInterfaces {
      table.hook(.forward, [.input(interface), .ports(.udp, .quic)], .quic, "weft cases 15 18: virtual interface")
    }
    table.add(
      .quicOut,
      proxyItself + [ownAddresses] + excludedOutputs + excludedPrograms
        + [Rule([], .jump(.quic), "weft case 18: which destinations")]
    )
    table.add(.quic, knownFlows + excludedDestinations(.udp) + refusal)
    table.add(.quicIn, [Self.fromLoopback] + excludedInputs + knownFlows + excludedInboundPorts(.udp) + refusal)
  }

  private var knownFlows: [Rule] {
    [Rule([.knownFlow], .leave, "weft case 12: flows that are under way and errors about them")]
  }

  private var dns: [Rule] {
    let comment = "weft case 16: DNS is not captured"
    switch options.resolvers {
    case .all: return [Rule([.ports(.udp, .dns)], .leave, comment)]
    case .only(let prefixes):
      return ofFamily(prefixes).map { Rule([.destination($0), .ports(.udp, .dns)], .leave, comment) }
    }
  }

  /// Without these, IP itself breaks: path MTU discovery (RFC 1191, RFC 8201), and in IPv6 neighbour discovery
  /// (RFC 4861) and the multicast listening that it rests on (RFC 2710, RFC 3810).
  private var icmpThatIPNeeds: [Rule] {
    let types: [UInt8] =
      switch family {
      case .v4: [3, 11, 12]
      case .v6: [1, 2, 3, 4, 130, 131, 132, 133, 134, 135, 136, 137, 143]
      }
    return types.map { Rule([.icmp(family, type: $0)], .leave, "weft case 17: ICMP that IP itself needs") }
  }

  private var refusals: [Rule] {
    [
      Rule([.transport(.udp)], .refuse(.portUnreachable), "weft case 17: UDP refused"),
      Rule([], .refuse(.prohibited), "weft case 17: refused"),
    ]
  }
}
