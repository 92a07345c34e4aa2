/// What an agent has refused since it started, of its counters: those that are not zero, a line each, with what to look at.
struct AgentRefusals {
  /// Sentences without their full stop, in the order of `known`, then others by name.
  let lines: [String]

  init(_ counters: [String: UInt64]) {
    let told = counters.filter { $0.value > 0 }
    let known = Self.known.filter { told[$0.counter] != nil }
    let names = Set(Self.known.map(\.counter))
    let others = told.keys.filter { !names.contains($0) && Self.isRefusal($0) }.sorted()
    lines =
      known.map { "\(told[$0.counter] ?? 0) \($0.what): \($0.look) (\($0.counter))" }
      + others.map { "\(told[$0] ?? 0) times \($0): the agent's journal says what and why" }
  }

  /// Whether a counter is of what was turned away, for those that this program does not know.
  private static func isRefusal(_ counter: String) -> Bool {
    ["refused", "limited", "distrusted", "unreadable", "over_share", "unauthenticated"].contains {
      counter.contains($0)
    }
  }

  private struct Line {
    let counter: String
    /// What was refused, in the plural.
    let what: String
    /// Where to look, or what it comes of mostly.
    let look: String

    init(_ counter: String, _ what: String, _ look: String) {
      (self.counter, self.what, self.look) = (counter, what, look)
    }
  }

  private static let journal = "the agent's journal names the address"

  private static let known: [Line] = users + gossip + records + strangers + calls + names

  /// Programs and operators of this host.
  private static let users: [Line] = [
    .init("callers_refused", "connections of users beyond their share refused", "the agent's journal names the user"),
    .init("requests_refused", "requests of users beyond their share refused", "the agent's journal names the user"),
    .init("registrations_refused", "registrations refused", "the agent's journal says whose, and who has the name"),
    .init("reports_refused", "health reports refused", "the agent's journal says whose, and whose check it is"),
    .init("pushes_refused", "pushes refused by a proxy", "weft check of that proxy says which document"),
  ]

  private static let gossip: [Line] = [
    .init(
      "members_refused",
      "members who gossip refused, which are no hosts of the mesh",
      "weft members lists those that are"
    ),
    .init(
      "name_conflicts",
      "times a host came by the name of another",
      "give each host a name of its own (--host-name)"
    ),
    .init(
      "gossip_undecrypted",
      "messages of gossip in another key refused",
      "compare gossip.key of the hosts' data directories"
    ),
  ]

  private static let records: [Line] = [
    .init("records_unreadable", "records passed over that cannot be read", "are all agents of one version?"),
    .init("instances_unreadable", "instances passed over that cannot be read", "are all agents of one version?"),
    .init("virtual_addresses_exhausted", "services left without a virtual address", "all of the range are taken"),
    .init(
      "records_refused_notAdmitted",
      "records of hosts that are not admitted refused",
      "weft members lists those that are"
    ),
    .init(
      "records_refused_badSignature",
      "records refused that their owner did not sign",
      "who sends them is in the journal"
    ),
    .init(
      "records_refused_flood",
      "messages refused of hosts that send more than they may",
      "who sends them is in the journal"
    ),
    .init("records_refused_clockAhead", "records from the future refused", "compare the clocks of the hosts"),
    .init(
      "records_refused_forked",
      "times a host's key was in use twice",
      "two agents run on one data directory's copy"
    ),
    .init(
      "records_refused_ownPastElsewhere",
      "records of this host's own past came back",
      "was its disk restored or copied?"
    ),
    .init("records_refused_forgottenHistory", "times a host had forgotten what it wrote", "was its disk restored?"),
  ]

  /// Connections from other hosts, and from who is none.
  private static let strangers: [Line] = [
    .init("peers_connections_refused", "connections beyond what one address or all may have refused", journal),
    .init(
      "peers_strangers_expired",
      "connections ended that never asked to be let in",
      "what probes the agents' port?"
    ),
    .init("peers_handshakes_failed", "handshakes failed of who is no host of the mesh", journal),
    .init(
      "peers_handshakes_expired",
      "handshakes given up that were not ended in time",
      "what probes the agents' port?"
    ),
    .init(
      "peers_certificates_refused",
      "certificates of other hosts refused",
      "the agent's journal says whose and why"
    ),
    .init(
      "peers_connections_distrusted",
      "connections ended whose root is believed no more",
      "the host renews, or joins again"
    ),
    .init(
      "peers_streams_distrusted",
      "streams ended whose certificate is believed no more",
      "the host renews, or joins again"
    ),
    .init("peers_streams_refused", "streams beyond what one connection may have refused", journal),
  ]

  private static let calls: [Line] = [
    .init("peers_unauthenticated", "calls refused of who shows no certificate of the mesh", journal),
    .init("peers_hellos_refused", "hosts refused that say to be another", "the agent's journal says who"),
    .init("peers_joins_refused", "joins refused", "is the token right, not expired and not used up?"),
    .init("peers_joins_limited", "joins refused because many came at once", "the hosts try again by themselves"),
    .init("peers_joins_limited_by_address", "joins refused because many came from one address", journal),
    .init(
      "peers_renewals_refused",
      "renewals of hosts' certificates refused",
      "the agent's journal says whose and why"
    ),
    .init("peers_signs_refused", "certificates for workloads not signed", "the agent's journal says for whom and why"),
    .init(
      "peers_signs_limited",
      "certificates for workloads put off because many were asked for",
      "which host asks so often?"
    ),
    .init("peers_tokens_refused", "tokens for workloads not signed", "the agent's journal says for whom and why"),
    .init(
      "peers_delegations_refused",
      "hosts refused that would sign",
      "is their user or roster right? See weft authority"
    ),
    .init(
      "peers_confirmations_refused",
      "confirmations of the roster refused",
      "the agent's journal says whose and why"
    ),
  ]

  private static let names: [Line] = [
    .init("names_over_share", "questions for names beyond a pod's share refused", "which pod asks so often?"),
    .init(
      "names_connections_over_share",
      "connections for names beyond a pod's share refused",
      "which pod asks so often?"
    ),
  ]
}
