internal import MeshModel

/// The table of contents of the rules: each chain is built in the file named for it.
extension FamilyPlan {
  init(_ options: CaptureOptions, _ family: Family, _ mode: Mode) {
    self.family = family
    self.mode = mode
    let rules = ChainBuilder(options: options, family: family, mode: mode)
    var raw = TablePlan(.raw)
    var nat = TablePlan(.nat)
    var filter = TablePlan(.filter)
    switch mode {
    case .capture:
      rules.addOutbound(to: &nat, at: .output)
      rules.addInbound(to: &nat, at: .prerouting)
      rules.addNames(to: &nat)
      rules.addNamesZone(to: &raw)
    case .refuse:
      rules.addOutbound(to: &filter, at: .output)
      rules.addInbound(to: &filter, at: .input)
      rules.addNames(to: &filter)
    }
    rules.addGuard(to: &filter)
    rules.addInvalid(to: &filter)
    rules.addNonTCP(to: &filter)
    rules.addQUIC(to: &filter)
    rules.addRecord(to: &filter)
    // Going from captured to refused, the refusal must stand before the redirection falls, or connections would
    // slip out between the two commits; going the other way, the redirection must stand first. A query that is
    // redirected outside its zone would lose its answer, so the zone stands first of all. Hence:
    self.tables = mode == .capture ? [raw, nat, filter] : [filter, nat, raw]
  }
}

/// Builds the chains of one family; the options' exclusions become the same rules wherever they apply.
struct ChainBuilder {
  let options: CaptureOptions
  let family: Family
  let mode: FamilyPlan.Mode

  /// The proxy's own traffic, recognisable only where packets leave the programs of this namespace.
  var proxyItself: [Rule] {
    let comment = "weft case 5: traffic of the proxy itself"
    return options.proxyUsers.map { Rule([.user($0)], .leave, comment) }
      + options.proxyGroups.map { Rule([.group($0)], .leave, comment) }
      + options.proxyMarks.map { Rule([.mark($0)], .leave, comment) }
  }

  /// Loopback and the namespace's own addresses.
  var ownAddresses: Rule { Rule([.local], .leave, "weft cases 1 2: loopback and own addresses") }

  /// Programs that the options exclude.
  var excludedPrograms: [Rule] {
    options.excludeUsers.map { Rule([.user($0)], .leave, "weft case 19: excluded user") }
      + options.excludeGroups.map { Rule([.group($0)], .leave, "weft case 19: excluded group") }
  }

  var excludedOutputs: [Rule] {
    options.excludeInterfaces.map { Rule([.output($0)], .leave, "weft case 19: excluded interface") }
  }

  var excludedInputs: [Rule] {
    options.excludeInterfaces.map { Rule([.input($0)], .leave, "weft case 19: excluded interface") }
  }

  var excludedAddresses: [Rule] {
    ofFamily(options.excludeOutboundPrefixes).map {
      Rule([.destination($0)], .leave, "weft case 19: excluded destination")
    }
  }

  /// Destinations that the options exclude, for packets of `transport`.
  func excludedDestinations(_ transport: Transport) -> [Rule] {
    excludedAddresses
      + options.excludeOutboundPorts.map {
        Rule([.ports(transport, $0)], .leave, "weft case 19: excluded outbound port")
      }
  }

  func excludedInboundPorts(_ transport: Transport) -> [Rule] {
    options.excludeInboundPorts.map { Rule([.ports(transport, $0)], .leave, "weft case 19: excluded inbound port") }
  }

  func ofFamily(_ prefixes: [IPPrefix]) -> [IPPrefix] {
    prefixes.filter { $0.network.isIPv4 == (family == .v4) }
  }
}
