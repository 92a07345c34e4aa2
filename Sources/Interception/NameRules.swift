internal import MeshModel

/// What programs of this namespace ask of name servers, on UDP and TCP port 53, goes to the mesh's (case 16).
///
/// Servers on loopback are no exception here: a stub resolver such as 127.0.0.53 is what most programs ask. What comes
/// from virtual interfaces is: it would be redirected to an address of its interface, and names are answered on loopback.
extension ChainBuilder {
  /// The jump by which new TCP connections to name servers get there before they are taken for any others.
  var toNames: [Rule] {
    guard options.captureDNS else { return [] }
    return [Rule([.ports(.tcp, .dns)], .jump(.names), "weft case 16: DNS over TCP")]
  }

  func addNames(to table: inout TablePlan) {
    guard options.captureDNS else { return }
    table.hook(.output, [.ports(.udp, .dns)], .names, "weft case 16: DNS over UDP")
    table.add(.names, namesExceptions + verdicts)
  }

  /// A zone for what is redirected. A query and its answer are one flow to conntrack for half a minute, by addresses and
  /// ports alone: without the zone, the query of a program that is left alone would be redirected where it leaves from a
  /// port that a captured one had, and the other way round.
  ///
  /// Both directions begin in this namespace, so OUTPUT sees them all, and conntrack keeps them over loopback.
  func addNamesZone(to table: inout TablePlan) {
    guard options.captureDNS else { return }
    let comment = "weft case 16: answers of the mesh"
    table.hook(.output, [.sourcePorts(.udp, .names)], .namesZone, comment)
    table.hook(.output, [.ports(.udp, .dns)], .namesZone, "weft case 16: DNS over UDP")
    table.hook(.output, nobodyListens, .namesZone, Self.refusalComment)
    table.add(
      .namesZone,
      // First: a server that asks from port 53, as some do, is answered there.
      [
        Rule([.sourcePorts(.udp, .names)], .zone(Self.namesZone), comment),
        Rule(nobodyListens, .zone(Self.namesZone), Self.refusalComment),
      ] + namesExceptions
        + [Rule([.ports(.udp, .dns)], .zone(Self.namesZone), "weft case 16: a zone for what is redirected")]
    )
  }

  /// What the kernel says where nobody listens on the port that queries are redirected to: destination unreachable (RFC 792,
  /// RFC 4443 section 3.1), from that address over loopback. Only in the query's zone does conntrack know which flow it is
  /// about, and put back the address that was asked: without that, no program's socket would hear of it, and programs would
  /// wait for seconds instead of being refused at once.
  private var nobodyListens: [Match] {
    let (type, address): (UInt8, IPAddress) =
      family == .v4 ? (3, IPAddress(v4: 0x7f00_0001)) : (1, IPAddress(high: 0, low: 1))
    return [IPPrefix(address, length: family == .v4 ? 32 : 128)].compactMap { $0 }.map { .source($0) }
      + [InterfaceName("lo")].compactMap { $0 }.map { .output($0) } + [.icmp(family, type: type)]
  }

  private static let refusalComment = "weft case 16: nobody answers"

  /// Any number that others are unlikely to have chosen; that of the port is easy to recognise.
  static let namesZone: UInt16 = 15053

  /// What is left alone. Zone and redirection must agree on it: an answer that comes to another zone than its query left
  /// from belongs to no flow.
  private var namesExceptions: [Rule] {
    proxyItself + excludedOutputs + excludedPrograms + linkLocal + excludedAddresses + excludedPorts
  }

  /// Only port 53 comes here, of either transport.
  private var excludedPorts: [Rule] {
    guard options.excludeOutboundPorts.contains(where: { $0.overlaps(.dns) }) else { return [] }
    return [Rule([], .leave, "weft case 19: excluded outbound port")]
  }

  private var verdicts: [Rule] {
    switch mode {
    case .capture:
      let comment = "weft case 16: DNS to the mesh"
      return [.udp, .tcp].map { Rule([.transport($0)], .redirect(.names), comment) }
    case .refuse:
      let comment = "weft cases 6 16: this family is not captured so it is refused"
      return [
        Rule([.transport(.udp)], .refuse(.portUnreachable), comment),
        Rule([.transport(.tcp)], .refuse(.reset), comment),
      ]
    }
  }
}
