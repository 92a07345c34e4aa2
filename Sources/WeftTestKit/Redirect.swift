/// Capture in its smallest form, straight to `iptables-restore`: what a test of the proxy needs when it is not about
/// capture itself. weft-capture makes the real rules.
public enum Redirect {
  /// Sends TCP that leaves `pod` to the outbound port, and TCP that arrives to the inbound one, for both families.
  ///
  /// - Parameters:
  ///   - pod: whose traffic.
  ///   - proxyUID: left alone, so that the proxy reaches the world; nil leaves nobody alone (a loop to be guarded).
  ///   - outbound: where `weft-proxy` listens for outbound connections.
  ///   - inbound: where it listens for inbound ones; nil captures none.
  public static func apply(
    to pod: Pod,
    proxyUID: UInt32? = 1337,
    outbound: UInt16? = 15001,
    inbound: UInt16? = 15006
  ) throws {
    var rules = ["*nat", ":PREROUTING ACCEPT", ":OUTPUT ACCEPT"]
    if let inbound {
      // The transport of other proxies, and the proxy's own doors.
      rules.append("-A PREROUTING -p tcp -m multiport ! --dports 15008,15020,15021 -j REDIRECT --to-ports \(inbound)")
    }
    if let outbound {
      rules.append("-A OUTPUT -o lo -j RETURN")
      if let proxyUID { rules.append("-A OUTPUT -m owner --uid-owner \(proxyUID) -j RETURN") }
      rules.append("-A OUTPUT -p tcp -j REDIRECT --to-ports \(outbound)")
    }
    rules.append("COMMIT\n")
    let input = Array(rules.joined(separator: "\n").utf8)
    for program in ["iptables-restore", "ip6tables-restore"] {
      try pod.command(program, "--wait", "20").with(\.input, input).run().orThrow()
    }
  }
}
