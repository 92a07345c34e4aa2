internal import MeshModel

/// Outbound TCP: what programs of this namespace, and machines behind virtual interfaces, dial.
extension ChainBuilder {
  func addOutbound(to table: inout TablePlan, at hook: Hook) {
    table.hook(hook, [.newConnection], .outbound, "weft: outbound TCP")
    table.add(
      .outbound,
      toNames + proxyItself + [ownAddresses] + linkLocal + excludedOutputs + excludedPrograms
        + [Rule([], .jump(.select), "weft: which destinations")]
    )
    table.add(.select, excludedDestinations(.tcp) + selected)
    addVirtual(to: &table)
  }

  /// REDIRECT sends what is dialled to ::1, which a link-local source address cannot reach: redirected it would only
  /// time out. The link's own traffic is left alone instead, and `status` says so.
  var linkLocal: [Rule] {
    guard family == .v6, mode == .capture else { return [] }
    return [IPPrefix(IPAddress(high: 0xfe80 << 48, low: 0), length: 10)].compactMap { $0 }.map {
      Rule([.destination($0)], .leave, "weft: IPv6 link-local cannot be redirected")
    }
  }

  /// What the include lists select, each with the verdict.
  private var selected: [Rule] {
    let (verdict, comment) = outboundVerdict
    guard case .only(let prefixes) = options.includeOutboundPrefixes else {
      return [Rule([.transport(.tcp)], verdict, comment)]
    }
    return options.includeOutboundPorts.map { Rule([.ports(.tcp, $0)], verdict, comment) }
      + ofFamily(prefixes).map { Rule([.destination($0), .transport(.tcp)], verdict, comment) }
  }

  private var outboundVerdict: (Target, String) {
    switch mode {
    case .capture: (.redirect(options.outboundPort), "weft case 6: outbound to the proxy")
    case .refuse: (.refuse(.reset), "weft case 6: this family is not captured so it is refused")
    }
  }

  /// Packets from bridges and taps never pass OUTPUT. They enter by PREROUTING, where they are redirected, or,
  /// in a family that is refused, pass FORWARD.
  private func addVirtual(to table: inout TablePlan) {
    guard !options.virtualInterfaces.isEmpty else { return }
    table.add(.virtual, [ownAddresses, Rule([], .jump(.select), "weft case 15: which destinations")])
    guard mode == .refuse else { return }
    for interface in options.virtualInterfaces {
      table.hook(
        .forward,
        [.input(interface), .newConnection],
        .virtual,
        "weft case 15: outbound from virtual interface"
      )
    }
  }
}
