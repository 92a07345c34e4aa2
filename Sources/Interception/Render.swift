internal import MeshModel

/// Rules as text for `iptables-restore`, spelt exactly as `iptables-save` prints them back.
extension Rule {
  /// The rule without the chain it is in.
  func specification(_ family: Family) -> String {
    (matches.map { $0.text(family) }.filter { !$0.isEmpty } + ["-m comment --comment \"\(comment)\""]
      + (target.map { [$0.text(family)] } ?? []))
      .joined(separator: " ")
  }
}

extension Match {
  func text(_ family: Family) -> String {
    switch self {
    // A block that holds everything is no condition, and iptables-save leaves it out.
    case .destination(let prefix): prefix.length == 0 ? "" : "-d \(prefix)"
    case .source(let prefix): "-s \(prefix)"
    case .input(let interface): "-i \(interface)"
    case .output(let interface): "-o \(interface)"
    case .transport(let transport): "-p \(transport.rawValue)"
    case .notTCP: "! -p tcp"
    case .newConnection: "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN"
    case .ports(let transport, let range):
      "-p \(transport.rawValue) -m \(transport.rawValue) --dport \(range.matchText)"
    case .sourcePorts(let transport, let range):
      "-p \(transport.rawValue) -m \(transport.rawValue) --sport \(range.matchText)"
    case .icmp(.v4, let type): "-p icmp -m icmp --icmp-type \(type)"
    case .icmp(.v6, let type): "-p ipv6-icmp -m icmp6 --icmpv6-type \(type)"
    case .user(let id): "-m owner --uid-owner \(id)"
    case .group(let id): "-m owner --gid-owner \(id)"
    case .mark(let mark): "-m mark --mark \(mark)"
    case .local: "-m addrtype --dst-type LOCAL"
    case .notRedirected: "-m conntrack ! --ctstate DNAT"
    case .knownFlow: "-m conntrack --ctstate RELATED,ESTABLISHED"
    case .invalid: "-m conntrack --ctstate INVALID"
    }
  }
}

extension Target {
  func text(_ family: Family) -> String {
    switch self {
    case .leave: "-j RETURN"
    case .jump(let chain): "-j \(chain.rawValue)"
    case .goto(let chain): "-g \(chain.rawValue)"
    case .redirect(let ports): "-j REDIRECT --to-ports \(ports)"
    case .refuse(let refusal): "-j REJECT --reject-with \(refusal.text(family))"
    case .zone(let zone): "-j CT --zone \(zone)"
    case .drop: "-j DROP"
    }
  }
}

extension Refusal {
  func text(_ family: Family) -> String {
    switch (self, family) {
    case (.reset, _): "tcp-reset"
    case (.portUnreachable, .v4): "icmp-port-unreachable"
    case (.portUnreachable, .v6): "icmp6-port-unreachable"
    case (.prohibited, .v4): "icmp-admin-prohibited"
    case (.prohibited, .v6): "icmp6-adm-prohibited"
    }
  }
}

extension FamilyPlan {
  /// What `iptables-restore --noflush` is given in a namespace that holds none of our rules.
  public var restoreText: String {
    tables.map { TableChange(from: SavedTable(name: $0.name.rawValue), to: OwnRules($0, family)).restoreText }.joined()
  }
}

extension RulePlan {
  /// Both families, headed by the command that each is meant for.
  public var description: String {
    families.map { family in
      let program = family.family == .v4 ? "iptables-restore" : "ip6tables-restore"
      return "# \(family.family.rawValue), \(family.mode.rawValue): \(program) --noflush\n\(family.restoreText)"
    }.joined(separator: "\n")
  }
}
