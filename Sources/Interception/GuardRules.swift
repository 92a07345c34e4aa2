/// Rules on what reaches this namespace's own sockets: no way around redirection, no stray packets.
extension ChainBuilder {
  /// Whoever dials the capture ports directly has no original destination to be checked, so he is reset (case 13).
  func addGuard(to table: inout TablePlan) {
    table.hook(.input, [.newConnection], .guarded, "weft case 13: guard of the capture ports")
    table.add(
      .guarded,
      [options.outboundPort, options.inboundPorts].map {
        Rule([.ports(.tcp, $0), .notRedirected], .refuse(.reset), "weft case 13: dialled directly")
      }
    )
  }

  /// Conntrack does not translate back what it calls INVALID, so such a packet would reach the wrong socket or none,
  /// and the kernel would answer with a reset that ends a healthy connection (case 11). Only TCP sends those.
  func addInvalid(to table: inout TablePlan) {
    guard options.dropInvalid else { return }
    table.hook(.input, [.transport(.tcp), .invalid], .invalid, "weft case 11: out of window")
    table.add(.invalid, [Rule([], .drop, "weft case 11: out of window")])
  }

  /// The options themselves, so that `verify` and `status` know what was asked with nothing but the kernel to read.
  func addRecord(to table: inout TablePlan) {
    let lines = OptionRecord.lines(options, mode)
    table.add(
      .options,
      lines.enumerated().map { Rule([], nil, "\(OptionRecord.prefix) \($0 + 1)/\(lines.count): \($1)") }
    )
  }
}
