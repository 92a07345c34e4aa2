internal import MeshModel

/// What is captured and what is not, in words and numbers, read from the kernel.
public struct CaptureStatus: Sendable {
  /// One family with rules of ours.
  public struct FamilyStatus: Sendable {
    /// The family it is about.
    public let family: Family
    /// The back end that holds the rules.
    public let backend: Backend
    /// Nil where the record of the options is not understood.
    public let mode: FamilyPlan.Mode?
    /// What programs ask of name servers goes to the mesh's.
    public let capturesNames: Bool
    /// The rules are what was asked for.
    public let intact: Bool
    /// Packets that met each verdict, by what the rule is for. Rules of nat see only the first of a connection.
    public let counters: [Counter]
  }

  /// How often rules with the same comment matched.
  public struct Counter: Sendable {
    /// The comment of the rules.
    public let purpose: String
    /// Packets since the rules were written.
    public let packets: UInt64
  }

  /// Families with rules of ours.
  public let families: [FamilyStatus]
  /// Families of this kernel without a rule of ours: their traffic passes by the proxy.
  public let untouched: [Family]
  /// What is left alone, and what is refused, in plain words; the same for all families.
  public let exceptions: [String]

  /// Reads the calling thread's namespace.
  public static func read() throws(CaptureError) -> CaptureStatus {
    let installed = try InstalledRules.read()
    return CaptureStatus(
      families: installed.map { rules in
        FamilyStatus(
          family: rules.family,
          backend: rules.backend,
          mode: rules.asked?.mode,
          capturesNames: rules.asked.map { $0.mode == .capture && $0.options.captureDNS } ?? false,
          intact: rules.differences.isEmpty,
          counters: counters(rules.tables)
        )
      },
      untouched: Family.allCases.filter { family in
        RuleTools.kernelHas(family) && !installed.contains { $0.family == family }
      },
      exceptions: installed.first?.asked.map { $0.options.exceptions } ?? []
    )
  }

  private static func counters(_ tables: [SavedTable]) -> [Counter] {
    var counters: [Counter] = []
    for rule in tables.flatMap(\.rules) where rule.chain.hasPrefix(ChainName.prefix) && rule.jump != nil {
      guard let purpose = rule.comment, rule.jump?.hasPrefix(ChainName.prefix) == false else { continue }
      if let index = counters.firstIndex(where: { $0.purpose == purpose }) {
        counters[index] = Counter(purpose: purpose, packets: counters[index].packets + rule.packets)
      } else {
        counters.append(Counter(purpose: purpose, packets: rule.packets))
      }
    }
    return counters
  }
}

extension CaptureOptions {
  /// What the options leave uncaptured, each a sentence for the operator.
  var exceptions: [String] {
    func list(_ values: [some CustomStringConvertible]) -> String { values.map(\.description).joined(separator: ", ") }
    var lines = ["loopback and this namespace's own addresses are left alone"]
    lines.append("IPv6 link-local destinations (fe80::/10) are left alone: they cannot be redirected")
    lines.append("the proxy is known by \(proxyWords); its own traffic is left alone")
    switch includeOutboundPrefixes {
    case .all: break
    case .only(let prefixes):
      let what = [list(prefixes), includeOutboundPorts.isEmpty ? "" : "ports \(list(includeOutboundPorts))"]
        .filter { !$0.isEmpty }
      lines.append("outbound: only \(what.isEmpty ? "nothing" : what.joined(separator: " and ")) is captured")
    }
    if case .only(let ports) = includeInboundPorts {
      lines.append("inbound: only \(ports.isEmpty ? "nothing" : "ports \(list(ports))") is captured")
    }
    let exclusions: [(String, [any CustomStringConvertible])] = [
      ("outbound ports", excludeOutboundPorts), ("destinations", excludeOutboundPrefixes),
      ("inbound ports", excludeInboundPorts), ("interfaces", excludeInterfaces), ("users", excludeUsers),
      ("groups", excludeGroups),
    ]
    for (what, values) in exclusions where !values.isEmpty {
      lines.append("excluded \(what): \(values.map(\.description).joined(separator: ", "))")
    }
    if !virtualInterfaces.isEmpty { lines.append("traffic from \(list(virtualInterfaces)) counts as outbound") }
    if captureDNS {
      lines.append(
        "DNS (UDP and TCP 53), to loopback too, goes to port \(PortRange.names), where the mesh's name server is"
      )
    }
    lines.append(nonTCPWords)
    return lines
  }

  private var proxyWords: String {
    (proxyUsers.map { "uid \($0)" } + proxyGroups.map { "gid \($0)" } + proxyMarks.map { "mark \($0)" })
      .joined(separator: ", ")
  }

  private var nonTCPWords: String {
    switch (nonTCP, refuseQUIC) {
    case (.deny, _): "UDP, ICMP, SCTP and the like are refused, but for DNS and what IP itself needs"
    case (.allow, true):
      "\(captureDNS ? "other UDP" : "UDP"), ICMP, SCTP and the like are not captured and pass; QUIC (UDP 443) is refused"
    case (.allow, false):
      "\(captureDNS ? "other UDP (QUIC too)" : "UDP (QUIC and DNS too)"), ICMP, SCTP and the like are not captured and pass"
    }
  }
}
