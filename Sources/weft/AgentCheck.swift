import MeshAPI

/// What came of asking the agent how it is.
struct AgentCheck: Encodable, Equatable {
  struct Proxy: Encodable, Equatable {
    let name: String
    let namespace: String
    let pid: UInt32
    let uid: UInt32
    let subscriptions: UInt32
    let pushes: UInt64
    let nacks: UInt64
    let lastNack: String
  }

  struct Status: Encodable, Equatable {
    let version: String
    let meshName: String
    let trustDomain: String
    let uptimeMs: UInt64
    let services: UInt32
    let endpoints: UInt32
    let documents: UInt32
    let membersAlive: UInt32
    let membersKnown: UInt32
    let proxies: [Proxy]
    let counters: [String: UInt64]
  }

  /// The host's name; empty where the agent did not answer.
  let agent: String
  let socket: String
  /// Sentences about what is wrong; empty where all is well.
  let problems: [String]
  /// Nil where the agent did not answer.
  let status: Status?

  init(_ reply: Weft_Agent_V1_StatusReply, socket: String) {
    self.socket = socket
    agent = reply.hostName
    problems = reply.warnings
    status = Status(
      version: reply.version,
      meshName: reply.meshName,
      trustDomain: reply.trustDomain,
      uptimeMs: reply.uptimeMs,
      services: reply.services,
      endpoints: reply.endpoints,
      documents: reply.documents,
      membersAlive: reply.membersAlive,
      membersKnown: reply.membersKnown,
      proxies: reply.proxies.map {
        Proxy(
          name: $0.name,
          namespace: $0.namespace,
          pid: $0.pid,
          uid: $0.uid,
          subscriptions: $0.subscriptions,
          pushes: $0.pushes,
          nacks: $0.nacks,
          lastNack: $0.lastNack
        )
      },
      counters: reply.counters
    )
  }

  init(failure: CommandFailure, socket: String) {
    self.socket = socket
    agent = ""
    problems = failure.lines
    status = nil
  }

  func text(_ style: Style) -> String {
    let verdict = problems.isEmpty ? style.good("well") : style.bad("look here")
    var lines = ["\(style.strong(Printable.text(agent.isEmpty ? "agent" : "agent \(agent)"))): \(verdict)"]
    if let status {
      lines += rows(status).map { label, value in
        "  \(style.faint(label.padded(to: 12)))\(Printable.text(value))"
      }
    }
    lines += problems.map { "  \(style.bad("!")) \(Printable.text($0))" }
    return lines.map { $0 + "\n" }.joined()
  }

  private func rows(_ status: Status) -> [(String, String)] {
    let age = Amounts.duration(milliseconds: Int64(clamping: status.uptimeMs))
    let counts = [
      Amounts.count(Int(status.services), "service", "services"),
      Amounts.count(Int(status.endpoints), "endpoint", "endpoints"),
      Amounts.count(Int(status.documents), "document", "documents"),
    ]
    let members = "\(status.membersAlive) of \(Amounts.count(Int(status.membersKnown), "host", "hosts")) alive"
    return [
      ("process", "weft-agent \(status.version), up \(age)"),
      ("mesh", "\(status.meshName), trust domain \(status.trustDomain), \(members)"),
      ("knows", counts.joined(separator: ", ")),
    ]
      + status.proxies.map { proxy in
        let name = proxy.namespace.isEmpty ? proxy.name : "\(proxy.namespace)/\(proxy.name)"
        let refused = proxy.nacks == 0 ? "" : ", \(proxy.nacks) refused, the last since \(proxy.lastNack)"
        let subscriptions = Amounts.count(Int(proxy.subscriptions), "subscription", "subscriptions")
        let pushes = Amounts.count(Int(clamping: proxy.pushes), "push", "pushes")
        return ("proxy", "\(name), pid \(proxy.pid), uid \(proxy.uid), \(subscriptions), \(pushes)\(refused)")
      } + AgentRefusals(status.counters).lines.map { ("refused", $0) }
  }
}
