/// Inbound TCP: what others dial at this namespace's addresses.
extension ChainBuilder {
  func addInbound(to table: inout TablePlan, at hook: Hook) {
    table.hook(hook, [.newConnection], .inbound, "weft: inbound TCP")
    table.add(
      .inbound,
      loopback(hook) + excludedInputs + fromVirtual(hook) + ownPorts + excludedInboundPorts(.tcp) + included
    )
  }

  /// INPUT sees loopback too. PREROUTING does not need this: nat decides a loopback connection at OUTPUT, once.
  private func loopback(_ hook: Hook) -> [Rule] {
    hook == .input ? [Self.fromLoopback] : []
  }

  static var fromLoopback: Rule {
    Rule(InterfaceName("lo").map { [.input($0)] } ?? [.local], .leave, "weft case 1: loopback")
  }

  private func fromVirtual(_ hook: Hook) -> [Rule] {
    guard hook == .prerouting else { return [] }
    return options.virtualInterfaces.map {
      Rule([.input($0)], .goto(.virtual), "weft case 15: outbound from virtual interface")
    }
  }

  /// The proxy's ports are dialled as they are: some are meant to be, the rest the guard refuses.
  private var ownPorts: [Rule] {
    CaptureOptions.directPorts.map { Rule([.ports(.tcp, $0)], .leave, "weft: port of the proxy open to others") }
      + [options.outboundPort, options.inboundPorts].map {
        Rule([.ports(.tcp, $0)], .leave, "weft case 13: left to the guard")
      }
  }

  private var included: [Rule] {
    let (verdict, comment): (Target, String) =
      switch mode {
      case .capture: (.redirect(options.inboundPorts), "weft cases 6 14: inbound to the proxy")
      case .refuse: (.refuse(.reset), "weft case 6: this family is not captured so it is refused")
      }
    switch options.includeInboundPorts {
    case .all: return [Rule([.transport(.tcp)], verdict, comment)]
    case .only(let ports): return ports.map { Rule([.ports(.tcp, $0)], verdict, comment) }
    }
  }
}
