/// A request to Serf's RPC, version 1, in its own words (`serf/command/agent/ipc.go` of Serf 0.8).
enum SerfRequest: Hashable, Sendable {
  /// Must come first.
  case handshake
  /// Must come second, where the agent has a key.
  case authenticate(String)
  case members
  /// Membership events, from now on.
  case stream
  case join([String])
  /// Leaves the mesh and ends the agent.
  case leave
  /// Makes a failed member one that left.
  case forceLeave(String)
  /// Sets these tags and leaves others as they are.
  case setTags([String: String])
  case stats

  /// The version of the protocol.
  static let version: Int64 = 1
  /// The events that `stream` asks for.
  static let events = ["member-join", "member-leave", "member-failed", "member-update", "member-reap"]

  /// The command's name.
  var command: String {
    switch self {
    case .handshake: "handshake"
    case .authenticate: "auth"
    case .members: "members"
    case .stream: "stream"
    case .join: "join"
    case .leave: "leave"
    case .forceLeave: "force-leave"
    case .setTags: "tags"
    case .stats: "stats"
    }
  }

  /// What follows the header; nil for a request without parameters.
  var body: MessagePack? {
    switch self {
    case .handshake: .record(["Version": .integer(Self.version)])
    case .authenticate(let key): .record(["AuthKey": .text(key)])
    case .stream: .record(["Type": .text(Self.events.joined(separator: ","))])
    case .join(let addresses):
      .record(["Existing": .array(addresses.map { .text($0) }), "Replay": .flag(false)])
    case .forceLeave(let name): .record(["Node": .text(name)])
    case .setTags(let tags):
      .record([
        "Tags": .map(tags.sorted { $0.key < $1.key }.map { .init(key: .text($0.key), value: .text($0.value)) }),
        "DeleteTags": .array([]),
      ])
    case .members, .leave, .stats: nil
    }
  }

  /// How long its answer may take, in milliseconds.
  var timeout_ms: UInt64 {
    switch self {
    case .join, .leave, .forceLeave: MembershipLimit.slowAnswer_ms
    default: MembershipLimit.answer_ms
    }
  }

  /// What its answer carries behind the header.
  var answer: SerfAnswer.Kind {
    switch self {
    case .members: .members
    case .join: .joined
    case .stats: .stats
    default: .done
    }
  }
}
